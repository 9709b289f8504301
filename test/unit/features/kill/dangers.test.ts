import { expect, test } from "vitest";
import { type Danger, dangersOf } from "../../../../src/features/kill/dangers.ts";
import type { DatabaseReport, Finding, Holder } from "../../../../src/model/report.ts";
import { databaseReport, handle, holder, lock } from "../../../support/report.ts";

const lostFile = (rescue: string | null): Danger => ({ kind: "lost-file", pid: 4242, rescue });
const NO_JOURNAL: Danger = { kind: "no-journal", pid: 4242 };
const CONTAINER_INIT: Danger = { kind: "container-init", pid: 4242 };

const finding = (id: Finding["id"], ...pids: number[]): Finding => ({
  id,
  severity: "error",
  pids,
  summary: "s",
  detail: "d",
  remedy: "cp first",
});

const EXCLUSIVE: Partial<Holder> = { locks: [lock("EXCLUSIVE"), lock("PENDING"), lock("RESERVED")] };
const EXCLUSIVE_WITH_FILE: Partial<Holder> = { ...EXCLUSIVE, handles: [handle(3, "database"), handle(4, "journal")] };
const journal = (header: NonNullable<DatabaseReport["journal"]>["header"]) => ({ hot: null, header, sizeBytes: 512 });

test.each<[string, Partial<Holder>, Partial<DatabaseReport>, boolean, Danger[]]>([
  ["nothing", {}, {}, false, []],
  ["EXCLUSIVE without a journal", EXCLUSIVE, {}, false, [NO_JOURNAL]],
  ["PENDING without a journal", { locks: [lock("PENDING")] }, {}, false, [NO_JOURNAL]],
  ["PENDING that a new reader takes", { locks: [lock("PENDING", { type: "read" })] }, {}, false, []],
  ["RESERVED: nothing is written yet", { locks: [lock("RESERVED"), lock("SHARED")] }, {}, false, []],
  ["EXCLUSIVE is waited for", { locks: [lock("EXCLUSIVE", { waiting: true })] }, {}, false, []],
  ["EXCLUSIVE with a valid journal", EXCLUSIVE, { journal: journal("valid") }, false, []],
  ["a journal that is not synced", EXCLUSIVE, { journal: journal("unsynced") }, false, [NO_JOURNAL]],
  ["an empty journal", EXCLUSIVE, { journal: journal("empty") }, false, [NO_JOURNAL]],
  ["a journal that cannot be read", EXCLUSIVE, { journal: journal("unreadable") }, false, [NO_JOURNAL]],
  [
    "EXCLUSIVE, and its own -journal is open: unix-excl",
    EXCLUSIVE_WITH_FILE,
    { journal: { ...journal("unsynced"), begun: true } },
    false,
    [],
  ],
  ["a finished journal that is still open", EXCLUSIVE_WITH_FILE, { journal: journal("unsynced") }, false, [NO_JOURNAL]],
  ["EXCLUSIVE in WAL mode", EXCLUSIVE, { journalMode: "wal" }, false, []],
  ["EXCLUSIVE in a mode that nobody knows", EXCLUSIVE, { journalMode: "unknown" }, false, [NO_JOURNAL]],
  [
    "no lock, and a file that is longer than its header says, as several looks have it",
    {},
    { beyondHeader: { pages: 130, pids: [4242] }, findings: [finding("other-locking", 4242)] },
    false,
    [{ ...NO_JOURNAL, unlocked: true }],
  ],
  ["the same, and no other look has it", {}, { beyondHeader: { pages: 130, pids: [4242] } }, false, []],
  [
    "of another process",
    {},
    { beyondHeader: { pages: 130, pids: [7] }, findings: [finding("other-locking", 4242)] },
    false,
    [],
  ],
  [
    "its -journal lies beside another name",
    { ...EXCLUSIVE, handles: [handle(3, "database"), handle(4, "journal", { path: "/srv/app/b.sqlite3-journal" })] },
    {},
    false,
    [{ ...NO_JOURNAL, elsewhere: "/srv/app/b.sqlite3-journal" }],
  ],
  ["a lost file, with its rescue", {}, { findings: [finding("deleted-file", 4242)] }, false, [lostFile("cp first")]],
  ["a lost file of another process", {}, { findings: [finding("deleted-file", 7)] }, false, []],
  ["another finding", {}, { findings: [finding("uncommitted-write", 4242)] }, false, []],
  ["a lost file without a finding", { stale: ["deleted-file"] }, {}, false, [lostFile(null)]],
  [
    "a lost file needs no journal",
    EXCLUSIVE,
    { findings: [finding("deleted-file", 4242)] },
    false,
    [lostFile("cp first")],
  ],
  ["the first process of a container", {}, {}, true, [CONTAINER_INIT]],
  ["the worst first", EXCLUSIVE, {}, true, [NO_JOURNAL, CONTAINER_INIT]],
])("%s", (_, change, database, isContainerInit, dangers) => {
  expect(dangersOf(holder(change), databaseReport(database), isContainerInit)).toEqual(dangers);
});
