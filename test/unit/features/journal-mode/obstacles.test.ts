import { describe, expect, test } from "vitest";
import type { SwitchAccess } from "../../../../src/features/journal-mode/look.ts";
import {
  isOfRights,
  type Obstacle,
  obstacleCode,
  obstaclesOf,
  type SwitchContext,
  standing,
} from "../../../../src/features/journal-mode/obstacles.ts";
import type { KeptMode } from "../../../../src/features/journal-mode/report.ts";
import { FINDINGS } from "../../../../src/findings/index.ts";
import type { DatabaseReport, Finding } from "../../../../src/model/report.ts";
import { databaseReport, handle, holder, lock } from "../../../support/report.ts";

const ACCESS: SwitchAccess = {
  notWritable: [],
  folder: "/srv/app",
  folderWritable: true,
  hardLinked: null,
  freeBytes: 2 ** 40,
  fileMounts: [],
};

interface Case {
  readonly database?: Partial<DatabaseReport>;
  readonly access?: Partial<SwitchAccess>;
  readonly opener?: SwitchContext["opener"];
  readonly asRoot?: boolean;
  readonly unseen?: SwitchContext["unseen"];
  readonly to?: KeptMode;
  readonly force?: boolean;
}

const CALLER: SwitchContext["opener"] = { kind: "opener", actor: { kind: "caller" } };
const OWNER: SwitchContext["opener"] = {
  kind: "opener",
  actor: { kind: "owner", uid: 1001, of: "database", folderUid: null },
};
const UNREACHED = { kind: "out-of-reach", uid: 1001, path: "/srv/app" } as const;

function obstacles({
  database: change = {},
  access = {},
  opener = CALLER,
  asRoot = false,
  unseen = null,
  to = "wal",
  force = false,
}: Case) {
  const viewer = { uid: asRoot ? 0 : 1000 };
  const context = {
    database: databaseReport(change),
    access: { ...ACCESS, ...access },
    opener,
    asRoot,
    viewer,
    unseen,
  };
  return obstaclesOf(context, to, force);
}

const finding = (id: Finding["id"], severity: Finding["severity"] = "warning"): Finding => ({
  id,
  severity,
  pids: [],
  summary: "Something is wrong.",
  detail: "",
  remedy: "Do something.",
});

const fileSystem = (change: object) => ({
  type: "ext4",
  mountPoint: "/srv",
  network: false,
  readOnly: false,
  ...change,
});
const FLOCK = lock("FOREIGN", { api: "flock", type: "write" });
const UNLOCKED = holder({ handles: [handle(3, "database"), handle(4, "journal")] });
const BY_FLOCK = holder({ locks: [FLOCK] });
const LOCKED = { ...UNLOCKED, locks: [lock("RESERVED")] };
const SCRIPT = holder({ locks: [FLOCK], handles: [handle(3, "database", { access: "read", flock: "write" })] });
const CUT_OFF = { pageCount: 13, pageSize: 4096, sizeBytes: 12 * 4096 };

