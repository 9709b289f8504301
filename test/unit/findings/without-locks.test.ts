/** Where nothing is known of locks (lsof), no finding comes of ignorance. */
import { expect, test } from "vitest";
import { diagnose } from "../../../src/findings/diagnose.ts";
import { relate } from "../../../src/model/relate.ts";
import { STALE_AFTER_MS } from "../../support/diagnosed.ts";
import { handleSeen, type Look, look, processSeen, ROLLBACK, targetFile, WAL } from "../../support/snapshot.ts";

/** What is seen of the same machine. */
function seen(source: "proc" | "lsof", at: Look) {
  const [database, snapshot] = look({ ...at, source });
  const related = relate(database, snapshot, STALE_AFTER_MS);
  return {
    related,
    findings: diagnose({ database: related, seen: database, snapshot, staleAfterMs: STALE_AFTER_MS }),
  };
}

const ids = (...at: Parameters<typeof seen>) => seen(...at).findings.map(({ id }) => id);

const JOURNAL = {
  header: "valid",
  begun: false,
  sizeBytes: 4616,
  committedBySuperJournal: false,
  pagesOfEmpty: 0,
} as const;

const LEFT_WAL = { ...WAL, wal: WAL.wal === null ? null : { ...WAL.wal, live: false, pageCount: 12, pageSize: 4096 } };

const WAL_HANDLES = [handleSeen(), handleSeen({ fd: 4, role: "wal" }), handleSeen({ fd: 5, role: "shm" })];

const FORKED = [processSeen({ pid: 4242, parentPid: 1 }), processSeen({ pid: 4243, parentPid: 4242 })];

const BESIDE = { files: [targetFile("database"), targetFile("wal"), targetFile("shm")] };

test("what a holder does is unknown, not idle, and it is not known to be stale", () => {
  const [holder] = seen("lsof", { handles: { 4242: [handleSeen()] } }).related.holders;
  expect(holder).toMatchObject({ activity: "unknown", locks: [], blocks: [], stale: [], heldAtLeastMs: null });
  expect(seen("proc", { handles: { 4242: [handleSeen()] } }).related.holders[0]?.activity).toBe("idle");
});

test.each<[string, Look, string[]]>([
  ["WAL without locks", { facts: WAL, handles: { 4242: WAL_HANDLES }, target: BESIDE }, ["lost-locks"]],
  [
    "a -journal without locks",
    {
      facts: { ...ROLLBACK, journal: JOURNAL },
      handles: { 4242: [handleSeen(), handleSeen({ fd: 4, role: "journal" })] },
    },
    ["lost-locks"],
  ],
  [
    "parent and child with the same descriptors",
    { facts: WAL, handles: { 4242: WAL_HANDLES, 4243: WAL_HANDLES }, processes: FORKED, target: BESIDE },
    ["inherited-handle"],
  ],
])("%s proves nothing", (_, at, withLocks) => {
  expect(ids("proc", at)).toEqual(expect.arrayContaining(withLocks));
  expect(ids("lsof", at)).toEqual([]);
});

test("a valid -journal is hot only where nobody has the database open, and nobody can be out of sight", () => {
  const facts = { ...ROLLBACK, journal: JOURNAL };
  expect(seen("lsof", { facts }).related.journal?.hot).toBe(true);
  expect(ids("lsof", { facts })).toEqual(["hot-journal"]);
  expect(seen("lsof", { facts, handles: { 4242: [handleSeen()] } }).related.journal?.hot).toBeNull();
  expect(seen("lsof", { facts, partialView: true }).related.journal?.hot).toBeNull();
  expect(ids("lsof", { facts, partialView: true })).toEqual([]);
});

test("a -wal is left over only where nobody can be out of sight", () => {
  const at = { facts: LEFT_WAL, target: BESIDE };
  expect(ids("lsof", at)).toEqual(["leftover-wal"]);
  expect(ids("lsof", { ...at, partialView: true })).toEqual([]);
});

test("a deleted file is one, and its remedy needs no /proc", () => {
  const [finding, ...more] = seen("lsof", { handles: { 4242: [handleSeen({ deleted: true })] } }).findings;
  expect(more).toEqual([]);
  expect(finding).toMatchObject({ id: "deleted-file", severity: "error", pids: [4242] });
  expect(finding?.remedy).not.toMatch(/\/proc\/|kill -STOP/);
  expect(finding?.remedy).toContain("VACUUM INTO");
});

test("a deleted -journal: whether its transaction runs is not known", () => {
  const [finding] = seen("lsof", {
    handles: { 4242: [handleSeen(), handleSeen({ fd: 4, role: "journal", deleted: true })] },
  }).findings;
  expect(finding).toMatchObject({ id: "deleted-file", severity: "warning" });
  expect(finding?.summary).toContain("if it dies during a transaction");
  expect(finding?.remedy).not.toMatch(/\/proc\/|kill -STOP/);
});

test("a lock directory: who has the database open is told, not what other locks he has", () => {
  const at = { handles: { 4242: [handleSeen()] }, target: { lockDirectorySince: new Date(0) } };
  const [finding] = seen("lsof", at).findings;
  expect(finding?.id).toBe("lock-directory");
  expect(finding?.detail).toContain("It may belong to a process that has the database open: 4242");
  expect(finding?.detail).not.toContain("no other lock");
});
