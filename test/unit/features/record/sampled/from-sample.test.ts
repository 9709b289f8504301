/** Readings of /proc/locks as a recording: what was seen, and nothing that was not. */
import { expect, test } from "vitest";
import { FromSample } from "../../../../../src/features/record/sampled/from-sample.ts";
import type { HeldLock } from "../../../../../src/features/watch/episodes.ts";
import type { SampleEvent } from "../../../../../src/features/watch/sampler.ts";
import { Interpreter } from "../../../../../src/recording/interpreter.ts";
import type { RecordingLine } from "../../../../../src/recording/lines.ts";

const PATH = "/srv/app/db.sqlite3";
const START = 5000;

const shared: HeldLock = {
  ...{ path: PATH, pid: 7, lock: "SHARED", role: "database", type: "read", api: "posix", file: "8:1:100" },
  ...{ start: 0x40000002n, end: 0x400001ffn },
};
const write: HeldLock = {
  ...{ path: PATH, pid: 7, lock: "WRITE", role: "shm", type: "write", api: "posix", file: "8:1:200" },
  ...{ start: 120n, end: 120n },
};
const dms: HeldLock = { ...write, lock: "DMS", type: "read", start: 128n, end: 128n };
const read = (k: 1 | 2, start: bigint, end: bigint): HeldLock => ({ ...dms, lock: `READ${k}`, start, end });
/** Of a range that has all locks on a database. */
const merged = (lock: "EXCLUSIVE" | "PENDING" | "RESERVED"): HeldLock => ({
  ...{ ...shared, lock, type: "write", start: 0x40000000n },
});
const of = (lock: HeldLock, pid: number): HeldLock => ({ ...lock, pid });

type What = "held" | "acquired" | "released";
const at = (atMs: number, event: What, lock: HeldLock, more: { formerFile?: true } = {}): SampleEvent => ({
  ...{ event, atMs: START + atMs, lock, heldMs: event === "released" ? 1 : null, atLeast: event === "held" },
  ...more,
});
const gap = (atMs: number, gapMs: number): SampleEvent => ({ event: "gap", atMs: START + atMs, gapMs });
const file = (atMs: number, event: "deleted" | "replaced" | "returned"): SampleEvent => ({
  ...{ event, atMs: START + atMs, path: PATH },
});

/** Each batch is whole readings. The lines of locks: `7 WRITE 10-20`, with `+` where it may have been longer. */
function recorded(batches: readonly (readonly SampleEvent[])[], endMs = 100): string[] {
  const lines: RecordingLine[] = [];
  const from = new FromSample([PATH]);
  const interpreter = new Interpreter({ databases: [PATH], learnsFiles: false }, (line) => lines.push(line));
  for (const batch of batches) for (const event of from.next(batch, START, START)) interpreter.next(event);
  interpreter.end(endMs);
  expect(lines.filter(({ type }) => type === "wait" || type === "refusal")).toEqual([]);
  return lines.flatMap((line) => {
    if (line.type === "gap") return `gap ${line.fromMs}-${line.toMs}`;
    if (line.type !== "lock") return [];
    return `${line.pid} ${line.lock} ${line.fromMs}-${line.toMs ?? ""}${line.atLeast ? "+" : ""}`;
  });
}