/** Each with what it consists in; `forcible` only where --force goes past it. */
const ONE: readonly (readonly [string, Case, object])[] = [
  [
    "a read-only mount",
    { database: { fileSystem: fileSystem({ readOnly: true }) }, access: { notWritable: ["/srv/app/db.sqlite3"] } },
    { kind: "read-only-mount", mountPoint: "/srv" },
  ],
  [
    "files that may not be written",
    { access: { notWritable: ["/srv/a", "/srv/a-wal"], folderWritable: false } },
    { kind: "not-writable", paths: ["/srv/a", "/srv/a-wal"], immutable: false },
  ],
  [
    "the same for root",
    { access: { notWritable: ["/srv/a"] }, asRoot: true },
    { kind: "not-writable", immutable: true, asUid: null },
  ],
  [
    "the same for root, who would switch it as its owner",
    { access: { notWritable: ["/srv/a"] }, opener: OWNER, asRoot: true },
    { kind: "not-writable", immutable: false, asUid: 1001 },
  ],
  [
    "a folder that its owner may not write",
    { access: { folderWritable: false }, opener: OWNER, asRoot: true },
    { kind: "folder-not-writable", asUid: 1001 },
  ],
  [
    "a database that its owner cannot reach",
    { opener: { kind: "opener", actor: { kind: "isolated", why: UNREACHED } }, asRoot: true },
    { kind: "isolated", path: "/srv/app/db.sqlite3", why: UNREACHED },
  ],
  [
    "a user that root cannot become",
    { opener: { ...OWNER, kind: "no-user" }, asRoot: true },
    { kind: "no-user", actor: OWNER.actor },
  ],
  [
    "a companion file with other names",
    { access: { hardLinked: { path: "/srv/a-wal", links: 2 } }, opener: OWNER, asRoot: true },
    { kind: "hard-linked-companion", path: "/srv/a-wal", links: 2 },
  ],
  [
    "a folder that may not be written",
    { access: { folderWritable: false }, to: "delete" },
    { kind: "folder-not-writable", folder: "/srv/app", to: "delete" },
  ],
  [
    "a writer without SQLite's locks, whom no finding names",
    { database: { holders: [UNLOCKED] } },
    { kind: "other-locking", writers: [UNLOCKED], foreign: [], foreignUnowned: false },
  ],
  [
    "a flock of one who can write",
    { database: { holders: [BY_FLOCK] } },
    { kind: "other-locking", writers: [], foreign: [BY_FLOCK], foreignUnowned: false },
  ],
  [
    "a foreign lock of nobody who is known",
    { database: { unownedLocks: [FLOCK] } },
    { kind: "other-locking", writers: [], foreign: [], foreignUnowned: true },
  ],
  ["a file that is cut off", { database: CUT_OFF }, { kind: "cut-off", ...CUT_OFF }],
  [
    "a file that is mounted by itself",
    { access: { fileMounts: [{ pid: 42, mountPoint: "/app/db" }] } },
    { kind: "file-mount", mounts: [{ pid: 42, mountPoint: "/app/db" }], forcible: true },
  ],
  [
    "a network file system",
    { database: { fileSystem: fileSystem({ type: "nfs4", network: true }) } },
    { kind: "network-file-system", type: "nfs4", to: "wal", forcible: true },
  ],
  [
    "no room",
    { access: { freeBytes: 81_919 } },
    { kind: "no-space", neededBytes: 4 * 4096 + 65_536, freeBytes: 81_919 },
  ],
  [
    "no room for what the -wal adds to the database",
    {
      database: {
        pageCount: 1000,
        wal: {
          frames: 9,
          checkpointedFrames: 0,
          uncommittedFrames: 0,
          checkpointedKnown: true,
          readMarks: [],
          unreadBytes: 0,
          complete: true,
        },
      },
      access: { freeBytes: 4e6 },
      to: "delete",
    },
    { kind: "no-space" },
  ],
];

test.each(ONE)("%s", (_, given, expected) => {
  expect(obstacles(given)).toMatchObject([{ forcible: false, forced: false, ...expected }]);
});

test.each<readonly [string, Case]>([
  ["nothing", {}],
  ["room that is not known", { access: { freeBytes: null } }],
  ["just enough room", { access: { freeBytes: 4 * 4096 + 65_536 } }],
  [
    "a file that seems cut off while frames are in the -wal",
    {
      database: {
        ...CUT_OFF,
        wal: {
          frames: 1,
          checkpointedFrames: 0,
          uncommittedFrames: 0,
          checkpointedKnown: true,
          readMarks: [],
          unreadBytes: 0,
          complete: true,
        },
      },
    },
  ],
  [
    "the same beside a journal that may be hot",
    { database: { ...CUT_OFF, journal: { hot: null, header: "valid", sizeBytes: 1 } } },
  ],
  ["the same while a holder writes", { database: { ...CUT_OFF, holders: [holder({ activity: "writing" })] } }],
  ["idle connections, and a writer by SQLite's locks", { database: { holders: [holder(), LOCKED] } }],
  ["flock(1), whose descriptor can only read", { database: { holders: [SCRIPT] } }],
  ["a header without a page count", { database: { ...CUT_OFF, pageCount: null } }],
])("no obstacle: %s", (_, given) => {
  expect(obstacles(given)).toEqual([]);
});

test("a process of a finding that --force cannot override is not named again", () => {
  const named = { ...finding("lost-locks", "error"), pids: [UNLOCKED.pid] };
  const other = holder({ pid: 4300, handles: UNLOCKED.handles });
  expect(obstacles({ database: { holders: [UNLOCKED], findings: [named] } })).toMatchObject([{ kind: "finding" }]);
  expect(obstacles({ database: { holders: [UNLOCKED, other], findings: [named] } })).toMatchObject([
    { kind: "finding" },
    { kind: "other-locking", writers: [other] },
  ]);
});

