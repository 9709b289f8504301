/** What an ordinary user may not write, and the error that SQLite really gives for it. */
import { chmodSync, chownSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, type TestContext, test } from "vitest";
import { theFinding } from "../../support/findings.ts";
import { type Holder, startHolder } from "../../support/holder.ts";
import { mountNamespace, NOBODY } from "../../support/namespace.ts";
import { isRoot, need } from "../../support/skip.ts";
import { connect, holding, newDatabase } from "../../support/sqlite.ts";
import { lookAt } from "../../support/sqlock.ts";

/** Of another user than root, with the folder and all files their own. */
async function databaseOfNobody(context: TestContext, mode: "delete" | "wal"): Promise<string> {
  need(context, isRoot, "root");
  const database = await newDatabase(mode);
  for (const path of [dirname(database), database]) chownSync(path, NOBODY, NOBODY);
  return database;
}

const READ = `c.execute("select count(*) from t").fetchall()`;
const INSERT = `c.execute("insert into t values (1)")`;

async function nobody(database: string, python = READ): Promise<Holder> {
  const holder = await startHolder({ uid: NOBODY });
  await holder.run(`${connect(database)}\n${python}`);
  return holder;
}

/** What SQLite says of it: the error, with its name where this Python tells it; null where all goes well. */
async function failure(holder: Holder, sql: string): Promise<string | null> {
  return (await holder.run(`
answer = None
try: ${sql}
except sqlite3.OperationalError as error: answer = f"{error} {getattr(error, 'sqlite_errorname', '')}".strip()`)) as
    | string
    | null;
}

interface Case {
  readonly mode: "delete" | "wal";
  /** What root does to it before. */
  readonly prepare: (database: string) => void | Promise<void>;
  readonly severity: "info" | "warning";
  readonly summary: string;
  /** What a read comes to, and then a write; null where it goes well. */
  readonly read: RegExp | null;
  readonly write: RegExp;
}

const roots = (path: string, mode: number) => {
  chownSync(path, 0, 0);
  chmodSync(path, mode);
};

/** Root leaves the finished -journal of persist mode behind. */
async function finishedJournal(database: string, mode: number): Promise<void> {
  const root = await holding(database, `c.execute("pragma journal_mode=persist"); ${INSERT}`);
  await root.end();
  roots(`${database}-journal`, mode);
}

/** Root has it open in WAL mode, and made the -wal and the -shm. */
async function openedByRoot(database: string, mode: number): Promise<void> {
  await holding(database, INSERT);
  for (const suffix of ["-wal", "-shm"]) roots(database + suffix, mode);
}

const READONLY = /^attempt to write a readonly database( SQLITE_READONLY)?$/;
const READONLY_DIRECTORY = /^attempt to write a readonly database( SQLITE_READONLY_DIRECTORY)?$/;
const CANTOPEN = /^unable to open database file( SQLITE_CANTOPEN)?$/;

const CASES: Record<string, Case> = {
  "the database": {
    mode: "delete",
    prepare: (database) => roots(database, 0o644),
    severity: "info",
    summary: "cannot write the database: a write gets 'attempt to write a readonly database' (8).",
    read: null,
    write: READONLY,
  },
  "the folder": {
    mode: "delete",
    prepare: (database) => roots(dirname(database), 0o755),
    severity: "warning",
    summary: "cannot write its folder: a write gets 'attempt to write a readonly database' (8, extended 1544)",
    read: null,
    write: READONLY_DIRECTORY,
  },
  "the folder, in WAL mode": {
    mode: "wal",
    prepare: (database) => roots(dirname(database), 0o755),
    severity: "warning",
    summary:
      "cannot write its folder: once -wal and -shm are gone, even a read gets 'attempt to write a readonly " +
      "database' (8, extended 1544)",
    read: READONLY_DIRECTORY,
    write: READONLY_DIRECTORY,
  },
  "a finished -journal": {
    mode: "delete",
    prepare: (database) => finishedJournal(database, 0o644),
    severity: "warning",
    summary: "cannot write the -journal: a write gets 'disk I/O error' (10, extended 778)",
    read: null,
    write: /^disk I\/O error( SQLITE_IOERR_WRITE)?$/,
  },
  "a finished -journal that it may not read either": {
    mode: "delete",
    prepare: (database) => finishedJournal(database, 0o600),
    severity: "warning",
    summary: "cannot write the -journal: a write, and often also a read, gets 'unable to open database file' (14)",
    read: CANTOPEN,
    write: CANTOPEN,
  },
  "-wal and -shm": {
    mode: "wal",
    prepare: (database) => openedByRoot(database, 0o644),
    severity: "warning",
    summary: "cannot write the -wal and the -shm: a write gets 'attempt to write a readonly database' (8)",
    read: null,
    write: READONLY,
  },
  "-wal and -shm that it may not read either": {
    mode: "wal",
    prepare: (database) => openedByRoot(database, 0o600),
    severity: "warning",
    summary: "cannot write the -wal and the -shm: a read or a write gets 'unable to open database file' (14)",
    read: CANTOPEN,
    write: CANTOPEN,
  },
};

