import { describe, expect, test } from "vitest";
import { CHECK_NAMES } from "../../../../src/features/integrity/report.ts";
import { CHECK_RULES } from "../../../../src/render/integrity/rules.ts";

test("a rule for every check", () => {
  expect(Object.keys(CHECK_RULES).sort()).toEqual([...CHECK_NAMES].sort());
});

describe.each(CHECK_NAMES)("%s", (name) => {
  const { title, meaning, help } = CHECK_RULES[name];

  test("the title is a heading, the rest are sentences, each on one line", () => {
    expect(title).toMatch(/^[A-Z][^\n]*[^.\n]$/);
    for (const text of [meaning, help]) expect(text).toMatch(/^[A-Z][^\n]*\.$/);
  });
});

test("only an error of the checks themselves would be a warning", () => {
  expect([...new Set(Object.values(CHECK_RULES).map(({ level }) => level))]).toEqual(["error"]);
});

test("no help deletes a companion file, and a repair is tried on a copy", () => {
  for (const { help } of Object.values(CHECK_RULES)) {
    expect(help).not.toMatch(/\brm\b/);
    if (help.includes(".recover")) expect(help).toContain("sqlite3 copy.db .recover");
  }
  expect(CHECK_RULES["companion-files"].help).toContain("Never delete or move companion files without their database.");
});
