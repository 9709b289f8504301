import { expect, test } from "vitest";
import { changedAfter, copyAside, restoredText } from "../../../../src/findings/shared/restored.ts";
import type { DatabaseSnapshot } from "../../../../src/model/snapshot.ts";
import type { Role } from "../../../../src/sqlite/roles.ts";
import { look, targetFile } from "../../../support/snapshot.ts";

const WRITTEN_MS = Date.UTC(2026, 0, 2);

/** The database was changed so long after the last write to its companion file. */
function seen(afterMs: number, companion: Role = "wal"): DatabaseSnapshot {
  const files = [
    targetFile("database", { writtenMs: 0, changedMs: WRITTEN_MS + afterMs }),
    targetFile(companion, { writtenMs: WRITTEN_MS, changedMs: 0 }),
  ];
  return look({ target: { files } })[0];
}

test.each<[string, number, number | null]>([
  ["before", -60_000, null],
  ["at the same time", 0, null],
  ["within a second: writes of one crash", 1000, null],
  ["later than that", 1001, 1001],
  ["much later", 252_000, 252_000],
])("the database was changed %s", (_, afterMs, expected) => {
  expect(changedAfter(seen(afterMs), "wal")).toBe(expected);
  expect(changedAfter(seen(afterMs, "journal"), "journal")).toBe(expected);
});

test.each<[string, readonly Role[]]>([
  ["no companion file", ["database"]],
  ["another companion file", ["database", "journal"]],
  ["no database", ["wal"]],
])("nothing to compare: %s", (_, roles) => {
  const [snapshot] = look({ target: { files: roles.map((role) => targetFile(role, { writtenMs: 0 })) } });
  expect(changedAfter(snapshot, "wal")).toBeNull();
  expect(restoredText(snapshot, "wal")).toBe("");
});

test("the evidence as a sentence after others", () => {
  expect(restoredText(seen(252_000, "journal"), "journal")).toBe(
    " The database file was changed 4 m 12 s after the last write to its -journal: either by SQLite, or because it " +
      "was restored.",
  );
  expect(restoredText(seen(1000), "wal")).toBe("");
});

test.each([
  ["/srv/db", "wal", "cp -a /srv/db /srv/db-wal /a/safe/folder/"],
  ["/srv/my db", "journal", "cp -a '/srv/my db' '/srv/my db-journal' /a/safe/folder/"],
] as const)("the copy of %s and its -%s", (path, role, command) => {
  expect(copyAside(path, role)).toBe(command);
});
