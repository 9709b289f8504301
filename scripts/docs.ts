/**
 * `npm run docs`: writes the pages that are made of the program's own data. With --check it only says whether they are
 * current.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { loadHelp } from "../src/cli/description.ts";
import { COMMANDS } from "../src/cli/descriptions/index.ts";
import { errorsMarkdown, findingsMarkdown } from "../src/features/explain/docs.ts";
import { ENTRIES } from "../src/features/explain/entries/index.ts";
import { FINDING_PAGES } from "../src/features/explain/finding-pages/index.ts";
import { VERSION } from "../src/version.ts";
import { commandsMarkdown } from "./commands-markdown.ts";
import { manPage } from "./man.ts";

/** Of the version. */
const DATE = /^## \S+ \((\d{4}-\d\d-\d\d)\)/m.exec(readFileSync("CHANGELOG.md", "utf8"))?.[1] ?? "";

const commands = await Promise.all(COMMANDS.map(loadHelp));

const pages = {
  "docs/commands.md": commandsMarkdown(commands),
  "man/sqlock.1": manPage(commands, { version: VERSION, date: DATE }),
  "docs/errors.md": errorsMarkdown(ENTRIES),
  "docs/findings.md": findingsMarkdown(FINDING_PAGES, ENTRIES),
};

for (const [path, text] of Object.entries(pages)) {
  if (!process.argv.includes("--check")) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } else if (current(path) !== text) {
    console.error(`${path} is not current: npm run docs`);
    process.exitCode = 1;
  }
}

function current(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null; // there is none yet
  }
}