describe("findings", () => {
  const IDS = FINDINGS.map(({ id }) => id);

  test("those whose record says so block the switch, and no others", () => {
    const blocking = IDS.filter((id) => obstacles({ database: { findings: [finding(id)] } }).length > 0);
    expect(blocking.sort()).toEqual([
      "damaged-wal",
      "deleted-file",
      "foreign-writer",
      "hard-linked",
      "hot-journal",
      "leftover-wal",
      "lock-directory",
      "lost-locks",
      "mixed-lock-apis",
      "odd-companion",
      "other-locking",
      "separate-locks",
      "super-journal-elsewhere",
      "wal-from-another-file",
    ]);
  });

  test("--force goes past four of them, unless they are errors", () => {
    const forced = (severity: Finding["severity"]) =>
      IDS.filter(
        (id) => obstacles({ database: { findings: [finding(id, severity)] }, force: true })[0]?.forced === true,
      );
    expect(forced("warning").sort()).toEqual(["hard-linked", "hot-journal", "leftover-wal", "other-locking"]);
    expect(forced("error")).toEqual([]);
  });

  test("a script's flock is no obstacle", () => {
    expect(obstacles({ database: { findings: [finding("mixed-lock-apis", "info")] } })).toEqual([]);
  });
});

test("what --force cannot go past comes first", () => {
  const all = obstacles({
    database: {
      ...CUT_OFF,
      fileSystem: fileSystem({ network: true }),
      findings: [finding("hot-journal"), finding("lost-locks")],
    },
    access: { folderWritable: false },
    force: true,
  });
  expect(all.map(obstacleCode)).toEqual([
    "not-writable",
    "lost-locks",
    "cut-off",
    "hot-journal",
    "network-file-system",
  ]);
  expect(standing(all).map(obstacleCode)).toEqual(["not-writable", "lost-locks", "cut-off"]);
});

test("rights are another exit code", () => {
  const kinds: readonly Obstacle["kind"][] = [
    "read-only-mount",
    "not-writable",
    "folder-not-writable",
    "isolated",
    "no-user",
    "cut-off",
    "hard-linked-companion",
    "no-space",
  ];
  const codes = kinds.map((kind) => obstacleCode({ kind } as Obstacle));
  expect(codes.map(isOfRights)).toEqual([true, true, true, true, true, false, false, false]);
});

describe("a transaction whose writer was not seen, while somebody could not be looked into", () => {
  const UNSEEN = { processes: 75, reasons: [], reason: "closed to root", remedy: "run as root" };
  const BEGUN = { hot: false, header: "unsynced", begun: true, sizeBytes: 4616 } as const;
  const HOT = { hot: true, header: "valid", sizeBytes: 4616 } as const;
  const FINISHED = { hot: false, header: "unsynced", sizeBytes: 4616 } as const;
  const WAL = {
    frames: 3,
    uncommittedFrames: null,
    checkpointedFrames: 0,
    checkpointedKnown: false,
    readMarks: [],
    unreadBytes: 0,
    complete: true,
  };
  const INIT = { ...UNSEEN, processes: 1, initAlone: true } as const;
  const connection = (role: "journal" | "wal", held: "RESERVED" | "SHARED") =>
    holder({ handles: [handle(3, "database"), handle(4, role)], locks: [lock(held)] });

  test.each<[string, Case, string | null]>([
    ["a journal that was not synced", { database: { journal: BEGUN }, unseen: UNSEEN }, "/srv/app/db.sqlite3-journal"],
    ["one that was", { database: { journal: HOT }, unseen: UNSEEN }, "/srv/app/db.sqlite3-journal"],
    ["a -wal with commits", { database: { wal: WAL }, to: "delete", unseen: UNSEEN }, "/srv/app/db.sqlite3-wal"],
    ["an empty -wal", { database: { wal: { ...WAL, frames: 0 } }, to: "delete", unseen: UNSEEN }, null],
    ["everybody was seen", { database: { journal: BEGUN } }, null],
    ["everybody but init was", { database: { journal: BEGUN }, unseen: INIT }, null],
    ["no journal", { unseen: UNSEEN }, null],
    [
      "a finished one, as exclusive mode keeps it open",
      { database: { journal: FINISHED }, unseen: UNSEEN },
      "/srv/app/db.sqlite3-journal",
    ],
    [
      "a connection in persist mode",
      { database: { journal: FINISHED, holders: [connection("journal", "SHARED")] }, unseen: UNSEEN },
      null,
    ],
    [
      "its writer, whose lock is seen",
      { database: { journal: BEGUN, unownedLocks: [lock("RESERVED")] }, unseen: UNSEEN },
      null,
    ],
    [
      "a writer that is seen",
      { database: { journal: BEGUN, holders: [connection("journal", "RESERVED")] }, unseen: UNSEEN },
      null,
    ],
    [
      "a connection that has the -wal",
      { database: { wal: WAL, holders: [connection("wal", "SHARED")] }, to: "delete", unseen: UNSEEN },
      null,
    ],
  ])("%s", (_, change, path) => {
    const found = obstacles(change).filter(({ kind }) => kind === "unseen");
    expect(found).toMatchObject(path === null ? [] : [{ path, forcible: true, forced: false }]);
    expect(standing(obstacles({ ...change, force: true }))).toEqual([]);
  });
});
