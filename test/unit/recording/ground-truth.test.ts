/** The interpreter against what the recorded programs logged of themselves. */
import { describe, expect, it } from "vitest";
import type { LockLine, RefusalLine, TransactionLine, WaitLine } from "../../../src/recording/lines.ts";
import { expectNoConflict } from "../../support/lock-lines.ts";
import {
  interpret,
  type Logged,
  RECORDED,
  type Recorded,
  recorded,
  withoutStatements,
} from "../../support/recorded.ts";

/** Between the return of SQLite's call and the program's own reading of the clock, on a busy machine. */
const CLOCK_MS = 2;

const isBusy = (line: WaitLine | RefusalLine) =>
  line.result?.startsWith("SQLITE_BUSY") === true && (line.type === "refusal" || line.outcome === "gave-up");

const endOf = (line: WaitLine | RefusalLine) => (line.type === "wait" ? line.fromMs + line.waitedMs : line.atMs);

function refusedAttempts({ events }: Recorded, inodes: ReadonlySet<number | null>): number {
  return events.filter((event) => event.kind === "lock" && event.outcome === "refused" && inodes.has(event.inode))
    .length;
}

describe.each(RECORDED)("%s", (name) => {
  const recording = recorded(name);
  const { program } = recording;
  // Python's threads wait for one another before they read the clock.
  const clockMs = name.startsWith("threads") ? 100 : CLOCK_MS;
  const lines = interpret(recording.events, recording.databases);

  it("tells each SQLITE_BUSY of the program once, with its statement and its time", () => {
    const told = [...lines.waits, ...lines.refusals].filter(isBusy);
    const unmatched = program.filter(({ what }) => what === "busy").filter((logged) => !takeMatch(told, logged));
    expect(unmatched).toEqual([]);
    expect(told).toEqual([]);
  });

  function takeMatch(told: (WaitLine | RefusalLine)[], { tid, sql, fromMs, toMs }: Logged): boolean {
    const index = told.findIndex(
      (line) => line.tid === tid && line.sql === sql && endOf(line) >= fromMs && endOf(line) <= toMs,
    );
    if (index >= 0) told.splice(index, 1);
    return index >= 0;
  }

  it("knows who was in the way of each wait, and that he had the lock then", () => {
    for (const wait of lines.waits) {
      expect(wait.blockers, JSON.stringify(wait)).not.toEqual([]);
      for (const { pid, fromMs, heldMs } of wait.blockers) {
        expect(pid === wait.pid).toBe(wait.withinProcess === true);
        expect(fromMs).toBeLessThan(wait.fromMs + wait.waitedMs + 1);
        expect(fromMs + heldMs).toBeGreaterThan(wait.fromMs - 1);
      }
    }
  });

  it("has no two waits of one thread for one database at a time", () => {
    const sorted = [...lines.waits].sort((a, b) => a.fromMs - b.fromMs);
    const overlaps = sorted.filter((wait, i) =>
      sorted.slice(0, i).some(({ tid, path, fromMs, waitedMs }) => {
        return tid === wait.tid && path === wait.path && fromMs + waitedMs > wait.fromMs;
      }),
    );
    expect(overlaps).toEqual([]);
  });

  it("has no two holders of conflicting locks at a time", () => expectNoConflict(lines.locks));

  it("counts each refused attempt once, with statements and without", () => {
    const inodes = new Set(
      recording.events.flatMap((event) => (event.kind === "file" && event.inode !== null ? [event.inode] : [])),
    );
    for (const { waits, optionalRefusals } of [
      lines,
      interpret(withoutStatements(recording.events), recording.databases),
    ]) {
      const attempts = waits.reduce((sum, wait) => sum + wait.attempts, 0);
      expect(attempts + optionalRefusals).toBe(refusedAttempts(recording, inodes));
    }
  });

  it("has the transactions of the program, with their borders and outcome", () => {
    const told = lines.transactions.filter(({ writeFromMs }) => writeFromMs !== null);
    const unmatched = written(program).filter(
      ({ pid, tid, fromMs, toMs, outcome }) =>
        !told.some(
          (line) =>
            line.pid === pid &&
            line.tid === tid &&
            line.outcome === outcome &&
            line.fromMs >= fromMs &&
            line.fromMs <= fromMs + clockMs &&
            line.toMs !== null &&
            line.toMs <= toMs &&
            line.toMs >= toMs - clockMs,
        ),
    );
    expect(unmatched).toEqual([]);
  });

  it("finds the same holds without statements, of the same processes", () => {
    const alone = interpret(withoutStatements(recording.events), recording.databases);
    const key = ({ pid, path, lock, lockType, fromMs, toMs }: LockLine) =>
      [path, pid, lock, lockType, fromMs, toMs].join(" ");
    const known = new Set(lines.locks.map(key));
    expect(alone.locks.map(key).filter((each) => !known.has(each))).toEqual([]);
    for (const { outcome, perhapsSeveralCalls } of alone.waits) {
      expect(outcome).toMatch(/^(granted|unknown|still)$/);
      expect(perhapsSeveralCalls).toBe(true);
    }
  });
});

describe("a database attached, of which nothing is recorded", () => {
  it.each(["attach-wal", "attach-rollback"] as const)("%s: its locks are nobody's", (name) => {
    const { events, databases } = recorded(name);
    const [path = ""] = databases;
    const both = interpret(events, databases).locks.filter((line) => line.path === path);
    const one = events.filter((event) => event.kind !== "file" || event.database === 0);
    expect(interpret(one, [path]).locks).toEqual(both.map((line) => ({ ...line, connection: expect.anything() })));
    const alone = interpret(withoutStatements(one), [path]).locks;
    const times = (lines: readonly LockLine[]) => lines.map(({ pid, lock, fromMs, toMs }) => [pid, lock, fromMs, toMs]);
    expect(times(alone)).toEqual(times(both));
  });
});

interface Written extends Pick<TransactionLine, "pid" | "tid" | "fromMs" | "outcome"> {
  readonly toMs: number;
}

/** The transactions that wrote, by the program's own log. */
function written(program: readonly Logged[]): Written[] {
  const found: Written[] = [];
  const open = new Map<number, { fromMs: number; writes: boolean }>();
  for (const { what, sql, fromMs, toMs, pid, tid } of program) {
    if (what !== "ok" || sql === null) continue;
    const transaction = open.get(tid);
    if (/^\W*(hi \*\/ )?begin|^savepoint a/i.test(sql))
      open.set(tid, { fromMs, writes: /immediate|exclusive/i.test(sql) });
    else if (/^(commit|end|rollback$|release a)/i.test(sql)) {
      open.delete(tid);
      if (transaction?.writes !== true) continue;
      found.push({ pid, tid, fromMs: transaction.fromMs, toMs, outcome: sql === "rollback" ? "rollback" : "commit" });
    } else if (/^insert/i.test(sql)) {
      if (transaction === undefined) found.push({ pid, tid, fromMs, toMs, outcome: "commit" });
      else transaction.writes = true;
    }
  }
  return found;
}
