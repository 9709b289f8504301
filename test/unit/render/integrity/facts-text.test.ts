/** The words for a copy, a fault of the header, and a problem. */
import { expect, test } from "vitest";
import type { FoundProblem } from "../../../../src/features/integrity/protocol.ts";
import { copyReasonText } from "../../../../src/render/integrity/copy-reason-text.ts";
import { headerFaultText } from "../../../../src/render/integrity/header-fault-text.ts";
import { locationText, messageOf, problemText } from "../../../../src/render/integrity/problem-text.ts";
import type { CopyReason } from "../../../../src/safe-open/decide.ts";
import type { HeaderFault } from "../../../../src/safe-open/header.ts";
import { block } from "../../../support/block.ts";
import { problem } from "../../../support/integrity.ts";

test("why a copy was opened", () => {
  const reasons: readonly CopyReason[] = [
    { code: "asked" },
    { code: "hot-journal" },
    { code: "journal-owner" },
    { code: "wal-not-open", state: "beside-rollback", folder: "writable", holders: "nobody" },
    { code: "wal-not-open", state: "has-frames", folder: "not-writable", holders: "nobody" },
    { code: "wal-not-open", state: "empty", folder: "read-only", holders: "nobody" },
    { code: "wal-not-open", state: "absent", folder: "writable", holders: "nobody" },
    { code: "wal-not-open", state: "absent", folder: "writable", holders: "nobody-visible" },
    { code: "wal-not-open", state: "has-frames", folder: "writable", holders: "unattached" },
    { code: "wal-not-open", state: "beside-rollback", folder: "writable", holders: "unattached" },
    { code: "separate-locks" },
    { code: "needs-copy", message: "attempt to write a readonly database" },
    { code: "ignores-check-constraints" },
    { code: "backup-failed", message: "database disk image is malformed" },
  ];
  expect(block(reasons.map(copyReasonText))).toMatchInlineSnapshot(`
    "
    --copy
    its journal is hot: a read in place would roll it back, or would be refused
    SQLite, run by root, would change the owner of its -journal
    a -wal is beside it, which no process has open: a read in place would make a -shm for it, or delete
      it
    no process has its WAL open, in a folder that cannot be written to: a read in place would make a
      -shm for it
    it is in WAL mode and no process has it open, on a read-only file system: a read in place would make
      a -shm
    it is in WAL mode and no process has it open: a read in place would make a -wal and a -shm
    it is in WAL mode and no process that can be seen has it open: a read in place would make a -wal and
      a -shm
    its WAL has changes, and the processes that have it open are not attached to its wal-index: a read
      in place would make a -shm for it
    a -wal is beside it, and the processes that have it open are not attached to its wal-index: a read
      in place would make a -shm for it, or delete it
    it is also used in another way, for which the locks of a reader here do not count
    SQLite cannot read it in place (attempt to write a readonly database)
    SQLite cannot read it in place (it skips the CHECK constraints of a database that cannot be written)
    the backup API cannot copy it (database disk image is malformed)
    "
  `);
});

test("what is wrong with a header", () => {
  const faults: readonly HeaderFault[] = [
    { code: "magic" },
    { code: "page-size", stored: 1000 },
    { code: "read-version", version: 3 },
    { code: "read-version-zero" },
    { code: "write-version", version: 3 },
    { code: "versions-differ", write: 2, read: 1 },
    { code: "reserved-bytes", reserved: 33, pageSize: 512 },
    { code: "payload-fractions", fractions: [65, 32, 32] },
    { code: "schema-format", format: 5 },
    { code: "text-encoding", encoding: 4 },
    { code: "unused-bytes", first: 72, last: 91 },
    { code: "cut-off", pages: 5, pageSize: 4096, sizeBytes: 18_000 },
    { code: "too-long", pages: 4, pageSize: 4096, sizeBytes: 20_480 },
    { code: "torn-page", pageSize: 4096, sizeBytes: 16_385 },
    { code: "outdated-page-count" },
  ];
  expect(block(faults.map(headerFaultText))).toMatchInlineSnapshot(`
    "
    the first 16 bytes are not 'SQLite format 3' and a zero
    the page size is 1000, which is neither a power of two from 512 to 32768 nor 1 (65536)
    the read version is 3: SQLite knows 1 (rollback journal) and 2 (WAL)
    the read version is 0: SQLite treats it as 1 (rollback journal)
    the write version is 3: SQLite knows 1 and 2, and opens the database read-only
    the write version is 2 and the read version 1: SQLite always writes the same number to both
    33 bytes at the end of each page are reserved, which leaves fewer than 480 of its 512
    the payload fractions are 65, 32, 32 instead of 64, 32, 32
    the schema format is 5: SQLite knows 1 to 4
    the text encoding is 4: SQLite knows 1 (UTF-8), 2 and 3 (UTF-16)
    bytes 72 to 91 are not zero: SQLite does not use them
    the file is truncated: the header says 5 pages of 4096 bytes, but the file has 18000 bytes (4 whole
      pages)
    the file is longer than the header says: 4 pages of 4096 bytes, but the file has 20480 bytes
    the file ends in the middle of a page: 16385 bytes are not a multiple of 4096
    a program that does not update the page count of the header has written it (SQLite before 3.7.0):
      SQLite uses the size of the file instead
    "
  `);
});

test("a row that refers to nothing", () => {
  const found = (change: Partial<FoundProblem>): FoundProblem => ({
    check: "foreign-keys",
    cause: { kind: "foreign-key", from: ["a", "b"], to: ["x", "y"] },
    table: "t",
    index: null,
    rowid: 7n,
    parent: "p",
    page: null,
    ...change,
  });
  expect(
    block([
      messageOf(found({})),
      messageOf(found({ rowid: null, cause: { kind: "foreign-key", from: ["a"], to: [] } })),
      messageOf(found({ cause: { kind: "foreign-key", from: [], to: [] } })),
      messageOf(found({ cause: { kind: "foreign-key", from: ["a"], to: ["x"], noParent: true } })),
    ]),
  ).toMatchInlineSnapshot(`
    "
    row 7 of t refers to a row of p that does not exist (a, b → x, y)
    a row of t refers to a row of p that does not exist (a → its primary key)
    row 7 of t refers to a row of p that does not exist
    row 7 of t refers to p, and there is no such table (a → x)
    "
  `);
});

test("the row and the page are added where the message has no such number", () => {
  expect(problemText(problem("row 7 missing from index i", { rowid: 7n }))).toBe("row 7 missing from index i");
  expect(problemText(problem("row 2 missing from index i", { rowid: 20n, page: 3 }))).toBe(
    "row 2 missing from index i (row 20, page 3)",
  );
  expect(problemText(problem("the page size is 0", { check: "header", page: 1 }))).toBe("the page size is 0");
});

test("where a problem is", () => {
  const at = (table: string | null, index: string | null) => locationText({ check: "structure", table, index });
  expect([at("t", "i"), at("t", null), at(null, "i"), at(null, null)]).toEqual([
    "table t, index i",
    "table t",
    "index i",
    "the file",
  ]);
});
