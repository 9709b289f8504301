/**
 * `npm run compare`: asks lsof, fuser, lslocks, SQLite's getlock and sqlock the same questions, and writes the answers
 * into README.md.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../test/support/root.ts";
import { comparison, tableOf, withTable } from "./table.ts";

const README = join(ROOT, "README.md");

const compared = await comparison();
const table = tableOf(compared);
console.log(table);
if (compared.skipped.length === 0) {
  writeFileSync(README, withTable(readFileSync(README, "utf8"), table));
} else {
  console.error(`README.md was not changed. ${compared.skipped.join("; ")}`);
  process.exitCode = 1;
}
