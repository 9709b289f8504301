import { expect, test } from "vitest";
import { journalElsewhere, unfinishedUnder } from "../../../src/model/other-names.ts";
import type { Lock } from "../../../src/model/report.ts";
import { database, handle, holder, lock } from "../../support/report.ts";

const B = { path: "/srv/app/b.sqlite3", journal: true, wal: false };

const under = (otherNames: readonly (typeof B)[], ...locks: Lock[]) =>
  unfinishedUnder(database({ otherNames, holders: [holder({ locks })] }));

test.each<[string, string | null, string | null]>([
  ["a -journal beside another name", under([B]), B.path],
  ["a reader does not write it", under([B], lock("SHARED")), B.path],
  ["a -wal is no transaction", under([{ ...B, journal: false, wal: true }]), null],
  ["a writer at work", under([B], lock("RESERVED"), lock("SHARED")), null],
  ["one in EXCLUSIVE mode", under([B], lock("EXCLUSIVE")), null],
  [
    "a lock of somebody unknown",
    unfinishedUnder(database({ otherNames: [B], unownedLocks: [lock("RESERVED")] })),
    null,
  ],
  ["no other name", unfinishedUnder(database()), null],
])("%s", (_, found, expected) => {
  expect(found).toBe(expected);
});

test("a -journal that is open under another name, and the database's own, as a container has it", () => {
  const journal = { hot: null, header: "valid", sizeBytes: 512 } as const;
  const writer = holder({ handles: [handle(3, "database"), handle(4, "journal", { path: "/data/app.db-journal" })] });
  expect(journalElsewhere(writer, database())).toBe("/data/app.db-journal");
  expect(journalElsewhere(writer, database({ journal }))).toBeNull();
  expect(journalElsewhere(holder({ handles: [handle(4, "journal")] }), database())).toBeNull();
});
