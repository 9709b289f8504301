/** The kernel's events in the terms of watch: what was taken, found to be held, released, and what is unknown. */
import { expect, test } from "vitest";
import { attemptsKey } from "../../../../src/features/watch/blocked-attempts.ts";
import { KernelLocks } from "../../../../src/features/watch/kernel-locks.ts";
import type { SampleEvent } from "../../../../src/features/watch/sampler.ts";
import type { HeldSeen, SourceEvent } from "../../../../src/recording/source-event.ts";
import {
  closes,
  DATABASE,
  lock,
  PENDING,
  READ1,
  RESERVED,
  refused,
  SHARED,
  SHM,
  start,
  WRITE,
} from "../../../support/source-events.ts";

const PATH = "/srv/app/db.sqlite3";
const EPOCH = 1_000_000;

function locks(...events: readonly SourceEvent[]): KernelLocks {
  const kernel = new KernelLocks([PATH], EPOCH);
  for (const event of events) kernel.next(event);
  return kernel;
}

/** `120 released WRITE of 7, 10 ms at least`: times since the start. */
function text(event: SampleEvent): string {
  const atMs = event.atMs - EPOCH;
  if (event.event === "gap") return `${atMs} gap of ${event.gapMs}`;
  if (!("lock" in event)) return `${atMs} ${event.event}`;
  const { pid, lock: name } = event.lock;
  const held = event.heldMs === null ? "" : `, ${event.heldMs} ms`;
  const atLeast = event.atLeast && event.event === "released" ? " at least" : "";
  return `${atMs} ${event.event} ${name} of ${pid}${held}${atLeast}${event.formerFile === true ? " (former)" : ""}`;
}

const textsOf = (kernel: KernelLocks) => kernel.take().map(text);

const seen = (pid: number, byte: number): HeldSeen => ({
  ...{ pid, device: 1, inode: SHM, start: byte, end: byte, type: "write", api: "posix" },
});

const held = (atMs: number, ...found: readonly HeldSeen[]): SourceEvent => ({
  ...{ kind: "held", fromMs: atMs, atMs, locks: found, complete: true },
});

const lost = (fromMs: number, atMs: number): SourceEvent => ({ kind: "lost", fromMs, atMs, events: 9 });

test.each<[string, readonly SourceEvent[], readonly string[]]>([
  [
    "a lock, exactly as long as it was held",
    [...start(), lock(10, 7, "write", WRITE), lock(10.25, 7, "unlock", WRITE)],
    ["10 acquired WRITE of 7", "10.25 released WRITE of 7, 0.25 ms"],
  ],
  [
    "what was held before is found out after what was taken then, and stands before it",
    [...start().slice(0, -1), lock(2, 8, "read", READ1), lock(3, 8, "unlock", READ1), held(9, seen(7, WRITE))],
    ["0 held WRITE of 7", "2 acquired READ1 of 8", "3 released READ1 of 8, 1 ms"],
  ],
  [
    "two holds with no time between them are two",
    [
      ...start(),
      lock(10, 7, "write", WRITE),
      lock(11, 7, "unlock", WRITE),
      lock(11, 7, "write", WRITE),
      lock(12, 7, "unlock", WRITE),
    ],
    [
      "10 acquired WRITE of 7",
      "11 released WRITE of 7, 1 ms",
      "11 acquired WRITE of 7",
      "12 released WRITE of 7, 1 ms",
    ],
  ],
  [
    "what was held before is at least as old",
    [...start().slice(0, 2), held(2, seen(7, WRITE)), lock(12, 7, "unlock", WRITE)],
    ["0 held WRITE of 7", "12 released WRITE of 7, 12 ms at least"],
  ],
  [
    "a commit of the rollback journal: each of its locks",
    [
      ...start(null),
      lock(1, 7, "read", SHARED),
      lock(2, 7, "write", RESERVED),
      lock(3, 7, "write", PENDING),
      lock(3, 7, "write", SHARED),
      lock(5, 7, "unlock", [PENDING, SHARED[1]]),
    ],
    [
      "1 acquired SHARED of 7",
      "2 acquired RESERVED of 7",
      "3 acquired PENDING of 7",
      "3 released SHARED of 7, 2 ms",
      "3 acquired EXCLUSIVE of 7",
      "5 released PENDING of 7, 2 ms",
      "5 released RESERVED of 7, 3 ms",
      "5 released EXCLUSIVE of 7, 2 ms",
    ],
  ],
  [
    "an attempt that is refused takes nothing",
    [...start(), lock(1, 7, "write", WRITE), refused(2, 8, "write", WRITE)],
    ["1 acquired WRITE of 7"],
  ],
  [
    "the end of a process",
    [...start(), lock(1, 7, "write", WRITE), closes(4, 7, SHM), { kind: "ended", atMs: 4, pid: 7 }],
    ["1 acquired WRITE of 7", "4 released WRITE of 7, 3 ms"],
  ],
  ["an OFD lock is told of by the looks", [...start(), lock(1, 7, "write", WRITE, { api: "ofd" })], []],
])("%s", (_, events, expected) => {
  expect(textsOf(locks(...events))).toEqual(expected);
});

