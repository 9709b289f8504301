import { expect, test } from "vitest";
import { type Sign, signsOf, signsOn } from "../../../../src/features/explain/signs.ts";
import type { DatabaseReport, Finding } from "../../../../src/model/report.ts";
import { databaseReport, holder, lock, report } from "../../../support/report.ts";

const exclusive = holder({ pid: 1, activity: "exclusive", locks: [lock("EXCLUSIVE")] });
const writer = holder({ pid: 2, activity: "writing", blocks: ["writers"] });
const reader = holder({ pid: 3, activity: "reading", blocks: ["commits"] });

const found = (id: Finding["id"], severity: Finding["severity"], pid: number): Finding => ({
  id,
  severity,
  pids: [pid],
  summary: "s",
  detail: "d",
  remedy: "r",
});
const own = (severity: Finding["severity"]) => found("same-process-contention", severity, 2);

test.each<[string, Partial<DatabaseReport>, Sign[]]>([
  ["nobody", {}, []],
  [
    "one of each, in this order",
    { holders: [reader, writer, exclusive] },
    [
      { id: "exclusive", pid: 1 },
      { id: "writer", pid: 2 },
      { id: "reader", pid: 3 },
    ],
  ],
  [
    "commits were counted: who had a lock has released it",
    { holders: [reader, writer, exclusive], progress: { commits: 7, counterMoved: true, withinMs: 60 } },
    [
      { id: "takes-turns", pid: null },
      { id: "reader", pid: 3 },
    ],
  ],
  [
    "a lock was seen to be released",
    { holders: [writer], progress: { commits: 0, counterMoved: false, withinMs: 60, released: [2] } },
    [{ id: "takes-turns", pid: null }],
  ],
  [
    "none was",
    { holders: [writer], progress: { commits: 0, counterMoved: false, withinMs: 60 } },
    [{ id: "writer", pid: 2 }],
  ],
  ["noise without a header", { header: "likely-encrypted" }, [{ id: "encrypted", pid: null }]],
  ["the first of two", { holders: [writer, { ...writer, pid: 9 }] }, [{ id: "writer", pid: 2 }]],
  ["one that waits for EXCLUSIVE", { holders: [{ ...exclusive, locks: [lock("EXCLUSIVE", { waiting: true })] }] }, []],
  ["a committing process", { holders: [{ ...writer, activity: "committing" }] }, [{ id: "writer", pid: 2 }]],
  [
    "one that holds the write lock while it checkpoints",
    { holders: [{ ...writer, activity: "checkpointing" }] },
    [{ id: "writer", pid: 2 }],
  ],
  [
    "one that has held it for a second",
    { holders: [{ ...writer, heldAtLeastMs: 1000 }] },
    [
      { id: "lasting-writer", pid: 2 },
      { id: "writer", pid: 2 },
    ],
  ],
  ["for less", { holders: [{ ...writer, heldAtLeastMs: 999 }] }, [{ id: "writer", pid: 2 }]],
  ["recovering", { holders: [{ ...writer, activity: "recovering" }] }, [{ id: "recovering", pid: 2 }]],
  ["RESERVED without an owner", { unownedLocks: [lock("RESERVED")] }, [{ id: "writer", pid: null }]],
  ["one that waits for RESERVED", { unownedLocks: [lock("RESERVED", { waiting: true })] }, []],
  [
    "a writer with several connections that polls",
    { holders: [{ ...writer, idleMs: 50 }], findings: [own("warning")] },
    [
      { id: "writer", pid: 2 },
      { id: "waits-for-itself", pid: 2 },
    ],
  ],
  [
    "and somebody else who polls: the message may be that one's",
    { holders: [{ ...writer, idleMs: 50 }], findings: [own("warning"), found("likely-waiting", "info", 9)] },
    [{ id: "writer", pid: 2 }],
  ],
  [
    "and somebody else who has run within the last second, and may poll",
    { holders: [{ ...writer, idleMs: 50 }, holder({ pid: 9, idleMs: 900 })], findings: [own("warning")] },
    [{ id: "writer", pid: 2 }],
  ],
  [
    "and somebody else who sleeps",
    { holders: [{ ...writer, idleMs: 50 }, holder({ pid: 9, idleMs: 5000 })], findings: [own("warning")] },
    [
      { id: "writer", pid: 2 },
      { id: "waits-for-itself", pid: 2 },
    ],
  ],
  [
    "one that only may wait",
    { holders: [{ ...writer, idleMs: 50 }], findings: [own("info")] },
    [{ id: "writer", pid: 2 }],
  ],
  [
    "one that is asleep",
    { holders: [{ ...writer, idleMs: 1000 }], findings: [own("warning")] },
    [
      { id: "writer", pid: 2 },
      { id: "asleep", pid: 2 },
    ],
  ],
  ["a writer that blocks no writers", { holders: [{ ...writer, blocks: [] }] }, []],
  ["a reader in WAL mode", { holders: [{ ...reader, blocks: ["checkpoints"] }] }, []],
  ["EXCLUSIVE without an owner", { unownedLocks: [lock("EXCLUSIVE")] }, [{ id: "exclusive", pid: null }]],
  [
    "EXCLUSIVE without an owner, beside a journal: it may be a writer",
    { unownedLocks: [lock("EXCLUSIVE")], journal: { hot: null, header: "valid", sizeBytes: 512 } },
    [],
  ],
  [
    "a known owner comes first",
    { holders: [exclusive], unownedLocks: [lock("EXCLUSIVE")] },
    [{ id: "exclusive", pid: 1 }],
  ],
])("%s", (_, change, expected) => {
  expect(signsOf(databaseReport(change))).toEqual(expected);
});

test("of several databases the first of each kind", () => {
  const failed = { givenAs: "x", error: { code: "no-such-file", message: "m", hint: "h" } };
  const both = report([
    failed,
    databaseReport({ holders: [reader] }),
    databaseReport({ holders: [exclusive, { ...reader, pid: 9 }] }),
  ]);
  expect(signsOn(both)).toEqual([
    { id: "exclusive", pid: 1 },
    { id: "reader", pid: 3 },
  ]);
  expect(signsOn(null)).toEqual([]);
});
