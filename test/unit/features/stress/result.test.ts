import { expect, test } from "vitest";
import { uncheckedResult } from "../../../../src/features/integrity/result.ts";
import { addKilled, NONE_KILLED } from "../../../../src/features/stress/killed-workers.ts";
import { Measurement } from "../../../../src/features/stress/measurement.ts";
import type { StressRecord } from "../../../../src/features/stress/records.ts";
import { compareResults, isOutOfTime, isSound, resultOf } from "../../../../src/features/stress/result.ts";
import { checkResult, stressResult, stressSettings } from "../../../support/stress-result.ts";

const RECORD: StressRecord = {
  kind: "commit",
  role: "writer",
  worker: 1,
  number: 1,
  atMs: 10,
  waitingUs: 100,
  workingUs: 900,
  retries: 0,
  phase: "write",
  code: "SQLITE_BUSY",
};

test("a measurement becomes a result", () => {
  const measurement = new Measurement(5000);
  measurement.startRound(2000);
  measurement.add(RECORD, 0);
  measurement.add({ ...RECORD, retries: 2 }, 1);
  measurement.add({ ...RECORD, kind: "read", role: "reader" }, null);
  measurement.add({ ...RECORD, kind: "failure" }, null);
  measurement.add({ ...RECORD, kind: "failure", phase: "commit" }, null);
  measurement.add({ ...RECORD, kind: "failure", role: "reader", code: "SQLITE_PROTOCOL" }, null);
  const result = resultOf({
    database: "app.db",
    inPlace: true,
    openedAs: { uid: 1000, of: "database", folderUid: null },
    settings: stressSettings({ durationMs: 3000, journalMode: null, writers: 2 }),
    journalMode: "wal",
    pageSize: 1024,
    measurement,
    killed: { byUs: 1, byOthers: 2, signals: ["SIGKILL"], stuck: 3 },
    verification: stressResult().verification,
    trial: null,
    concerns: [],
    comparison: null,
    onNetwork: false,
  });
  expect(result).toMatchObject({
    settings: { database: "app.db", journalMode: "wal", pageSize: 1024, inPlace: true },
    openedAs: { uid: 1000, of: "database", folderUid: null },
    commits: 2,
    reads: 1,
    transactions: 4,
    commitsPerSecond: 0.7,
    readsPerSecond: 0.3,
    errors: { SQLITE_BUSY: 2, SQLITE_PROTOCOL: 1 },
    retries: 2,
    fairness: { jain: 1, leastCommits: 1, mostCommits: 1 },
    rounds: [
      {
        durationMs: 2000,
        commits: 2,
        reads: 1,
        errors: 3,
        longestWaitMs: { writer: expect.closeTo(0.1, 3), reader: expect.closeTo(0.1, 3) },
        jain: 1,
      },
    ],
    workersKilled: 1,
    workersKilledByOthers: 2,
    signalsOfOthers: ["SIGKILL"],
    workersStuck: 3,
  });
});

test("a check that ran out of time leaves open whether the database is whole", () => {
  expect(isOutOfTime(checkResult("not-checked"))).toBe(true); // by the time limit: see checkResult
  expect(isOutOfTime(checkResult("ok"))).toBe(false);
  expect(isOutOfTime(uncheckedResult("/x", "/x", { kind: "crashed", why: "" }))).toBe(false);
});

test("the best result has the fewest errors, and then the most commits", () => {
  const slow = stressResult({ commitsPerSecond: 1 });
  const fast = stressResult({ commitsPerSecond: 9 });
  const failed = stressResult({ commitsPerSecond: 99, errors: { SQLITE_BUSY: 1, SQLITE_PROTOCOL: 1 } });
  expect([failed, slow, fast].sort(compareResults)).toEqual([fast, slow, failed]);
});

test.each([
  ["nothing is wrong", {}, true],
  ["it was not checked", { integrity: "not-checked" }, true],
  ["a commit is lost", { lost: 1 }, false],
  ["a row is too many", { duplicated: 1 }, false],
  ["the database is corrupt", { integrity: "corrupt" }, false],
] as const)("sound: %s", (_, change, sound) => {
  expect(isSound({ verification: { ...stressResult().verification, ...change } })).toBe(sound);
});

test("killed workers of several rounds are added up", () => {
  const first = { byUs: 1, byOthers: 1, signals: ["SIGKILL"], stuck: 0 };
  const second = { byUs: 2, byOthers: 2, signals: ["SIGKILL", "SIGSEGV"], stuck: 1 };
  expect(addKilled(addKilled(NONE_KILLED, first), second)).toEqual({
    byUs: 3,
    byOthers: 3,
    signals: ["SIGKILL", "SIGSEGV"],
    stuck: 1,
  });
});
