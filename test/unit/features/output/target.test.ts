import { expect, test } from "vitest";
import { companionSuffix, contentAtRisk } from "../../../../src/features/output/target.ts";
import { plainHeader } from "../../../support/first-bytes.ts";

test("files of SQLite by their first bytes", () => {
  const wal = Buffer.alloc(32);
  wal.writeUInt32BE(0x377f0682, 0);
  wal.writeUInt32BE(3007000, 4);
  const journal = Buffer.alloc(32);
  Buffer.from("d9d505f920a163d7", "hex").copy(journal);
  journal.writeUInt32BE(1, 8);
  expect(contentAtRisk(plainHeader())).toBe("database");
  expect([Buffer.from('{"databases": []}'.padEnd(32)), Buffer.alloc(32), Buffer.alloc(0)].map(contentAtRisk)).toEqual([
    null,
    null,
    null,
  ]);
});

test.each([
  ["/srv/db.sqlite3-wal", "-wal"],
  ["db-shm", "-shm"],
  ["db-journal", "-journal"],
  ["db-mj0123AB9DE", "-mj0123AB9DE"],
  ["report-wal.json", null],
  ["wal", null],
  ["-wal", null],
])("%s: %s", (path, suffix) => {
  expect(companionSuffix(path)).toBe(suffix);
});
