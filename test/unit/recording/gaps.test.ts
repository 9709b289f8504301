/** Events are lost somewhere in a recording of real programs: what is said then is less, and never wrong. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WaitLine } from "../../../src/recording/lines.ts";
import type { SourceEvent } from "../../../src/recording/source-event.ts";
import type { LockName } from "../../../src/sqlite/locks.ts";
import { Kernel } from "../../support/kernel.ts";
import { expectNoConflict } from "../../support/lock-lines.ts";
import { interpret, type Lines, RECORDED, type Recorded, recorded } from "../../support/recorded.ts";
import { start as begin, lock, refused, SHM, WRITE } from "../../support/source-events.ts";

const EPSILON_MS = 0.001;
const WRITES: ReadonlySet<LockName> = new Set(["RESERVED", "WRITE"]);

/** Loses `count` events from `first` on, but those of a processor; /proc/locks is read `later` events after that. */
function withGap({ events }: Recorded, first: number, count: number, later: number, survives: number): SourceEvent[] {
  const isKernels = ({ kind }: SourceEvent) => kind === "lock" || kind === "call" || kind === "return";
  const last = Math.min(first + count, events.length - 1);
  const kernel = new Kernel();
  const told: SourceEvent[] = [];
  events.forEach((event, i) => {
    if (i === first) {
      const fromMs = events[first - 1]?.atMs ?? 0;
      const atMs = (events[last]?.atMs ?? 0) + EPSILON_MS / 100;
      told.push({ kind: "lost", fromMs, atMs, events: last - first + 1 });
    }
    if (event.kind === "lock") kernel.apply(event);
    const isLost = i >= first && i <= last && isKernels(event);
    if (!isLost || ("tid" in event && event.tid % 3 === survives)) told.push(event);
    if (i !== Math.min(last + later, events.length - 1)) return;
    const atMs = event.atMs;
    told.push({ kind: "held", fromMs: atMs, atMs, locks: kernel.seen(1), complete: true });
  });
  return told;
}

describe.each(RECORDED)("%s", (name) => {
  const recording = recorded(name);
  const truth = interpret(recording.events, recording.databases);
  const start = recording.events.findIndex(({ kind }) => kind === "lock");

  it("says nothing wrong after a gap", () => {
    const index = fc.integer({ min: start, max: recording.events.length - 2 });
    const [count, later, survivor] = [80, 30, 3].map((max) => fc.integer({ min: 0, max }));
    if (count === undefined || later === undefined || survivor === undefined) return;
    fc.assert(
      fc.property(index, count, later, survivor, (...gap) => {
        const lines = interpret(withGap(recording, ...gap), recording.databases);
        expectNoConflict(lines.locks);
        expectTrue(lines, truth);
      }),
      { numRuns: 60 },
    );
  });
});

it("of two gaps that overlap the longer one counts", () => {
  const { locks, waits } = interpret([
    ...begin(),
    lock(1, 1, "write", WRITE),
    { kind: "lost", fromMs: 10, atMs: 100, events: 5 },
    { kind: "lost", fromMs: 12, atMs: 40, events: 5 },
    lock(50, 2, "write", WRITE), // its unlock is lost
    { kind: "held", fromMs: 101, atMs: 102, locks: [], complete: true },
    refused(110, 3, "write", WRITE),
  ]);
  expect(locks.map(({ pid }) => pid)).toEqual([1]);
  expect(waits).toMatchObject([{ pid: 3, blockers: [] }]);
});

it("a lock that a gap made forget is in nobody's way after it, nor one that comes next", () => {
  const { waits } = interpret([
    ...begin(),
    lock(1, 1, "write", WRITE),
    { kind: "lost", fromMs: 10, atMs: 20, events: 5 },
    refused(30, 3, "write", WRITE),
    lock(30.3, 2, "write", WRITE),
    { kind: "held", fromMs: 50, atMs: 51, locks: [], complete: true },
  ]);
  expect(waits).toMatchObject([{ pid: 3, blockers: [] }]);
});

it("what was read of /proc/locks within a gap is old after it", () => {
  const locks = [{ pid: 1, device: 1, inode: SHM, api: "posix", start: WRITE, end: WRITE, type: "write" }] as const;
  const { waits } = interpret([
    ...begin(),
    { kind: "lost", fromMs: 10, atMs: 20, events: 5 },
    { kind: "held", fromMs: 14, atMs: 15, locks, complete: true },
    refused(30, 3, "write", WRITE),
    { kind: "held", fromMs: 40, atMs: 41, locks: [], complete: true },
  ]);
  expect(waits).toMatchObject([{ pid: 3, blockers: [] }]);
});

