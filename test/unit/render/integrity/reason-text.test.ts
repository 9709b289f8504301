import { expect, test } from "vitest";
import type { Reason } from "../../../../src/features/integrity/reasons.ts";
import { reasonText } from "../../../../src/render/integrity/reason-text.ts";
import { block } from "../../../support/block.ts";
import { holder } from "../../../support/report.ts";

const path = "/srv/db";
const refused = (
  refusal: Extract<Reason, { kind: "refused" }>["refusal"],
  journalMode: "wal" | "rollback" = "rollback",
) => ({ kind: "refused", path, refusal, journalMode }) as const;
const changedUnderLock = (pids: readonly number[], known: boolean): Reason => ({
  ...refused({ kind: "changed", underLock: true }),
  writers: { holders: pids.map((pid) => holder({ pid })), known },
});
const unchecked = (part: Extract<Reason, { kind: "unchecked" }>["part"]) => ({ kind: "unchecked", part }) as const;

const REASONS: readonly Reason[] = [
  {
    kind: "look",
    failure: { kind: "path-error", path, error: { code: "x", message: "its message", hint: "its hint" } },
  },
  { kind: "look", failure: { kind: "folder", path } },
  { kind: "look", failure: { kind: "deleted", path } },
  { kind: "look", failure: { kind: "odd-companion", path, companion: "/srv/db-wal", type: "pipe" } },
  { kind: "look", failure: { kind: "denied", path } },
  { kind: "look", failure: { kind: "denied", path, trouble: "no-descriptor" } },
  { kind: "look", failure: { kind: "denied", path, trouble: "io-error" } },
  { kind: "empty", path, companions: ["-wal", "-shm"] },
  { kind: "empty", path: "/srv/it's [new].db", companions: [] },
  { kind: "unsupported-format", format: { code: "wal2" } },
  { kind: "unsupported-format", format: { code: "versions", write: 9, read: 7 } },
  { kind: "unsupported-format", format: { code: "schema-format", format: 5 } },
  { kind: "unsupported-format", format: { code: "unknown" } },
  { kind: "content", path, content: { kind: "lfs-pointer" } },
  { kind: "content", path, content: { kind: "not-a-database", looksLike: "text" } },
  { kind: "content", path, content: { kind: "encrypted", partly: true } },
  { kind: "content", path, content: { kind: "encrypted", partly: false } },
  { kind: "locked", holders: [holder({ pid: 7 })], hasUnownedLocks: false },
  { kind: "locked", holders: [holder({ pid: 7, activity: "exclusive" })], hasUnownedLocks: false },
  { kind: "locked", holders: [], hasUnownedLocks: true },
  { kind: "locked", holders: [], hasUnownedLocks: false },
  refused({ kind: "changed" }),
  refused({ kind: "changed" }, "wal"),
  changedUnderLock([], false),
  changedUnderLock([7], true),
  changedUnderLock([7, 8], false),
  { kind: "unlocked-writer", holders: [holder({ pid: 7 })], foundProblems: true },
  { kind: "unlocked-writer", holders: [holder({ pid: 7 }), holder({ pid: 8 })], foundProblems: false },
  refused({ kind: "no-space", neededBytes: 2048, freeBytes: 1024, reserveBytes: 512 }),
  refused({ kind: "file-limit", neededBytes: 2048 }, "wal"),
  refused({ kind: "denied", path: "/srv/db-wal", trouble: "no-descriptor" }),
  refused({ kind: "hard-linked", path: "/srv/db-wal", links: 2 }),
  refused({ kind: "no-user", actor: { kind: "owner", uid: 1001, of: "database", folderUid: null } }),
  refused({ kind: "no-folder", why: "there is no folder" }, "wal"),
  refused({ kind: "gone" }),
  refused({ kind: "denied", path: "/srv/db-wal" }),
  refused({ kind: "not-a-database", message: "file is not a database" }),
  refused({ kind: "ignores-check-constraints" }),
  refused({ kind: "failed", message: "disk I/O error" }),
  unchecked({ code: "missing-requirement", table: "docs", requirement: { type: "tokenizer", name: "snowball" } }),
  unchecked({ code: "missing-requirement", table: null, requirement: { type: "collation", name: "mine" } }),
  unchecked({ code: "sqlite-error", table: "t", message: "foreign key mismatch", missing: false }),
  unchecked({ code: "sqlite-error", table: null, message: "out of memory", missing: false }),
  unchecked({ code: "damaged-table", table: "t" }),
  unchecked({ code: "unreadable-schema" }),
  unchecked({
    code: "no-stand-in",
    why: {
      kind: "no-copy",
      refusal: { kind: "no-space", neededBytes: 2048, freeBytes: 1024, reserveBytes: 512 },
    },
  }),
  unchecked({
    code: "no-stand-in",
    why: { kind: "no-copy", refusal: { kind: "no-folder", why: "there is no folder" } },
  }),
  unchecked({ code: "no-stand-in", why: { kind: "no-copy", refusal: { kind: "changed" } } }),
  unchecked({ code: "no-stand-in", why: { kind: "not-edited", message: "database disk image is malformed" } }),
  unchecked({ code: "no-stand-in", why: { kind: "schema-once" } }),
  unchecked({ code: "vector-index", table: "movies", index: "movies_idx" }),
  unchecked({ code: "contentless", table: "docs" }),
  unchecked({ code: "table-format", table: "docs", found: "9", known: "4 or 5" }),
  unchecked({ code: "tokenizer-arguments", table: "docs", tokenizer: "unicode61 newer 1" }),
  unchecked({ code: "table-option", table: "docs", module: "fts5", message: 'unrecognized option: "newer"' }),
  { kind: "timeout" },
  { kind: "crashed", why: "it was ended by SIGKILL" },
  { kind: "left-out" },
  { kind: "not-reached" },
  { kind: "refused-header" },
  { kind: "not-utf8", path },
  { kind: "error", message: "no more processes", hint: "see ulimit -u" },
  { kind: "error", message: "x is not a function", hint: null },
];

