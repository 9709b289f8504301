/** From the system's errors to what is refused, why, and the message for it: each right next to where it is silent. */
import { describe, expect, test } from "vitest";
import { accessAnswer, accessSigns, triedAccess } from "../../../../../src/features/explain/access/answer.ts";
import type { AccessFacts, Tried, TriedFile, TriedHolder } from "../../../../../src/features/explain/access/facts.ts";
import { kindOf, refusalsOf } from "../../../../../src/features/explain/access/refusals.ts";
import type { Role } from "../../../../../src/sqlite/roles.ts";

const WEB = { uid: 33, name: "www-data", because: "holder", pids: [7] } as const;
const OPEN = { mode: 0o666, uid: 0, gid: 0 };

const file = (role: Role, change: Partial<TriedFile> = {}): TriedFile => ({
  role,
  path: `/srv/db${role === "database" ? "" : `-${role}`}`,
  rights: OPEN,
  read: null,
  write: null,
  attribute: null,
  ...change,
});
const folder = (change: Partial<NonNullable<Tried["folder"]>> = {}): Tried["folder"] => ({
  path: "/srv",
  rights: { mode: 0o777, uid: 0, gid: 0 },
  newFile: null,
  attribute: null,
  ...change,
});
const tried = (change: Partial<Tried> = {}): Tried => ({
  user: WEB,
  closed: null,
  files: [file("database")],
  folder: folder(),
  ...change,
});
const facts = (change: Partial<Tried> = {}, more: Partial<AccessFacts> = {}): AccessFacts => ({
  journalMode: "rollback",
  tried: [tried(change)],
  notTried: [],
  mount: { mountPoint: "/", readOnly: false, wentReadOnly: null, quota: false },
  holders: [],
  ...more,
});
const holder = (change: Partial<TriedHolder> = {}): TriedHolder => ({
  pid: 7,
  uid: 33,
  onlyReads: false,
  writes: [],
  readOnlyMount: false,
  label: null,
  ...change,
});
const READ_ONLY = { mountPoint: "/", readOnly: true, wentReadOnly: null, quota: false } as const;
const STICKY = folder({ rights: { mode: 0o1777, uid: 0, gid: 0 } });
const WAL = { journalMode: "wal" } as const;

const found = (all: AccessFacts) =>
  refusalsOf(all).map(({ what, act, why, message, code }) => `${what} ${act} ${why}: ${message} ${code}`);

