import { expect, test } from "vitest";
import type { FileFacts } from "../../../src/model/file-facts.ts";
import { isHotAfterLooks, isHotInLook } from "../../../src/model/hot-journal.ts";
import type { Finding, Handle, Holder, Lock } from "../../../src/model/report.ts";
import { useWithoutLocks } from "../../../src/model/use-without-locks.ts";
import { handle, holder, lock } from "../../support/report.ts";
import { handleSeen, type Look, look, ROLLBACK } from "../../support/snapshot.ts";

const JOURNAL: NonNullable<FileFacts["journal"]> = {
  header: "valid",
  begun: false,
  sizeBytes: 4616,
  committedBySuperJournal: false,
  pagesOfEmpty: 0,
};

const FLOCK = lock("FOREIGN", { api: "flock", type: "write" });

const with_ = (change: Partial<NonNullable<FileFacts["journal"]>>): Look => ({
  facts: { ...ROLLBACK, journal: { ...JOURNAL, ...change } },
});

const opened = (access: Handle["access"], ...locks: Lock[]) =>
  holder({ handles: [handle(3, "database"), handle(4, "journal", { access })], locks });

test.each<[string, Look, readonly Lock[], boolean | null, Holder[]?]>([
  ["a valid journal, and nobody", with_({}), [], true],
  ["no journal", {}, [], false],
  ["a writer at work", with_({}), [lock("RESERVED")], false],
  ["a writer that has spilled", with_({}), [lock("EXCLUSIVE")], false],
  ["a writer that waits for readers", with_({}), [lock("PENDING")], false],
  ["a reader that is just coming in: no write lock", with_({}), [lock("PENDING", { type: "read" })], true],
  ["a reader", with_({}), [lock("SHARED")], true],
  ["a lock that is only waited for", with_({}), [lock("RESERVED", { waiting: true })], true],
  ["a journal that was never synced", with_({ header: "unsynced" }), [], false],
  ["one that cannot be read", with_({ header: "unreadable" }), [], null],
  ["one whose super-journal is gone", with_({ committedBySuperJournal: true }), [], false],
  ["one whose super-journal cannot be seen", with_({ committedBySuperJournal: null }), [], null],
  [
    "one whose super-journal lies beside the database, and is named by a path that is not here",
    with_({ missingSuperJournal: { name: "/app/db-mj0123459AB", beside: "/srv/db-mj0123459AB" } }),
    [],
    null,
  ],
  ["a view of a part of the machine", { ...with_({}), partialView: true }, [], null],
  ["lsof, and nobody has it open", { ...with_({}), source: "lsof" }, [], true],
  ["lsof, and somebody has it open", { ...with_({}), source: "lsof", handles: { 4242: [handleSeen()] } }, [], null],
  ["a living process has it open to write, and no lock", with_({}), [], null, [opened("read-write")]],
  ["one of which is not known how it has it open", with_({}), [], null, [opened(null)]],
  ["one that reads it: a backup", with_({}), [], true, [opened("read")]],
  ["a reader in persist mode", with_({}), [], true, [opened("read-write", lock("SHARED"))]],
  ["somebody has the database open, idle", with_({}), [], true, [holder()]],
  ["a lock directory", { ...with_({}), target: { lockDirectorySince: new Date(0) } }, [], null],
  ["a flock of one who may write", with_({}), [], null, [holder({ locks: [FLOCK] })]],
  [
    "a flock of a script, which can only read",
    with_({}),
    [],
    true,
    [holder({ locks: [FLOCK], handles: [handle(3, "database", { access: "read", flock: "write" })] })],
  ],
  ["a foreign lock of nobody who is known", with_({}), [FLOCK], null],
  ["only the owners of locks were looked for", { ...with_({}), locksOnly: true }, [], null],
])("%s", (_, at, locks, hot, holders = []) => {
  const [database, snapshot] = look(at);
  const lockDirectory = database.target.lockDirectorySince === null ? null : { path: "", since: new Date(0) };
  const use = useWithoutLocks({ holders, unownedLocks: locks, lockDirectory });
  expect(isHotInLook(database, locks, use, snapshot)).toBe(hot);
});

test("a writer's lock on a file that was moved away: the journal may be that writer's", () => {
  const own = lock("EXCLUSIVE");
  const hot = (header: NonNullable<FileFacts["journal"]>["header"]) => {
    const [database, snapshot] = look(with_({ header }));
    const use = useWithoutLocks({ holders: [opened("read-write", own)], unownedLocks: [], lockDirectory: null });
    return [new Set([own]), new Set<Lock>()].map((lost) => isHotInLook(database, [own], use, snapshot, lost));
  };
  expect(hot("valid")).toEqual([null, false]);
  expect(hot("unsynced")).toEqual([false, false]);
});

test("it is hot only where every look says so; what is not known stays unknown", () => {
  const finding: Finding = { id: "hot-journal", severity: "warning", pids: [], summary: "", detail: "", remedy: "" };
  expect(isHotAfterLooks(true, [finding], [])).toBe(true);
  expect(isHotAfterLooks(true, [], [])).toBe(false);
  expect(isHotAfterLooks(true, [], [finding])).toBeNull();
  expect(isHotAfterLooks(null, [], [])).toBeNull();
  expect(isHotAfterLooks(false, [finding], [])).toBe(false);
});