test.for(Object.entries(CASES))(
  "%s: the finding, and the error that it names",
  async ([_, { mode, prepare, severity, summary, read, write }], context) => {
    const database = await databaseOfNobody(context, mode);
    await prepare(database);
    const holder = await nobody(database, "");
    const finding = theFinding(await lookAt(database), "not-writable");
    expect(finding).toMatchObject({ severity, pids: [holder.pid], summary: expect.stringContaining(summary) });
    expect(finding.summary).toContain("(user nobody)");
    const failed = await failure(holder, READ);
    if (read === null) expect(failed).toBeNull();
    else expect(failed).toMatch(read);
    expect(await failure(holder, INSERT)).toMatch(write);
  },
);

const FINE: Record<string, { mode: "delete" | "wal"; prepare: (database: string) => void | Promise<void> }> = {
  "its own": { mode: "delete", prepare: () => {} },
  "its own, in WAL mode": { mode: "wal", prepare: () => {} },
  "its group's": {
    mode: "wal",
    prepare: (database) => {
      for (const [path, bits] of [[dirname(database), 0o2770] as const, [database, 0o660] as const]) {
        chownSync(path, 0, NOBODY);
        chmodSync(path, bits);
      }
    },
  },
  "a finished -journal that is its own, in a folder that is not": {
    mode: "delete",
    prepare: async (database) => {
      await finishedJournal(database, 0o644);
      chownSync(`${database}-journal`, NOBODY, NOBODY);
      roots(dirname(database), 0o755);
    },
  },
};

test.for(Object.entries(FINE))("silent: %s; and it can write", async ([_, { mode, prepare }], context) => {
  const database = await databaseOfNobody(context, mode);
  await prepare(database);
  const holder = await nobody(database, `${READ}; c.execute("pragma journal_mode").fetchone()`);
  expect((await lookAt(database)).findings).toEqual([]);
  if (existsSync(`${database}-journal`)) await holder.run(`c.execute("pragma journal_mode=persist")`);
  expect(await failure(holder, INSERT)).toBeNull();
});

test("silent: root, whom no mode bits keep out; and a process that has it open for writing", async (context) => {
  const database = await databaseOfNobody(context, "delete");
  await nobody(database);
  roots(database, 0o444);
  chmodSync(dirname(database), 0o777);
  await holding(database, READ);
  expect((await lookAt(database)).findings).toEqual([]);
});

test.for(["delete", "wal"] as const)("a read-only mount, %s", async (mode, context) => {
  need(context, isRoot, "root");
  const folder = dirname(await newDatabase(mode));
  const database = join(folder, "db.sqlite3");
  const space = await mountNamespace();
  space.run("mount", "--bind", folder, folder);
  space.run("mount", "-o", "remount,bind,ro", folder);
  const holder = await startHolder({ through: space.through });
  await holder.run(connect(database));
  const seen = await lookAt(database, [], { through: space.through });
  expect(seen.findings).toMatchObject([
    {
      id: "not-writable",
      severity: "info",
      pids: [holder.pid],
      summary: expect.stringContaining(`${folder} is mounted read-only`),
    },
  ]);
  const read = await failure(holder, READ);
  if (mode === "delete") expect(read).toBeNull();
  else expect(read).toMatch(CANTOPEN);
  expect(await failure(holder, INSERT)).toMatch(mode === "delete" ? READONLY : CANTOPEN);
  expect((await lookAt(database)).findings).toEqual([]); // outside it is the same file on a mount that can be written
});