test.each<[string, readonly (readonly SampleEvent[])[], readonly string[]]>([
  [
    "taken and released, the -shm named in whichever order its locks come",
    [
      [],
      [at(10, "acquired", dms), at(10, "acquired", write), at(10, "acquired", shared)],
      [at(20, "released", write)],
      [at(30, "released", dms), at(30, "released", shared)],
    ],
    ["7 WRITE 10-20", "7 DMS 10-30", "7 SHARED 10-30"],
  ],
  [
    "held before the recording",
    [[at(0, "held", write), at(0, "held", shared)], [at(20, "released", write)]],
    ["7 WRITE 0-20+", "7 SHARED 0-+"],
  ],
  [
    "one that lets go and one that takes, in one reading",
    [[at(0, "held", shared)], [at(5, "acquired", write), at(9, "released", write), at(9, "acquired", of(write, 8))]],
    ["7 WRITE 5-9", "7 SHARED 0-+", "8 WRITE 9-+"],
  ],
  [
    "a lock that the kernel merges with its neighbour for a moment goes on",
    [
      [at(0, "held", dms), at(0, "held", shared)],
      [at(5, "acquired", read(1, 123n, 124n)), at(7, "acquired", read(2, 124n, 125n))],
      [at(9, "released", read(2, 124n, 125n)), at(20, "released", read(1, 123n, 124n))],
    ],
    ["7 READ1 5-20", "7 READ2 7-9", "7 DMS 0-+", "7 SHARED 0-+"],
  ],
  [
    "a database is made and switched to WAL: its locks on the database are one range, and then one of them is read",
    [
      [],
      [
        at(10, "acquired", merged("EXCLUSIVE")),
        at(10, "acquired", merged("PENDING")),
        at(10, "acquired", merged("RESERVED")),
      ],
      [
        at(18, "acquired", shared),
        at(16, "released", merged("EXCLUSIVE")),
        at(16, "released", merged("PENDING")),
        at(16, "released", merged("RESERVED")),
      ],
      [at(30, "released", shared)],
    ],
    ["7 EXCLUSIVE 10-18", "7 RESERVED 10-16", "7 PENDING 10-16", "7 SHARED 18-30"],
  ],
  [
    "the last one who goes locks the whole database, and nobody is left",
    [
      [],
      [at(10, "acquired", shared)],
      [at(20, "acquired", merged("EXCLUSIVE")), at(20, "acquired", merged("PENDING"))],
      [at(20, "released", shared), at(30, "released", merged("EXCLUSIVE")), at(30, "released", merged("PENDING"))],
    ],
    ["7 SHARED 10-20", "7 EXCLUSIVE 20-30", "7 PENDING 20-30"],
  ],
  [
    "a gap: there before and after it, it is two, and neither claims the gap",
    [[], [at(10, "acquired", shared), at(10, "acquired", write)], [gap(50, 30)], [at(60, "released", write)]],
    ["7 SHARED 10-20+", "7 WRITE 10-20+", "gap 20-50", "7 WRITE 50-60+", "7 SHARED 50-+"],
  ],
  [
    "a gap: gone after it, and another one is there",
    [
      [],
      [at(10, "acquired", shared), at(10, "acquired", write)],
      [gap(50, 30), at(50, "held", of(write, 8)), at(50, "released", write)],
    ],
    ["7 SHARED 10-20+", "7 WRITE 10-20+", "gap 20-50", "7 SHARED 50-+", "8 WRITE 50-+"],
  ],
  [
    "a database that is replaced: what is held on the file before is as good as unknown",
    [
      [],
      [at(10, "acquired", shared)],
      [file(20, "replaced"), at(25, "acquired", { ...of(shared, 8), file: "8:1:101" })],
      [at(30, "released", shared, { formerFile: true }), at(40, "released", { ...of(shared, 8), file: "8:1:101" })],
    ],
    ["7 SHARED 10-20+", "8 SHARED 25-40"],
  ],
  [
    "moved away and back: the same file is followed again",
    [
      [],
      [at(10, "acquired", shared), at(12, "released", shared)],
      [file(20, "deleted"), file(30, "returned")],
      [at(35, "acquired", shared), at(40, "released", shared)],
    ],
    ["7 SHARED 10-12", "7 SHARED 35-40"],
  ],
])("%s", (_, batches, expected) => {
  expect(recorded(batches).sort()).toEqual([...expected].sort());
});

test("the first batch says that nothing was held: what comes then is known to be new", () => {
  const [first, ...others] = new FromSample([PATH]).next([], START, START + 3);
  expect(first).toEqual({ kind: "held", fromMs: 3, atMs: 3, locks: [], complete: true });
  expect(others).toEqual([]);
});
