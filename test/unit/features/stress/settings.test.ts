import { expect, test } from "vitest";
import { UserError } from "../../../../src/errors.ts";
import { planOf, type StressOptions } from "../../../../src/features/stress/settings.ts";

const plan = (options: StressOptions = {}, hasDatabase = false) => planOf(options, { hasDatabase, newSeed: 42 });

test("defaults", () => {
  expect(plan()).toEqual({
    settings: {
      writers: 4,
      readers: 4,
      durationMs: 10_000,
      journalMode: "delete",
      transaction: "deferred",
      readThenWrite: false,
      busyTimeoutMs: 5000,
      holdMs: 0,
      thinkMs: 0,
      rows: 1,
      threads: 1,
      killEveryMs: null,
      seed: 42,
    },
    matrix: null,
    dir: null,
    inPlace: false,
    yes: false,
    timeoutMs: 600_000,
  });
  expect(plan({}, true).settings.journalMode).toBeNull();
});

test("a matrix: all combinations, of the lists that are given and of the usual ones", () => {
  expect(plan({ matrix: true }).matrix).toHaveLength(12);
  expect(
    plan({ matrix: true, journalMode: "wal", transaction: "deferred,immediate", busyTimeout: "0,1s" }).matrix,
  ).toEqual([
    { journalMode: "wal", transaction: "deferred", busyTimeoutMs: 0 },
    { journalMode: "wal", transaction: "deferred", busyTimeoutMs: 1000 },
    { journalMode: "wal", transaction: "immediate", busyTimeoutMs: 0 },
    { journalMode: "wal", transaction: "immediate", busyTimeoutMs: 1000 },
  ]);
});

test.each<[string, StressOptions, string]>([
  ["no writers", { writers: "0" }, '--writers "0" is out of range'],
  ["too many readers", { readers: "1001" }, '--readers "1001" is out of range'],
  ["no number", { rows: "x" }, '--rows "x" is out of range'],
  ["not a whole number", { threads: "1.5" }, '--threads "1.5" is out of range'],
  ["a negative number", { seed: "-1" }, '--seed "-1" is out of range'],
  ["too short", { duration: "50ms" }, '--duration "50ms" is too short'],
  ["too long", { duration: "25h" }, '--duration "25h" is not a time'],
  ["no time at all", { timeout: "0" }, '--timeout "0" is not a time'],
  ["kills too often", { killEvery: "1ms" }, '--kill-every "1ms" is too short'],
  ["held for too long", { hold: "2h" }, '--hold "2h" is too long'],
  ["another mode", { journalMode: "memory" }, '--journal-mode "memory" is not one of wal, delete'],
  [
    "another kind",
    { transaction: "concurrent" },
    '--transaction "concurrent" is not one of deferred, immediate, exclusive',
  ],
  ["a list without a matrix", { busyTimeout: "0,5s" }, '--busy-timeout "0,5s": several values need --matrix'],
  ["in place without a database", { inPlace: true }, "--in-place needs a database"],
  ["--yes without --in-place", { yes: true }, "--yes needs --in-place"],
])("%s", (_, options, message) => {
  expect(() => plan(options)).toThrow(message);
  expect(() => plan(options)).toThrow(UserError);
});

test("--in-place excludes --matrix and --dir", () => {
  expect(() => plan({ inPlace: true, matrix: true }, true)).toThrow("exclude each other");
  expect(() => plan({ inPlace: true, dir: "/tmp" }, true)).toThrow("exclude each other");
});
