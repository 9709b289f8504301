/** `npm run docs`: writes docs/errors.md and docs/findings.md. With --check it only says whether they are current. */
import { readFileSync, writeFileSync } from "node:fs";
import { errorsPage, findingsPage } from "../src/explain/docs.ts";
import { ENTRIES } from "../src/explain/entries/index.ts";
import { FINDING_PAGES } from "../src/explain/pages.ts";

const pages = { "docs/errors.md": errorsPage(ENTRIES), "docs/findings.md": findingsPage(FINDING_PAGES, ENTRIES) };

for (const [path, text] of Object.entries(pages)) {
  if (!process.argv.includes("--check")) {
    writeFileSync(path, text);
  } else if (current(path) !== text) {
    console.error(`${path} is not what src/explain says: npm run docs`);
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
