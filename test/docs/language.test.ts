/**
 * The language of the pages, the help, the manual page, the schemas and the sentences of the program: phrases that a
 * native reader stumbles over, and words for people where a process is meant, do not come back.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../support/root.ts";
import { PAGES } from "./pages.ts";

/** Words for people where a process is meant, and words of the code: in texts about the program. */
const INSTEAD_IN_PAGES: readonly (readonly [RegExp, string])[] = [
  [/\bwhom\b(?! you\b)/i, "which process(es)"],
  [/\b(whoever|somebody|someone|anybody|anyone|everybody)\b/i, "a process, another process, every process"],
  [/\bnobody (is|was|who|blocks|holds|sees|keeps|waits)\b/i, "no process"],
  [/\bwho (holds|blocks|has|is to be|is in the way|waits|takes|keeps)\b/i, "which process"],
  [/\b(cures?|cured|remed(y|ies))\b/i, "fix"],
];

/** A phrase, and what to write instead. */
const INSTEAD: readonly (readonly [RegExp, string])[] = [
  [/(?<!same \w+ )\bas before\b/i, "still"],
  [/\b(looked (into|at)|looks? into)\b/i, "inspected, checked"],
  [/\b(is|are) to be (ended|opened|asked|read|found|seen|signalled)\b/i, "should be"],
  [/\ba (line|file) an? \w+\b(?! of)/i, "one line per …"],
  [/\bmend(ed|s)?\b/i, "fixed"],
  [/\bbehind a command\b/i, "after the command"],
  [/\bsince when\b/i, "for how long"],
  [/\bwhat (each|its|their) ends? costs?\b/i, "what ending it would lose"],
  [/\bgo(es)? past what\b/i, "overrides"],
  [/\bbrings? about\b/i, "causes"],
  [/\bprobably\b/i, "likely: one word for one degree of certainty"],
  [/\ban SQLite\b/, "a SQLite"],
  [/\bnobody visible\b/i, "no process that can be seen"],
  [/\bas which (user|the|all|root)\b/i, "the user that … as"],
  [/\bthe watching\b/i, "watch, recording"],
  [/\b(spoke|speaks?) against\b/i, "obstacles"],
  [/\bwent past\b/i, "overrode"],
  [/\bnone of SQLite's\b(?= *[:,;.])/i, "not one of SQLite's"],
  [/\bthe other way round\b/i, "vice versa"],
  [/\bbetween two tries\b/i, "between attempts"],
  [/\bfor so long\b/i, "for this long"],
  [/\banother file than\b/i, "a different file"],
  [/\bwhen all is done\b/i, "at the end"],
  [/\bgoe?s? away with\b/i, "ends with"],
  [/\bno longer so\b/i, "resolved"],
  [/\bin its best way\b/i, "with its most suitable options"],
];

/** Without code: console blocks are output of the program, which has its own tests. */
const prose = (text: string) => text.replace(/^( *)(```+).*?^\1\2$/gms, "").replace(/`[^`\n]+`/g, "`…`");

/** The descriptions of a schema, one per line. */
function descriptionsOf(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) =>
    key === "description" && typeof value === "string" ? [value] : descriptionsOf(value),
  );
}

const SCHEMAS = readdirSync(join(ROOT, "docs"))
  .filter((name) => name.endsWith(".schema.json"))
  .map((name) => {
    const descriptions = descriptionsOf(JSON.parse(readFileSync(join(ROOT, "docs", name), "utf8")));
    return { path: `docs/${name}`, text: descriptions.join("\n\n") };
  });

/** The strings of the folders that make sentences; what is put into them is left out. */
const sentencesOf = (folder: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => {
      const source = readFileSync(join(ROOT, folder, name), "utf8").replace(/\/\*.*?\*\/|^\s*\/\/.*$/gms, "");
      const strings = [...source.matchAll(/"(?:[^"\\\n]|\\.)* (?:[^"\\\n]|\\.)*"|`[^`]* [^`]*`/g)].map(
        ([text]) => text,
      );
      return { path: `${folder}/${name}`, text: strings.join("\n\n").replace(/\$\{[^}]*\}|`/g, "") };
    });

const SENTENCES = [
  "src/findings",
  "src/render",
  "src/text",
  "src/prompt",
  "src/commands",
  "src/cli",
  "src/observe",
  "src/features/record",
].flatMap(sentencesOf);

/** A recording is about processes alone. */
const SENTENCES_OF_RECORDINGS = ["src/render/record", "src/features/record"].flatMap(sentencesOf);

const TEXTS: readonly { readonly path: string; readonly text: string }[] = [
  ...PAGES,
  { path: "CHANGELOG.md", text: readFileSync(join(ROOT, "CHANGELOG.md"), "utf8") },
  { path: "man/sqlock.1", text: readFileSync(join(ROOT, "man/sqlock.1"), "utf8") },
  ...SCHEMAS,
];

function phrasesIn(text: string, phrases = INSTEAD): string[] {
  const lines = prose(text)
    .replace(/\n(?=\S)/g, " ")
    .split("\n");
  return phrases.flatMap(([pattern, better]) =>
    lines.flatMap((line) => {
      const [hit] = pattern.exec(line) ?? [];
      return hit === undefined ? [] : [`${hit}: ${better} (${line.trim().slice(0, 100)})`];
    }),
  );
}

test.each(TEXTS)("$path", ({ text }) => {
  expect(phrasesIn(text, [...INSTEAD_IN_PAGES, ...INSTEAD])).toEqual([]);
});

test("the sentences of the program", () => {
  expect(SENTENCES.flatMap(({ path, text }) => phrasesIn(text).map((phrase) => `${path}: ${phrase}`))).toEqual([]);
});

test("the sentences of a recording: no word for people where a process is meant", () => {
  expect(
    SENTENCES_OF_RECORDINGS.flatMap(({ path, text }) =>
      phrasesIn(text, INSTEAD_IN_PAGES).map((phrase) => `${path}: ${phrase}`),
    ),
  ).toEqual([]);
});
