/** A moment: what is known of it where its recorder was killed, and who is in the way of a process. */
import { expect, test } from "vitest";
import { readMoment } from "../../../../src/features/report/moment.ts";
import type { History } from "../../../../src/features/report/read-history.ts";
import type { Run } from "../../../../src/recording/history/history.ts";
import { wallClockOf } from "../../../../src/recording/history/wall-clock.ts";
import type { RecordingLine } from "../../../../src/recording/lines.ts";
import { blocker, lockLine, metaLine, processLine, transactionLine, waitLine } from "../../../support/recording.ts";

const ALL = { processes: [], minWaitMs: 0 };

function historyOf(runs: readonly Run[], lines: readonly RecordingLine[]): History {
  const [fromMs, toMs] = [runs[0]?.fromMs ?? 0, runs.at(-1)?.toMs ?? 0];
  return {
    paths: ["f"],
    facts: {
      ...{
        runs,
        clock: wallClockOf([{ atMs: 0, utcMs: 0 }], fromMs, toMs, "UTC"),
        blanks: [],
        suspensions: [],
        clockSteps: [],
      },
      ...{ fromMs, toMs },
    },
    read: async (_, taken) => {
      for (const line of lines) taken(line);
      return { blanks: [], damaged: [] };
    },
  };
}

function open(atMs: number): RecordingLine {
  return { type: "open", atMs, locks: [], waits: [], transactions: [] };
}

test("what a killed recorder did not tell is not known because the next one tells what is open", async () => {
  const runs: Run[] = [
    { meta: metaLine(), fromMs: 0, toMs: 100_000, end: "cut" },
    { meta: metaLine(), fromMs: 110_000, toMs: 200_000, end: "complete" },
  ];
  const history = historyOf(runs, [open(60_000), open(110_000), open(170_000)]);
  expect((await readMoment(history, 30_000, ALL)).knownUntilMs).toBe(null);
  expect((await readMoment(history, 90_000, ALL)).knownUntilMs).toBe(60_000);
  expect((await readMoment(history, 150_000, ALL)).knownUntilMs).toBe(null);
});

test("a process that is asked for waits: the lock in its way was held until it was released", async () => {
  const held = lockLine({ pid: 100, startTicks: "1", tid: 100, fromMs: 1_000, toMs: 60_000 });
  const inTheWay = blocker({ pid: 100, startTicks: "1", tid: 100, fromMs: 1_000, heldMs: 6_000, blockedMs: 5_000 });
  const wait = waitLine({ fromMs: 2_000, waitedMs: 5_000, outcome: "gave-up", blockers: [inTheWay] });
  const run: Run = { meta: metaLine(), fromMs: 0, toMs: 100_000, end: "complete" };
  const only = { processes: ["manage.py"], minWaitMs: 0 };
  const locksAt = async (lines: readonly RecordingLine[]) =>
    (await readMoment(historyOf([run], [processLine(), ...lines]), 3_000, only)).state.locks.map(
      ({ pid, fromMs, toMs, atLeast }) => [pid, fromMs, toMs, atLeast],
    );
  expect(await locksAt([wait, held])).toEqual([[100, 1_000, 60_000, false]]);
  const inside = transactionLine({
    pid: 100,
    startTicks: "1",
    tid: 100,
    fromMs: 900,
    toMs: 60_001,
    writeFromMs: 1_000,
  });
  const other = transactionLine({ pid: 101, startTicks: "1", tid: 101, fromMs: 900, toMs: 60_001 });
  const { state } = await readMoment(historyOf([run], [processLine(), wait, held, inside, other]), 3_000, only);
  expect(state.transactions).toEqual([inside]);
  // without a line of its own: the wait was over before
  expect(await locksAt([wait])).toEqual([[100, 1_000, 7_000, true]]);
});
