/** The processes of a moment: who is in the way then, and not who was before. */
import { expect, test } from "vitest";
import { databasesAt } from "../../../../src/features/report/holders-at.ts";
import { StateAt } from "../../../../src/recording/history/state-at.ts";
import type { RecordingLine } from "../../../../src/recording/lines.ts";
import { blocker, lockLine, transactionLine, waitLine } from "../../../support/recording.ts";

const FIRST = { pid: 100, startTicks: "1", tid: 100 };
const SECOND = { pid: 200, startTicks: "2", tid: 200 };
const WAITER = { pid: 300, startTicks: "3", tid: 300 };

/** 100 has the write lock until 500, 200 from 600 on; 300 waits for both. 100 has the database open all the time. */
const LINES: readonly RecordingLine[] = [
  lockLine({ ...FIRST, lock: "WRITE", lockType: "write", fromMs: 0, toMs: 500 }),
  lockLine({ ...FIRST, lock: "SHARED", lockType: "read", fromMs: 0, toMs: null }),
  lockLine({ ...SECOND, lock: "WRITE", lockType: "write", fromMs: 600, toMs: 1_000 }),
  waitLine({
    ...{ ...WAITER, fromMs: 100, waitedMs: 900 },
    blockers: [
      blocker({ ...FIRST, fromMs: 0, heldMs: 500, blockedMs: 400 }),
      blocker({ ...SECOND, fromMs: 600, heldMs: 400, blockedMs: 400 }),
    ],
  }),
];

function holdersAt(atMs: number) {
  const state = new StateAt(atMs);
  for (const line of LINES) state.add(line);
  const [database] = databasesAt(state.state, [], () => null);
  return (database?.holders ?? []).map(({ main, waiting }) => [main.pid, main.lock, waiting]);
}

test.each([
  [300, [[100, "WRITE", 1]]],
  [550, [[100, "SHARED", 0]]],
  [
    800,
    [
      [200, "WRITE", 1],
      [100, "SHARED", 0],
    ],
  ],
])("at %d, a wait is for the lock that is held then", (atMs, holders) => {
  expect(holdersAt(atMs)).toEqual(holders);
});

test.each([
  ["that of its connection", 2, 2],
  ["none of another connection", 3, null],
  ["where the connection is not known, the oldest", null, 1],
])("the transaction of a lock: %s", (_, connection, expected) => {
  const state = new StateAt(500);
  state.add(lockLine({ ...FIRST, connection, fromMs: 400, toMs: 600 }));
  state.add(transactionLine({ ...FIRST, connection: 1, kind: "read", fromMs: 0, toMs: 900 }));
  state.add(transactionLine({ ...FIRST, connection: 2, kind: "write", fromMs: 390, toMs: 610 }));
  const [database] = databasesAt(state.state, [], () => null);
  expect(database?.holders.map(({ transaction }) => transaction?.connection ?? null)).toEqual([expected]);
});