test.each<[string, readonly SourceEvent[], readonly string[]]>([
  [
    "is there again, as old as the gap lets it be",
    [held(35, seen(7, WRITE)), lock(60, 7, "unlock", WRITE)],
    ["30 gap of 10", "60 released WRITE of 7, 30 ms at least"],
  ],
  ["is gone", [held(35)], ["30 gap of 10", "35 released WRITE of 7, 10 ms at least"]],
  [
    "is taken anew",
    [lock(33, 7, "write", WRITE), held(35, seen(7, WRITE)), lock(40, 7, "unlock", WRITE)],
    [
      "30 gap of 10",
      "33 released WRITE of 7, 10 ms at least",
      "33 acquired WRITE of 7",
      "40 released WRITE of 7, 7 ms",
    ],
  ],
  [
    "is another's",
    [held(35, seen(8, WRITE))],
    ["30 gap of 10", "30 held WRITE of 8", "35 released WRITE of 7, 10 ms at least"],
  ],
])("events are lost: a lock that was held before %s", (_, after, expected) => {
  const kernel = locks(...start(), lock(10, 7, "write", WRITE));
  kernel.take();
  kernel.next(lost(20, 30));
  for (const event of after) kernel.next(event);
  expect(textsOf(kernel)).toEqual(expected);
});

test("two CPUs that lose events at the same time make one gap", () => {
  const kernel = locks(...start(), lost(20, 30), lost(25, 32), lost(26, 31), held(40));
  expect(textsOf(kernel)).toEqual(["30 gap of 10", "32 gap of 2"]);
  expect(kernel.gaps).toEqual({ longestGapMs: 10, unreadMs: 12 });
});

test("the database is replaced: /proc/locks tells when a lock on the file before is released", () => {
  const kernel = locks(...start(null), lock(10, 7, "read", SHARED));
  kernel.take();
  kernel.next({ kind: "file", atMs: 20, database: 0, role: "database", device: 1, inode: 77 });
  expect(textsOf(kernel)).toEqual([]);
  expect(kernel.formerDevices).toEqual(new Set([1]));
  const shared = { ...seen(7, SHARED[0]), inode: DATABASE };
  kernel.lookAtFormer([{ ...seen(8, SHARED[0]), inode: DATABASE }, shared], 30);
  expect(textsOf(kernel)).toEqual([]);
  kernel.lookAtFormer([{ ...shared, inode: 78 }], 40);
  expect(textsOf(kernel)).toEqual(["40 released SHARED of 7, 10 ms at least (former)"]);
  expect(kernel.formerDevices.size).toBe(0);
});

test("nothing is told before it is known what was held", () => {
  const kernel = locks(...start().slice(0, 2), lock(1, 7, "write", WRITE));
  expect(kernel.isReady).toBe(false);
  kernel.next(held(2));
  expect(kernel.isReady).toBe(true);
});

test("a lock is charged with each wait that it has caused, once, and not with attempts that nobody needed", () => {
  const kernel = locks(
    ...start(),
    lock(1, 7, "write", WRITE),
    ...[2, 3, 5].map((atMs) => refused(atMs, 8, "write", WRITE)),
    lock(6, 7, "unlock", WRITE),
    lock(7, 8, "write", WRITE),
    refused(8, 9, "write", WRITE),
    lock(9, 8, "unlock", WRITE),
    lock(10, 9, "write", WRITE),
    lock(11, 9, "unlock", WRITE),
  );
  kernel.end(2000);
  expect([...kernel.blocked]).toEqual([
    [attemptsKey(PATH, 7, "WRITE"), 1],
    [attemptsKey(PATH, 8, "WRITE"), 1],
  ]);
});
