import { expect, test } from "vitest";
import { bashScript } from "../../../src/cli/completion/bash.ts";
import { fishScript } from "../../../src/cli/completion/fish.ts";
import { choicesOf, inQuotes, optionsOf, takesDatabase } from "../../../src/cli/completion/words.ts";
import { zshScript } from "../../../src/cli/completion/zsh.ts";
import type { CommandDescription } from "../../../src/cli/description.ts";

const COMMAND: CommandDescription = {
  name: "check",
  group: "Check",
  brief: "check: it's a test",
  summary: "check",
  arguments: [
    { name: "<database...>", text: "a database", completes: "database" },
    { name: "[mode]", text: "a mode", choices: ["wal", "delete"] },
  ],
  groups: [
    {
      title: "Output",
      options: [
        { flags: "-q, --quiet", text: "print nothing" },
        { flags: "--reporter <name>", text: "how it prints", choices: ["text", "json"] },
        { flags: "--pid <pid...>", text: "these" },
        { flags: "--output <file>", text: "to a file", completes: "file" },
        { flags: "--old <x>", text: "another name", hidden: true },
      ],
    },
  ],
  sections: [],
  examples: [],
  exitCodes: [],
};

test("options as words: without hidden ones, with help", () => {
  expect(optionsOf(COMMAND).map(({ short, long, takesValue, repeats }) => [short, long, takesValue, repeats])).toEqual([
    ["q", "quiet", false, false],
    [null, "reporter", true, false],
    [null, "pid", true, true],
    [null, "output", true, false],
    ["h", "help", false, false],
  ]);
  expect(choicesOf(COMMAND)).toEqual(["wal", "delete"]);
  expect(takesDatabase(COMMAND)).toBe(true);
});

test("texts in single quotes, without characters that would end them", () => {
  expect(inQuotes("it's a \\test")).toBe("'it’s a test'");
});

test.each([
  ["bash", bashScript([COMMAND]), ['--reporter) _sqlock_words "text json"', "-q --quiet --reporter", '"check help']],
  [
    "fish",
    fishScript([COMMAND]),
    ["-l reporter -x -a 'text json'", "-s q -l quiet -d 'print nothing'", "-l output -r -F"],
  ],
  ["zsh", zshScript([COMMAND]), ["'check:check: it’s a test'", "(text json)"]],
])("%s: names, values and texts", (_, script, words) => {
  for (const word of words) expect(script).toContain(word);
  expect(script).not.toContain("--old");
});
