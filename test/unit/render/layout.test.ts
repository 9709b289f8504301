import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ColumnShape, cut, fitColumns, wrap } from "../../../src/render/layout.ts";
import widthOf from "../../../src/render/width.ts";

test("widthOf counts columns of the terminal", () => {
  expect([
    widthOf(""),
    widthOf("abc"),
    widthOf("käse"),
    widthOf("日本"),
    widthOf("😀"),
    widthOf("e\u0301"),
    widthOf("\x1b[31mred\x1b[39m"),
  ]).toEqual([0, 3, 4, 4, 2, 1, 3]);
});

/** Words of letters that one column or two are wide. */
const word = fc.string({
  unit: fc.constantFrom("a", "B", "ä", "日", "_", ":", "e\u0301"),
  minLength: 1,
  maxLength: 12,
});

const list = fc.array(fc.tuple(word, fc.constantFrom(" ", ", ", ",", "-")), { minLength: 1, maxLength: 12 });

describe("wrap", () => {
  test("behind spaces, commas and hyphens", () => {
    expect(wrap("SHARED, RESERVED, PENDING", 17)).toBe("SHARED, RESERVED,\nPENDING");
    expect(wrap("database:3,7,9, wal:4", 13)).toBe("database:3,7,\n9, wal:4");
    expect(wrap("journal-mode", 8)).toBe("journal-\nmode");
    expect(wrap("EXCLUSIVE", 3)).toBe("EXCLUSIVE");
    expect(wrap("0.3 s", 3)).toBe("0.3 s"); // a number stays with its unit
    expect(wrap("5 m 29 s", 4)).toBe("5 m\n29 s");
    expect(wrap("2026-11-22 17:09:49", 10)).toBe("2026-11-22\n17:09:49");
    expect(wrap("", 3)).toBe("");
    expect(wrap("a b", Number.POSITIVE_INFINITY)).toBe("a b");
  });

  test("property: no line is wider, unless it is one piece; and no word is lost or broken", () => {
    fc.assert(
      fc.property(list, fc.integer({ min: 1, max: 40 }), (words, width) => {
        const text = words.map(([each, separator]) => each + separator).join("");
        const lines = wrap(text, width).split("\n");
        for (const line of lines) if (widthOf(line) > width) expect(line.slice(0, -1)).not.toMatch(/[ ,-]/);
        expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
      }),
    );
  });
});

describe("cut", () => {
  test("with an ellipsis, not inside a character", () => {
    expect(cut("python manage.py", 10, "...")).toBe("python ...");
    expect(cut("python", 6, "...")).toBe("python");
    expect(cut("python", 5, "…")).toBe("pyth…");
    expect(cut("日本語です", 6, "…")).toBe("日本…");
    expect(cut("👩‍👩‍👧 family", 4, "…")).toBe("👩‍👩‍👧 …");
  });

  test("property: never wider, and a beginning of the text", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        fc.integer({ min: 3, max: 30 }),
        fc.constantFrom("...", "…"),
        (text, width, ellipsis) => {
          const short = cut(text, width, ellipsis);
          expect(widthOf(short)).toBeLessThanOrEqual(width);
          if (short !== text) {
            expect(short.endsWith(ellipsis)).toBe(true);
            expect(text.startsWith(short.slice(0, -ellipsis.length))).toBe(true);
          }
        },
      ),
    );
  });
});

describe("fitColumns", () => {
  const sum = (widths: readonly number[]) => widths.reduce((total, width) => total + width, 0);
  const command: ColumnShape = { header: "COMMAND", texts: ["x".repeat(100)], cut: true };
  const locks: ColumnShape = { header: "LOCKS", texts: ["SHARED, RESERVED, PENDING, EXCLUSIVE"], cut: false };

  test("as wide as its texts where there is room", () => {
    expect(fitColumns([command, locks], Number.POSITIVE_INFINITY)).toEqual([100, 36]);
    expect(fitColumns([{ header: "PID", texts: ["1"], cut: false }], 80)).toEqual([3]);
    expect(fitColumns([], 80)).toEqual([]);
  });

  test("what may be cut gives way first, then lists break, then the cut gives way more", () => {
    expect(fitColumns([command, locks], 80)).toEqual([44, 36]);
    expect(fitColumns([command, locks], 60)).toEqual([24, 36]);
    expect(fitColumns([command, locks], 40)).toEqual([24, 16]);
    expect(fitColumns([command, locks], 20)).toEqual([11, 9]);
    expect(fitColumns([command, locks], 5)).toEqual([8, 9]); // EXCLUSIVE and "RESERVED," stay whole
  });

  test("a column may become narrower where that keeps each row on one line, and else not", () => {
    const narrow = { ...command, least: 12 };
    expect(fitColumns([narrow, locks], 50)).toEqual([14, 36]);
    expect(fitColumns([narrow, locks], 48)).toEqual([12, 36]);
    expect(fitColumns([narrow, locks], 47)).toEqual([24, 23]);
  });

  const column: fc.Arbitrary<ColumnShape> = fc.record({
    header: fc.constantFrom("PID", "LOCKS", "COMMAND"),
    texts: fc.array(
      list.map((words) => words.map(([each, separator]) => each + separator).join("")),
      { maxLength: 4 },
    ),
    cut: fc.boolean(),
  });

  test("property: fits if it can; each column has room for its header and, if not cut, for its widest word", () => {
    fc.assert(
      fc.property(
        fc.array(column, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 200 }),
        (columns, available) => {
          const widths = fitColumns(columns, available);
          const natural = fitColumns(columns, Number.POSITIVE_INFINITY);
          const least = fitColumns(columns, 0);
          expect(sum(widths)).toBeLessThanOrEqual(Math.max(available, sum(least)));
          if (sum(natural) <= available) expect(widths).toEqual(natural);
          columns.forEach(({ header, texts, cut: mayCut }, i) => {
            const width = widths[i] ?? 0;
            expect(width).toBeGreaterThanOrEqual(widthOf(header));
            for (const text of mayCut ? [] : texts)
              for (const line of wrap(text, width).split("\n")) expect(widthOf(line)).toBeLessThanOrEqual(width);
          });
        },
      ),
    );
  });
});
