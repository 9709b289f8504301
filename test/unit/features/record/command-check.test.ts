import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkCommand, type Problem, placesOf, theProblem } from "../../../../src/features/record/command-check.ts";
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

test("where a command may be", () => {
  expect(placesOf("tool", "/bin::/opt/x")).toEqual(["/bin/tool", "tool", "/opt/x/tool"]);
  expect(placesOf("./tool", "/bin")).toEqual(["./tool"]);
});

test.each<[(Problem | null)[], Problem | null]>([
  [["not-found", null], null],
  [["not-executable", "interpreter", null], null],
  [["not-found", "closed", "folder"], "closed"],
  [["not-found", "not-found"], "not-found"],
  [[], "not-found"],
])("of %j it is %j", (problems, expected) => {
  expect(theProblem(problems)).toBe(expected);
});
