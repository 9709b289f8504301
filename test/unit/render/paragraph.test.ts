import { expect, test } from "vitest";
import { paragraph } from "../../../src/render/paragraph.ts";

test("broken at blanks, with an indent, and never inside of a time or between a number and its unit", () => {
  expect(paragraph("none of its threads has run for 3 m 48 s: forgotten", "  ", { width: 38 })).toBe(
    "none of its threads has run for\n  3 m 48 s: forgotten",
  );
  expect(paragraph("the WAL has grown by some 11 MiB since", "", { width: 28 })).toBe(
    "the WAL has grown by some\n11 MiB since",
  );
  expect(paragraph("as wide as it is", "  ", { width: Number.POSITIVE_INFINITY })).toBe("as wide as it is");
});
