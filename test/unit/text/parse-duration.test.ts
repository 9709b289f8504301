import fc from "fast-check";
import { expect, test } from "vitest";
import { UserError } from "../../../src/errors.ts";
import { parseDuration } from "../../../src/text/parse-duration.ts";
import { CODE_POINT } from "../../support/code-point.ts";

test.each([
  ["30s", 30_000],
  ["30", 30_000],
  ["500ms", 500],
  ["1.5m", 90_000],
  ["1h", 3_600_000],
  ["24h", 86_400_000],
  [" 5s ", 5000],
  ["0.5", 500],
])("%j is %i ms", (text, ms) => {
  expect(parseDuration("--wait", text)).toBe(ms);
});

test.each([
  "",
  "s",
  "0",
  "0ms",
  "-1s",
  "25h",
  "86401",
  "1e3s",
  "1,5s",
  "5 s",
  "5S",
  "1d",
  ".5s",
  "5.",
  "١s",
  "Infinity",
  "NaN",
  "0x10",
  "9".repeat(400),
])("%j is no time", (text) => {
  expect(() => parseDuration("--wait", text)).toThrow(UserError);
});

test("an option that takes days", () => {
  expect(parseDuration("--keep", "7d", { days: 30 })).toBe(7 * 86_400_000);
  expect(parseDuration("--keep", "36h", { days: 30 })).toBe(36 * 3_600_000);
  expect(() => parseDuration("--keep", "31d", { days: 30 })).toThrow('--keep "31d" is not a time');
});

test("the message names the option and quotes the text", () => {
  expect(() => parseDuration("--wait", "soon")).toThrow('--wait "soon" is not a time');
});

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, "": 1000 };

test("property: a number and a unit are their product, up to a day", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100_000_000 }),
      fc.constantFrom<keyof typeof UNITS>("ms", "s", "m", "h", ""),
      (number, unit) => {
        const ms = number * UNITS[unit];
        if (ms <= 86_400_000) expect(parseDuration("--wait", `${number}${unit}`)).toBe(ms);
        else expect(() => parseDuration("--wait", `${number}${unit}`)).toThrow(UserError);
      },
    ),
  );
});

test("property: any text is a time of at most a day or a UserError", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: CODE_POINT }), fc.stringMatching(/^[\d.]*(ms|s|m|h)?$/)), (text) => {
      try {
        const ms = parseDuration("--wait", text);
        expect(ms > 0 && ms <= 86_400_000).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    }),
  );
});