test.each<[string, AccessFacts, string[]]>([
  ["all is allowed", facts(), []],
  [
    "what is gone is made anew",
    facts({ files: [file("database"), file("journal", { read: "ENOENT", write: "ENOENT" })] }),
    [],
  ],
  [
    "a folder above that cannot be passed: nothing else was tried",
    facts({
      closed: { path: "/srv", rights: { mode: 0o700, uid: 0, gid: 0 }, refused: "EACCES" },
      files: [],
      folder: null,
    }),
    ["path pass mode: unable-to-open 14"],
  ],
  [
    "a database that may not be read",
    facts({ files: [file("database", { rights: { mode: 0o600, uid: 0, gid: 0 }, read: "EACCES", write: "EACCES" })] }),
    ["database read mode: unable-to-open 14"],
  ],
  [
    "nor written",
    facts({ files: [file("database", { rights: { mode: 0o644, uid: 0, gid: 0 }, write: "EACCES" })] }),
    ["database write mode: readonly-database 8"],
  ],
  [
    "though its bits allow it to everybody",
    facts({ files: [file("database", { write: "EACCES" })] }),
    ["database write other-control: readonly-database 8"],
  ],
  [
    "to the group alone: whether the user is in it is not known",
    facts({ files: [file("database", { rights: { mode: 0o660, uid: 0, gid: 5 }, write: "EACCES" })] }),
    ["database write mode: readonly-database 8"],
  ],
  [
    "immutable",
    facts({ files: [file("database", { write: "EPERM" })] }),
    ["database write attribute: readonly-database 8"],
  ],
  [
    "append-only, which access(2) does not know",
    facts({ files: [file("database", { attribute: "append-only" })] }),
    ["database write attribute: readonly-database 8"],
  ],
  [
    "no file can be made in the folder",
    facts({ folder: folder({ rights: { mode: 0o755, uid: 0, gid: 0 }, newFile: "EACCES" }) }),
    ["folder make-files mode: readonly-database 1544"],
  ],
  [
    "but the -journal of persist mode stays",
    facts({ files: [file("database"), file("journal")], folder: folder({ newFile: "EACCES" }) }),
    [],
  ],
  [
    "an immutable folder",
    facts({ folder: folder({ newFile: "EPERM" }) }),
    ["folder make-files attribute: unable-to-open 14"],
  ],
  [
    "a folder where nothing can be deleted",
    facts({ folder: folder({ attribute: "append-only" }) }),
    ["folder delete attribute: disk-io-error 2570"],
  ],
  ["in WAL mode nothing is", facts({ folder: folder({ attribute: "append-only" }) }, WAL), []],
  [
    "a quota of files",
    facts({ folder: folder({ newFile: "EDQUOT" }) }),
    ["folder make-files quota: unable-to-open 14"],
  ],
  ["no inode", facts({ folder: folder({ newFile: "ENOSPC" }) }), ["folder make-files no-inode: unable-to-open 14"]],
  [
    "a -journal that may only be read",
    facts({ files: [file("database"), file("journal", { rights: { mode: 0o644, uid: 0, gid: 0 }, write: "EACCES" })] }),
    ["journal write mode: disk-io-error 778"],
  ],
  ["of no matter in WAL mode", facts({ files: [file("database"), file("journal", { write: "EACCES" })] }, WAL), []],
  [
    "another's -journal in a sticky folder",
    facts({ files: [file("database"), file("journal")], folder: STICKY }),
    ["journal delete sticky: disk-io-error 2570"],
  ],
  [
    "one's own there",
    facts({
      files: [file("database"), file("journal", { rights: { mode: 0o644, uid: 33, gid: 33 } })],
      folder: STICKY,
    }),
    [],
  ],
  [
    "-wal and -shm of somebody else",
    facts(
      { files: [file("database"), file("wal", { write: "EACCES" }), file("shm", { read: "EACCES", write: "EACCES" })] },
      WAL,
    ),
    ["wal write other-control: readonly-database 8", "shm read other-control: unable-to-open 14"],
  ],
  ["of no matter in rollback mode", facts({ files: [file("database"), file("wal", { write: "EACCES" })] }), []],
  [
    "WAL mode, and the folder: as long as -wal and -shm are there it does not matter",
    facts({ files: [file("database"), file("wal"), file("shm")], folder: folder({ newFile: "EACCES" }) }, WAL),
    [],
  ],
  [
    "later it does",
    facts({ folder: folder({ newFile: "EACCES" }) }, WAL),
    ["folder make-files other-control: readonly-database 1544"],
  ],
  [
    "a read-only mount, once",
    facts(
      { files: [file("database", { write: "EROFS" })], folder: folder({ newFile: "EROFS" }) },
      { mount: READ_ONLY },
    ),
    ["database write mount: readonly-database 8"],
  ],
  [
    "in WAL mode without -wal and -shm",
    facts({}, { ...WAL, mount: READ_ONLY }),
    ["database write mount: unable-to-open 14"],
  ],
  [
    "likely read-only since an error: no proof",
    facts({}, { mount: { ...READ_ONLY, wentReadOnly: "likely" } }),
    ["database write mount: readonly-database 8"],
  ],
  [
    "read-only since an error",
    facts({}, { mount: { ...READ_ONLY, wentReadOnly: "proved" } }),
    ["database write went-read-only: readonly-database 8"],
  ],
  [
    "a file system that does not say so, and refuses",
    facts({ files: [file("database", { write: "EROFS" })] }),
    ["database write went-read-only: readonly-database 8"],
  ],
  [
    "read-only where the process is",
    facts({}, { holders: [holder({ readOnlyMount: true })] }),
    ["database write holders-mount: readonly-database 8"],
  ],
  [
    "a process that has the file open to write is not kept from it by new bits",
    facts({ files: [file("database", { write: "EACCES" })] }, { holders: [holder({ writes: ["database"] })] }),
    [],
  ],
  [
    "by an attribute it is",
    facts({ files: [file("database", { write: "EPERM" })] }, { holders: [holder({ writes: ["database"] })] }),
    ["database write attribute: readonly-database 8"],
  ],
  [
    "another process of another user says nothing",
    facts({ files: [file("database", { write: "EACCES" })] }, { holders: [holder({ pid: 9, writes: ["database"] })] }),
    ["database write other-control: readonly-database 8"],
  ],
  ["where another process is", facts({}, { holders: [holder({ pid: 9, readOnlyMount: true })] }), []],
])("%s", (_, all, expected) => {
  expect(found(all)).toEqual(expected);
});

