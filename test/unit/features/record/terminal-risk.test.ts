import { expect, test } from "vitest";
import { allowsTyping } from "../../../../src/features/record/terminal-risk.ts";

test.each<[string | null, string, boolean]>([
  ["1\n", "6.18.0", true],
  ["0\n", "6.18.0", false],
  [null, "6.1.0-18-amd64", true],
  [null, "5.15.0-100-generic", true],
  [null, "6.2.0", false],
  [null, "7.0-rc1", false],
])("with the setting %j, Linux %s lets a program type at its terminal: %j", (setting, kernel, expected) => {
  expect(allowsTyping(setting, kernel)).toBe(expected);
});