test("why it was not checked, and what to do", () => {
  const lines = REASONS.map((reason) => reasonText(reason, { uid: 1000 })).map(
    ({ reason, remedy }) => `${reason} | ${remedy ?? ""}`,
  );
  expect(block(lines)).toMatchInlineSnapshot(`
    "
    its message | its hint
    /srv/db is a folder, not a database file | to check all databases below it: sqlock integrity -r
      /srv/db
    /srv/db was deleted, and a process still has it open | see which process: sqlock who-holds
    /srv/db-wal is a named pipe | SQLite cannot open the database with it: find out what put it there,
      and move it away
    no permission to inspect /srv/db | sudo sqlock integrity /srv/db, or run it as the user that owns it
    too many open files: /srv/db cannot be opened | raise the limit (ulimit -n 1024), and try again
    /srv/db cannot be read: input/output error (EIO) | see the kernel's log (dmesg): the disk, or the
      file system, may be failing
    /srv/db is empty, with a -wal and -shm beside it: its content is likely lost, or is just being
      written | do not open it: SQLite deletes the -wal or -journal of an empty file. First copy it and
      its -wal and -shm to another place; see sqlock who-holds
    /srv/it's [new].db is empty, though it has the name of a database: its content may be lost | restore
      it; if it is meant to be empty, leave it out: --exclude 'it'\\''s \\[new].db'
    another SQLite likely made it: its read and write version are 3, as in wal2 mode (a branch of
      SQLite), and this SQLite knows 1 and 2 | check it with the SQLite of the program that made it; if
      no other SQLite did, these bytes are damaged: restore the last intact backup
    another SQLite likely made it: its write version is 9, its read version 7, and this SQLite knows 1
      and 2 | check it with the SQLite of the program that made it; if no other SQLite did, these bytes
      are damaged: restore the last intact backup
    another SQLite likely made it: its schema format is 5, and this SQLite knows 1 to 4 | check it with
      the SQLite of the program that made it; if no other SQLite did, these bytes are damaged: restore
      the last intact backup
    another SQLite likely made it: this SQLite does not know its schema format | check it with the
      SQLite of the program that made it; if no other SQLite did, these bytes are damaged: restore the
      last intact backup
    /srv/db is a Git LFS pointer: the database itself was not downloaded | run git lfs pull in its
      repository (in CI: actions/checkout with lfs: true)
    /srv/db is not a SQLite database: it looks like text | if it was a database, restore it; if not,
      give another path, or leave it out of -r: --exclude db
    /srv/db is likely encrypted: it has a database header, but the rest looks random | check it with the
      program that has its key (SQLCipher: PRAGMA cipher_integrity_check)
    /srv/db is likely encrypted: it looks random from its first byte | check it with the program that
      has its key (SQLCipher: PRAGMA cipher_integrity_check)
    it is locked by 7 (python manage.py shell) | end the transaction that holds the lock and try again,
      or wait longer (--wait 1m); see sqlock who-holds
    it is locked by 7 (python manage.py shell) | end the transaction there, or close the connection if
      there is none (locking_mode=EXCLUSIVE), and try again, or wait longer (--wait 1m); see sqlock
      who-holds
    it is locked | end the transaction that holds the lock and try again, or wait longer (--wait 1m);
      see sqlock who-holds
    it is locked, by a process that no longer holds the lock | try again, or wait longer (--wait 1m);
      see sqlock who-holds
    its files changed each time they were read | check it when no process writes to it
    its files changed each time they were read | check it when no process opens or closes it; or let
      SQLite make its -wal and -shm beside it: --allow-companions
    its files changed while they were read, though SQLite's read lock was held: a process writes without
      SQLite's default locks | check it when no process writes to it; to see which processes have it
      open: sqlock who-holds
    its files changed while they were read, though SQLite's read lock was held: a process writes without
      SQLite's default locks, likely 7 (python manage.py shell) | check it when no process writes to it;
      to see which processes have it open: sqlock who-holds
    its files changed while they were read, though SQLite's read lock was held: a process writes without
      SQLite's default locks; it may be 7 (python manage.py shell) and 8 (python manage.py shell),
      without a lock at this moment | check it when no process writes to it; to see which processes have
      it open: sqlock who-holds
    problems were found while 7 (python manage.py shell) uses it without SQLite's default locks: a
      change that is only partly written may be the cause | let 7 finish, or stop it cleanly, then check
      again; see sqlock who-holds
    7 (python manage.py shell) and 8 (python manage.py shell) use it without SQLite's default locks: a
      change may be only partly written | let 7 and 8 finish, or stop them cleanly, then check again;
      see sqlock who-holds
    a private copy needs 2 KiB, but the folder for temporary files has 1 KiB free, of which 512 B must
      stay free | set TMPDIR to a folder with more space
    a private copy has a file of 2 KiB, and a file may not be as large here | raise the limit (ulimit -f
      unlimited), or set TMPDIR to another file system; or let SQLite make its -wal and -shm beside it:
      --allow-companions
    too many open files: /srv/db-wal cannot be opened | raise the limit (ulimit -n 1024), and try again
    /srv/db-wal has 2 names (hard links): another name may be another user's file | see which: find /
      -xdev -samefile /srv/db-wal; root does not check it
    sqlock does not run SQLite as root on it, and this process cannot become uid 1001, its owner | run
      it as that user, or where root may change its user (CAP_SETUID)
    there is no folder | set TMPDIR to a folder that you can write to; or let SQLite make its -wal and
      -shm beside it: --allow-companions
    /srv/db no longer exists | check the path
    no permission to read /srv/db-wal | sudo sqlock integrity /srv/db, or run it as the user that owns
      it
    SQLite does not open it: file is not a database |
    SQLite cannot read it: it skips the CHECK constraints of a database that cannot be written | see
      sqlock explain
    SQLite cannot read it: disk I/O error | see sqlock explain
    docs needs the tokenizer snowball, which this SQLite does not have |
    the database needs the collation mine, which this SQLite does not have |
    t: foreign key mismatch |
    SQLite: out of memory |
    t is damaged |
    part of the schema could not be read |
    the free list and unused pages were not checked: no copy could be made (it needs 2 KiB, and 1 KiB
      are free) | set TMPDIR to a folder with more space
    the free list and unused pages were not checked: no copy could be made (there is no folder) | set
      TMPDIR to a folder that you can write to
    the free list and unused pages were not checked: its files changed while they were copied | check it
      when no process writes to it
    the free list and unused pages were not checked: the schema of the copy could not be changed
      (database disk image is malformed) |
    the free list and unused pages were not checked: SQLite does not know its text encoding |
    movies_idx of movies is a vector index of libSQL, another SQLite, which keeps its entries elsewhere:
      they were not checked |
    docs is an FTS4 table that does not keep its text (content=''): there is nothing to compare its
      index with |
    docs has version 9 of the FTS5 format, and this SQLite knows 4 or 5 |
    docs: this SQLite's tokenizer does not take these arguments: unicode61 newer 1 |
    docs has something that fts5 of this SQLite does not know: unrecognized option: "newer" |
    it took too long (--timeout) | give it more time (--timeout 1h), or check less (--quick,
      --no-foreign-keys)
    the process that checked it did not finish: it was ended by SIGKILL | try again; if it happens
      again, report it
    skipped (--no-foreign-keys) |
    the check did not get that far |
    SQLite does not open a file with such a header |
    a path that is not UTF-8 cannot be checked: /srv/db | make a link with a UTF-8 name, and check that:
      ln -s
    no more processes | see ulimit -u
    sqlock failed: x is not a function | try again; if it happens again, report it
    "
  `);
});
