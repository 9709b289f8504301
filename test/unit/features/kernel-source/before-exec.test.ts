/** A child of a fork is called as its parent until it executes a program of its own. */
import { expect, test } from "vitest";
import { BeforeExec, isAnotherProgram } from "../../../../src/features/kernel-source/before-exec.ts";
import type { ProcessIdentity } from "../../../../src/recording/source-event.ts";

const python: ProcessIdentity = {
  ...{ pid: 7, startTicks: 100n, name: "python3", commandLine: ["python3", "app.py"] },
  ...{ user: null, uid: null, unit: null, unitManager: null, unitUid: null, container: null },
};
const shell: ProcessIdentity = { ...python, name: "sqlite3", commandLine: ["sqlite3", "a.db"] };

test("met as it closed what it inherited, it is asked again, once, when it takes a lock", () => {
  const beforeExec = new BeforeExec();
  beforeExec.met(python, { operation: "unlock" });
  expect(beforeExec.before({ pid: 7, operation: "unlock" })).toBeNull();
  expect(beforeExec.before({ pid: 8, operation: "read" })).toBeNull();
  expect(beforeExec.before({ pid: 7, operation: "read" })).toBe(python);
  expect(beforeExec.before({ pid: 7, operation: "read" })).toBeNull();
});

test("met as it took a lock, or ended since, it is not asked again", () => {
  const beforeExec = new BeforeExec();
  beforeExec.met(python, { operation: "write" });
  expect(beforeExec.before({ pid: 7, operation: "read" })).toBeNull();
  beforeExec.met(python, { operation: "unlock" });
  beforeExec.ended(7);
  expect(beforeExec.before({ pid: 7, operation: "read" })).toBeNull();
});

test.each([
  ["another program", shell, true],
  ["the same", { ...python, commandLine: [...(python.commandLine ?? [])] }, false],
  ["another process with its number", { ...shell, startTicks: 101n }, false],
  ["it has ended", { ...shell, startTicks: null, name: null }, false],
])("%s", (_, now, expected) => {
  expect(isAnotherProgram(python, now)).toBe(expected);
});
