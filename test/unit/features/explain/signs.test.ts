import { expect, test } from "vitest";
import { type Sign, signsOf, signsOn } from "../../../../src/features/explain/signs.ts";
import type { DatabaseReport } from "../../../../src/model/report.ts";
import { databaseReport, holder, lock, report } from "../../../support/report.ts";

const exclusive = holder({ pid: 1, activity: "exclusive", locks: [lock("EXCLUSIVE")] });
const writer = holder({ pid: 2, activity: "writing", blocks: ["writers"] });
const reader = holder({ pid: 3, activity: "reading", blocks: ["commits"] });

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
  ["the first of two", { holders: [writer, { ...writer, pid: 9 }] }, [{ id: "writer", pid: 2 }]],
  ["one that waits for EXCLUSIVE", { holders: [{ ...exclusive, locks: [lock("EXCLUSIVE", { waiting: true })] }] }, []],
  ["a committing process", { holders: [{ ...writer, activity: "committing" }] }, [{ id: "writer", pid: 2 }]],
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