test("what brings it about, as the causes tell it apart", () => {
  const kinds = (all: AccessFacts) => refusalsOf(all).map(kindOf);
  const denied = { rights: { mode: 0o600, uid: 0, gid: 0 }, write: "EACCES" };
  expect(kinds(facts({ files: [file("database", denied)] }))).toEqual(["rights"]);
  expect(kinds(facts({ files: [file("database"), file("wal", denied)] }, WAL))).toEqual(["companions"]);
  expect(kinds(facts({}, { mount: READ_ONLY }))).toEqual(["read-only-file-system"]);
  expect(kinds(facts({ folder: folder({ newFile: "EDQUOT" }) }))).toEqual(["no-room"]);
  expect(kinds(facts({ files: [file("database", { write: "EACCES" })] }))).toEqual(["other-control"]);
});

test("quotas are kept: it speaks for a lack of room", () => {
  const kept = { mountPoint: "/", readOnly: false, wentReadOnly: null, quota: true } as const;
  expect(accessSigns(facts({}, { mount: kept }))).toEqual([{ id: "quota", pid: null }]);
});

test("of one message: the refusals that bring it about, and who is not refused", () => {
  const all = facts({ folder: folder({ newFile: "EPERM" }) });
  expect(triedAccess(all, "unable-to-open")).toMatchObject({ refusals: [{ what: "folder" }], allowed: [] });
  expect(triedAccess(all, "readonly-database")).toEqual({ refusals: [], allowed: [WEB] });
  expect(accessAnswer(all)).toMatchObject({ users: [WEB], notTried: [], refusals: [{ user: WEB }] });
});

describe("what a process does that speaks for a cause", () => {
  const APPARMOR = { module: "apparmor", label: "docker-default", confined: true } as const;
  test.each<[string, Partial<Tried>, Partial<TriedHolder>, string[]]>([
    ["nothing", {}, {}, []],
    ["it has the database open to read only, and may write it", {}, { onlyReads: true }, ["only-reads"]],
    [
      "and may not: SQLite has opened it so itself",
      { files: [file("database", { write: "EACCES" })] },
      { onlyReads: true },
      [],
    ],
    ["its user was not tried", {}, { onlyReads: true, uid: 34 }, []],
    ["it is confined, and the rights allow all", {}, { label: APPARMOR }, ["confined"]],
    ["its profile only complains", {}, { label: { ...APPARMOR, confined: false } }, []],
    ["it is confined, and the rights refuse it", { folder: folder({ newFile: "EACCES" }) }, { label: APPARMOR }, []],
  ])("%s", (_, change, of, ids) => {
    expect(accessSigns(facts(change, { holders: [holder(of)] })).map(({ id }) => id)).toEqual(ids);
  });
});
