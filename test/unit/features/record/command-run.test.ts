import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkCommand, foregroundOf } from "../../../../src/features/record/command-run.ts";
import { tempFolder } from "../../../support/temp.ts";

test("a command is looked for as the shell does", () => {
  const folder = tempFolder();
  writeFileSync(join(folder, "plain"), "");
  writeFileSync(join(folder, "tool"), "#!/bin/sh\n");
  chmodSync(join(folder, "tool"), 0o755);
  expect(() => checkCommand(["tool"], `/nowhere:${folder}`)).not.toThrow();
  expect(() => checkCommand([join(folder, "tool")], "")).not.toThrow();
  expect(() => checkCommand(["none"], folder)).toThrow('"none" cannot be found');
  expect(() => checkCommand([folder])).toThrow("is a folder");
  if (process.geteuid?.() === 0) chmodSync(join(folder, "plain"), 0o644);
  expect(() => checkCommand(["plain"], folder)).toThrow("cannot be executed");
});

test.each([
  ["7 (node) S 1 7 7 34816 7 4194304", true],
  ["7 (a) b) c) S 1 7 7 34816 9 4194304", false],
  ["7 (node) S 1 7 7 0 -1 4194304", false],
])("in the foreground of its terminal: %s", (stat, expected) => {
  expect(foregroundOf(stat)).toBe(expected);
});
