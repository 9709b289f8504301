/** The table of README.md beside lsof, fuser, lslocks and getlock is what these tools say here and now. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { QUESTIONS } from "../../scripts/compare/questions.ts";
import { comparison, tableIn, tableOf } from "../../scripts/compare/table.ts";
import { TOOLS } from "../../scripts/compare/tools.ts";
import { ROOT } from "../support/root.ts";
import { repetitions } from "../support/soak.ts";

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

const ASKED = QUESTIONS.slice(0, repetitions(QUESTIONS.length, 3));

test(`the table of the README: ${ASKED.length} of its rows`, async () => {
  const compared = await comparison(ASKED);
  for (const why of compared.skipped) console.log(`skipped: ${why}`);
  const [shownTitles = [], , ...all] = cellsOf(tableIn(readFileSync(join(ROOT, "README.md"), "utf8")));
  const [titles = [], , ...rows] = cellsOf(tableOf(compared));
  expect(QUESTIONS.map(({ asks }) => asks)).toEqual(all.map(([asks]) => asks));
  const shown = all.slice(0, ASKED.length);
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
