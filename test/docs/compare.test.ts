/** The table of README.md beside lsof, fuser, lslocks and getlock is what these tools say here and now. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { comparison, tableIn, tableOf } from "../../scripts/compare/table.ts";
import { TOOLS } from "../../scripts/compare/tools.ts";
import { ROOT } from "../support/root.ts";

/** Cells by row. */
const cellsOf = (table: string) =>
  table
    .trim()
    .split("\n")
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

test("the table of the README", { timeout: 180_000 }, async () => {
  const compared = await comparison();
  for (const why of compared.skipped) console.log(`skipped: ${why}`);
  const [shownTitles = [], , ...shown] = cellsOf(tableIn(readFileSync(join(ROOT, "README.md"), "utf8")));
  const [titles = [], , ...rows] = cellsOf(tableOf(compared));
  expect(rows.map(([asks]) => asks)).toEqual(shown.map(([asks]) => asks));
  for (const [i, tool] of TOOLS.entries()) {
    const column = i + 1;
    if (titles[column] !== shownTitles[column]) {
      console.log(`skipped: the README is of ${shownTitles[column]}, and here is ${titles[column]}`);
      continue;
    }
    const answers = rows.map((cells, row) => [cells[0], cells[column] === "?" ? shown[row]?.[column] : cells[column]]);
    expect(answers, tool).toEqual(shown.map((cells) => [cells[0], cells[column]]));
  }
});