it("whose lock came after a refusal was not in its way", () => {
  const { waits } = interpret([
    ...begin(),
    { kind: "lost", fromMs: 10, atMs: 20, events: 5 },
    refused(30, 3, "write", WRITE),
    lock(40, 2, "write", WRITE),
    { kind: "held", fromMs: 50, atMs: 51, locks: [], complete: true },
    lock(60, 2, "unlock", WRITE),
  ]);
  expect(waits).toMatchObject([{ pid: 3, blockers: [] }]);
});

/** Each line is true by the recording without the gap. */
function expectTrue(lines: Lines, truth: Lines): void {
  for (const line of lines.locks) expect(truth.locks.some(covers(line)), `held: ${JSON.stringify(line)}`).toBe(true);
  for (const wait of lines.waits) {
    for (const blocker of wait.blockers) {
      const held = { ...blocker, path: wait.path, toMs: blocker.fromMs + blocker.heldMs };
      expect(truth.locks.some(covers(held)), `in the way: ${JSON.stringify(wait)}`).toBe(true);
    }
    if (wait.outcome !== "granted" && wait.outcome !== "gave-up") continue;
    const same = truth.waits.find(
      ({ tid, lock, outcome, fromMs, waitedMs }) =>
        tid === wait.tid &&
        lock === wait.lock &&
        outcome === wait.outcome &&
        Math.abs(fromMs + waitedMs - wait.fromMs - wait.waitedMs) < EPSILON_MS,
    );
    if (same === undefined && truth.waits.some((whole) => isPart(wait, whole))) continue;
    expect(same, `waited: ${JSON.stringify(wait)}`).toBeDefined();
    expect(wait.attempts).toBeLessThanOrEqual(same?.attempts ?? 0);
  }
  for (const refusal of lines.refusals) {
    const at = (line: { tid: number; atMs: number }) => line.tid === refusal.tid && line.atMs === refusal.atMs;
    const same = truth.refusals.find(at);
    // Its attempts were lost.
    const isWait = truth.waits.some(
      ({ tid, fromMs, waitedMs }) => tid === refusal.tid && Math.abs(fromMs + waitedMs - refusal.atMs) < EPSILON_MS,
    );
    expect(same !== undefined || isWait, `refused: ${JSON.stringify(refusal)}`).toBe(true);
    if (refusal.sure === "proved") expect(same?.why, JSON.stringify(refusal)).toBe(refusal.why);
  }
  for (const line of lines.transactions) {
    if (line.outcome !== "commit" && line.outcome !== "rollback") continue;
    const same = truth.transactions.find(
      ({ tid, path, toMs, outcome }) =>
        tid === line.tid && path === line.path && outcome === line.outcome && toMs === line.toMs,
    );
    expect(same, `transaction: ${JSON.stringify(line)}`).toBeDefined();
    if (same === undefined) continue;
    expect(line.fromMs).toBeGreaterThanOrEqual(same.fromMs);
    if (!line.atLeast) expect(line.fromMs, JSON.stringify([line, same])).toBe(same.fromMs);
  }
}

/** The lock to read was got within the wait to write: what came before it was lost, or what came after it. */
function isPart(part: WaitLine, whole: WaitLine): boolean {
  return (
    part.outcome === "granted" &&
    !WRITES.has(part.lock) &&
    WRITES.has(whole.lock) &&
    part.tid === whole.tid &&
    part.path === whole.path &&
    part.attempts < whole.attempts &&
    whole.fromMs <= part.fromMs &&
    part.fromMs + part.waitedMs <= whole.fromMs + whole.waitedMs + EPSILON_MS
  );
}

interface Hold {
  readonly pid: number;
  readonly path: string;
  readonly lock: string;
  readonly lockType: string;
  readonly fromMs: number;
  readonly toMs: number | null;
}

/** Whether this process had this lock all that time. */
function covers(part: Hold): (whole: Hold) => boolean {
  return (whole) =>
    whole.pid === part.pid &&
    whole.path === part.path &&
    whole.lock === part.lock &&
    whole.lockType === part.lockType &&
    whole.fromMs <= part.fromMs + EPSILON_MS &&
    (whole.toMs ?? Number.POSITIVE_INFINITY) >= (part.toMs ?? 0) - EPSILON_MS;
}
