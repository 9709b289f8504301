/**
 * The language of the pages, the help and the manual page: phrases that a native reader stumbles over, and words for
 * people where a process is meant, do not come back.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../support/root.ts";
import { PAGES } from "./pages.ts";

/** A phrase, and what to write instead. */
const INSTEAD: readonly (readonly [RegExp, string])[] = [
  [/\bwhom\b(?! you\b)/i, "which process(es)"],
  [/\b(whoever|somebody|someone|anybody|anyone|everybody)\b/i, "a process, another process, every process"],
  [/\bnobody (is|was|who|blocks|holds|sees|keeps|waits)\b/i, "no process"],
  [/\bwho (holds|blocks|has|is to be|is in the way|waits|takes|keeps)\b/i, "which process"],
  [/\bas before\b/i, "still"],
  [/\b(looked (into|at)|looks? into)\b/i, "inspected, checked"],
  [/\b(is|are) to be (ended|opened|asked|read|found|seen|signalled)\b/i, "should be"],
  [/\ba (line|file) an? \w+\b(?! of)/i, "one line per …"],
  [/\bmend(ed|s)?\b/i, "fixed"],
  [/\bbehind a command\b/i, "after the command"],
  [/\bsince when\b/i, "for how long"],
  [/\bwhat (each|its|their) ends? costs?\b/i, "what ending it would lose"],
  [/\bgo(es)? past what\b/i, "overrides"],
  [/\bbrings? about\b/i, "causes"],
];

/** Without code: console blocks are output of the program, which has its own tests. */
const prose = (text: string) => text.replace(/^( *)(```+).*?^\1\2$/gms, "").replace(/`[^`\n]+`/g, "`…`");

const TEXTS: readonly { readonly path: string; readonly text: string }[] = [
  ...PAGES,
  { path: "CHANGELOG.md", text: readFileSync(join(ROOT, "CHANGELOG.md"), "utf8") },
  { path: "man/sqlock.1", text: readFileSync(join(ROOT, "man/sqlock.1"), "utf8") },
];

test.each(TEXTS)("$path", ({ text }) => {
  const lines = prose(text)
    .replace(/\n(?=\S)/g, " ")
    .split("\n");
  const found = INSTEAD.flatMap(([pattern, better]) =>
    lines.flatMap((line) => {
      const [hit] = pattern.exec(line) ?? [];
      return hit === undefined ? [] : [`${hit}: ${better} (${line.trim().slice(0, 100)})`];
    }),
  );
  expect(found).toEqual([]);
});
