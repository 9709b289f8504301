/**
 * `npm run docs`: writes the pages and the lists of words in the schemas that are made from the program's own data, and
 * the bundled schemas, and wraps the paragraphs of all Markdown.
 * With --check it only says whether they are current.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { COMMANDS } from "../src/cli/descriptions/index.ts";
import { errorsMarkdown, findingsMarkdown } from "../src/features/explain/docs.ts";
import { ENTRIES } from "../src/features/explain/entries/index.ts";
import { FINDING_PAGES } from "../src/features/explain/finding-pages/index.ts";
import { VERSION } from "../src/version.ts";
import { bundled } from "./bundle-schema.ts";
import { commandsMarkdown } from "./commands-markdown.ts";
import { manPage } from "./man.ts";
import { SCHEMAS_WITH_WORDS, withCurrentWords } from "./schema-words.ts";
import { wrapMarkdown } from "./wrap-markdown.ts";

/** Of the version. */
const DATE = /^## \S+ \((\d{4}-\d\d-\d\d)\)/m.exec(readFileSync("CHANGELOG.md", "utf8"))?.[1] ?? "";

const generated = new Map([
  ["docs/commands.md", wrapMarkdown(commandsMarkdown(COMMANDS))],
  ["docs/errors.md", wrapMarkdown(errorsMarkdown(ENTRIES))],
  ["docs/findings.md", wrapMarkdown(findingsMarkdown(FINDING_PAGES, ENTRIES))],
  ["man/sqlock.1", manPage(COMMANDS, { version: VERSION, date: DATE })],
]);

const written = ["README.md", "CHANGELOG.md", ...readdirSync("docs").map((name) => `docs/${name}`)]
  .filter((path) => path.endsWith(".md") && !generated.has(path))
  .map((path) => [path, wrapMarkdown(readFileSync(path, "utf8"))] as const);

const schemas = SCHEMAS_WITH_WORDS.map((path) => [path, withCurrentWords(path, readFileSync(path, "utf8"))] as const);

const withWords = new Map(schemas);

const parsed = readdirSync("docs")
  .filter((name) => name.endsWith(".schema.json"))
  .map((name) => ({ name, schema: JSON.parse(withWords.get(`docs/${name}`) ?? readFileSync(`docs/${name}`, "utf8")) }));

/** On one line: they are for validators. */
const bundles = parsed.flatMap(({ name, schema }) => {
  const bundle = bundled(
    schema,
    parsed.map((each) => each.schema),
  );
  return bundle === null ? [] : [[`docs/bundled/${name}`, `${JSON.stringify(bundle)}\n`] as const];
});

for (const [path, text] of [...generated, ...written, ...schemas, ...bundles]) {
  if (current(path) === text) continue;
  if (process.argv.includes("--check")) {
    console.error(`${path} is out of date: run npm run docs`);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    if (SCHEMAS_WITH_WORDS.includes(path))
      execFileSync("node_modules/.bin/biome", ["format", "--write", path], { stdio: "ignore" });
  }
}

function current(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null; // there is none yet
  }
}
