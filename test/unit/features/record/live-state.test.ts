/** What goes on now, as lines. */
import { expect, test } from "vitest";
import { liveState } from "../../../../src/features/record/live-state.ts";
import type { Live, LiveLock, LiveWait } from "../../../../src/recording/live.ts";

const PATH = "/srv/app/db.sqlite3";
const WAIT: LiveWait = {
  ...{ pid: 7, startTicks: "1", tid: 8, path: PATH, lock: "WRITE", lockType: "write", fromMs: 100, attempts: 3 },
  ...{ sql: "insert into t values (?)", blockerPids: [9] },
};
const HELD: LiveLock = {
  ...{ pid: 9, tid: 10, path: PATH, lock: "WRITE", lockType: "write", fromMs: 40, atLeast: false, sql: "begin" },
};

const live = (change: Partial<Live> = {}): Live => ({ waits: [WAIT], held: [HELD], transactions: [], ...change });

test("a wait goes on until now, behind who holds the lock now", () => {
  const { waits } = liveState(live(), 250);
  expect(waits).toMatchObject([
    {
      ...{ type: "wait", pid: 7, tid: 8, outcome: "still", result: null, waitedMs: 150, attempts: 3 },
      blockers: [{ pid: 9, tid: 10, lock: "WRITE", heldMs: 210, blockedMs: 150, atLeast: false, sql: "begin" }],
    },
  ]);
});

test.each<[string, Partial<LiveLock>]>([
  ["is another's", { pid: 11 }],
  ["is of another database", { path: "/other" }],
  ["is a read lock", { lockType: "read" }],
])("a lock that %s is not named as the blocker", (_, change) => {
  expect(liveState(live({ held: [{ ...HELD, ...change }] }), 250).waits[0]?.blockers).toEqual([]);
});

test("a blocker that came later has blocked since then", () => {
  const [wait] = liveState(live({ held: [{ ...HELD, fromMs: 200 }] }), 250).waits;
  expect(wait?.blockers).toMatchObject([{ heldMs: 50, blockedMs: 50 }]);
});

test("a wait that began after the events that are interpreted has taken no time", () => {
  expect(liveState(live(), 90).waits[0]?.waitedMs).toBe(0);
});
