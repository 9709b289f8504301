/** The table of the processes: its columns depend on the terminal alone. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HolderView } from "../../../../src/features/watch/holder-view.ts";
import { PLAIN } from "../../../../src/render/style.ts";
import { SCREEN_COLUMNS } from "../../../../src/render/watch/columns.ts";
import { fixedTable } from "../../../../src/render/watch/fixed-table.ts";
import widthOf from "../../../../src/render/width.ts";
import { lock } from "../../../support/report.ts";
import { figures, holderView } from "../../../support/watch-view.ts";

const WRITER = holderView({
  activity: "checkpointing",
  locks: [lock("WRITE"), lock("CKPT"), lock("READ1"), lock("SHARED"), lock("DMS")],
  heldMs: 3_599_000,
  atLeast: true,
  blocks: ["writers", "checkpoints", "journal-mode"],
  figures: figures({ times: 9999, totalMs: 3_599_000, longestMs: 3_599_000, atLeast: true, share: 1 }),
  command: "python3 manage.py import --all",
});

const table = (width: number, ...rows: HolderView[]) => fixedTable(SCREEN_COLUMNS, rows, { width, ellipsis: "…" });

/** Less the two columns of the mark, and the last one of the terminal. */
test.each([40, 60, 80, 100, 120, 140, 200])("in a terminal of %d columns", (columns) => {
  const { header, lines } = table(columns - 3, WRITER, holderView());
  expect([header, ...lines].map((line) => `|${line}`).join("\n")).toMatchSnapshot();
});

describe("no column moves, whatever the processes do", () => {
  const change = fc.record({
    pid: fc.integer({ min: 1, max: 4_194_304 }),
    heldMs: fc.option(fc.integer({ min: 0, max: 1e9 })),
    atLeast: fc.boolean(),
    command: fc.string(),
    figures: fc.option(fc.record({ times: fc.nat(), totalMs: fc.nat(), longestMs: fc.nat() }).map(figures)),
  });
  test("in each width the header is the same, and each line fits", () => {
    fc.assert(
      fc.property(change, fc.integer({ min: 20, max: 250 }), (row, width) => {
        const { header, lines } = table(width, holderView(row), WRITER);
        expect(header).toBe(table(width).header);
        for (const line of [header, ...lines]) expect(widthOf(line)).toBeLessThanOrEqual(width);
      }),
    );
  });

  test("the command begins in the same column", () => {
    for (const width of [77, 97, 117, 197]) {
      const at = table(width).header.indexOf("COMMAND");
      const [line = ""] = table(width, WRITER).lines;
      expect(line.slice(at)).toMatch(/^python3 man/);
    }
  });
});

test("each width that is reserved holds what is usual", () => {
  const texts = SCREEN_COLUMNS.filter(({ width }) => width !== undefined).map(({ name, value, width = 0, wide }) => [
    name,
    value(WRITER).length <= (wide?.width ?? width),
  ]);
  expect(texts.filter(([, fits]) => fits === false)).toEqual([]);
});

test("no style is needed", () => {
  expect(fixedTable(SCREEN_COLUMNS, [], { ...PLAIN, width: 77 }).lines).toEqual([]);
});
