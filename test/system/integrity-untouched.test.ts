/** A check leaves everything as it was, whatever way of looking it takes. */
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { check, temporaryFiles } from "../support/check.ts";
import { connection, ROLLBACK, WAL, WRITE } from "../support/connection.ts";
import { type Holder, startHolder } from "../support/holder.ts";
import { asOfLive, listing } from "../support/listing.ts";
import { python } from "../support/python.ts";
import { isRoot, need } from "../support/skip.ts";
import { connect, newDatabase } from "../support/sqlite.ts";
import { sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

const SPILL = [
  "pragma cache_size=1",
  "begin immediate",
  "insert into t select randomblob(4000) from (values (1),(2),(3),(4),(5),(6))",
];

interface State {
  readonly make: (database: string) => string;
  /** The process that made it is killed. */
  readonly dies?: true;
  readonly is: object;
  /** With --copy; left out where the table of decide.test.ts is enough. */
  readonly copied?: object;
  readonly live?: true;
}

const COPIED_AWAY = { verdict: "ok", method: "private-copy", readLockMs: null };
const IN_PLACE = { verdict: "ok", method: "in-place", methodReason: null, readLockMs: expect.any(Number) };
const BACKED_UP = { verdict: "ok", method: "backup", readLockMs: expect.any(Number) };
const CLOSE = "\nc.close()";

const STATES: Record<string, State> = {
  "rollback mode, nobody": { make: (path) => connection(path, ...ROLLBACK) + CLOSE, is: IN_PLACE },
  "rollback mode, a writer": {
    make: (path) => connection(path, ...ROLLBACK, ...WRITE),
    is: IN_PLACE,
    copied: BACKED_UP,
  },
  "rollback mode, persist": {
    make: (path) => connection(path, ...ROLLBACK, "pragma journal_mode=persist", ...WRITE, "commit") + CLOSE,
    is: isRoot ? { ...COPIED_AWAY, methodReason: expect.stringContaining("-journal") } : IN_PLACE,
  },
  "rollback mode, persist, an idle connection": {
    make: (path) => connection(path, ...ROLLBACK, "pragma journal_mode=persist", ...WRITE, "commit"),
    is: IN_PLACE,
    live: true,
  },
  "a hot journal": {
    make: (path) => connection(path, ...ROLLBACK, ...SPILL),
    dies: true,
    is: { ...COPIED_AWAY, methodReason: expect.stringContaining("journal is hot"), findings: [{ id: "hot-journal" }] },
  },
  "WAL mode, nobody": {
    make: (path) => connection(path, ...WAL) + CLOSE,
    is: {
      ...COPIED_AWAY,
      methodReason: expect.stringMatching(/no process( that can be seen)? has it open/),
      findings: [],
    },
  },
  "a leftover WAL": {
    make: (path) => connection(path, ...WAL),
    dies: true,
    is: {
      ...COPIED_AWAY,
      methodReason: expect.stringMatching(/no process( that can be seen)? has its WAL open/),
      findings: [{ id: "leftover-wal" }],
    },
  },
  "WAL mode, an idle connection": {
    make: (path) => connection(path, ...WAL),
    is: IN_PLACE,
    live: true,
  },
  "WAL mode, a writer": {
    make: (path) => connection(path, ...WAL, ...WRITE),
    is: IN_PLACE,
    copied: BACKED_UP,
    live: true,
  },
};

async function prepare(state: State): Promise<{ folder: string; database: string; holder: Holder }> {
  const folder = join(tempFolder(), "data");
  mkdirSync(folder);
  const database = join(folder, "db.sqlite3");
  const holder = await startHolder();
  await holder.run(state.make(database));
  if (state.dies === true) await holder.end();
  return { folder, database, holder };
}

test.each(Object.entries(STATES))("%s", async (_, state) => {
  const { folder, database } = await prepare(state);
  const temporary = temporaryFiles();
  const seen = () => (state.live === true ? asOfLive(listing(folder)) : listing(folder));
  const before = seen();
  for (const [args, expected] of [
    [[], state.is],
    ...(state.copied === undefined ? [] : [[["--copy"], state.copied] as const]),
  ] as const) {
    expect(await check(database, args, { env: temporary.env })).toMatchObject({ code: 0, ...expected });
    expect(seen()).toEqual(before);
    expect(readdirSync(temporary.folder)).toEqual([]);
  }
});

test("damage is found whatever the way, and stays as it is", async () => {
  for (const [statements, method] of [
    [ROLLBACK, "in-place"],
    [WAL, "private-copy"],
  ] as const) {
    const { folder, database } = await prepare({
      make: (path) => connection(path, ...statements) + CLOSE,
      is: {},
    });
    python(`f = open(${JSON.stringify(database)}, "r+b"); f.seek(36); f.write(bytes([0, 0, 0, 7])); f.close()`);
    const before = listing(folder);
    const problems = [{ check: "structure", message: "Freelist: size is 0 but should be 7" }];
    expect(await check(database)).toMatchObject({ code: 1, verdict: "corrupt", method, problems });
    expect(listing(folder)).toEqual(before);
  }
});

test("an ordinary user, in a folder that he may not write", async (context) => {
  need(context, isRoot, "root, to become another user");
  for (const make of [ROLLBACK, WAL]) {
    const { folder, database } = await prepare({
      make: (path) => connection(path, ...make) + CLOSE,
      is: {},
    });
    chmodSync(folder, 0o755);
    chmodSync(database, 0o644);
    const temporary = temporaryFiles();
    chmodSync(temporary.folder, 0o777);
    const before = listing(folder);
    const seen = await check(database, [], { uid: 65534, env: temporary.env });
    expect(seen).toMatchObject({ code: 0, verdict: "ok", method: make === WAL ? "private-copy" : "in-place" });
    if (make === WAL) expect(seen.methodReason).toContain("in a folder that cannot be written to");
    expect(listing(folder)).toEqual(before);
    expect(readdirSync(temporary.folder)).toEqual([]);
  }
});

test("a file of another kind in place of the journal is not rolled back", async (context) => {
  const { folder, database } = await prepare({
    make: (path) => connection(path, ...ROLLBACK) + CLOSE,
    is: {},
  });
  writeFileSync(`${database}-journal`, "notes\n".repeat(200));
  const before = listing(folder);
  expect(await check(database)).toMatchObject({ code: 0, verdict: "ok", method: "private-copy" });
  expect(listing(folder)).toEqual(before);
  need(context, isRoot, "root, to become another user");
  chmodSync(database, 0o644);
  const readable = listing(folder);
  const seen = await check(database, [], { uid: 65534 });
  expect(seen).toMatchObject({
    code: 0,
    verdict: "ok",
    method: "private-copy",
    methodReason: expect.stringContaining("SQLite cannot read it in place"),
  });
  expect(listing(folder)).toEqual(readable);
});

test("CHECK constraints count, also where the database may not be written", async (context) => {
  const { folder, database } = await prepare({
    make: (path) =>
      connection(
        path,
        "create table t(a check (a > 0))",
        "pragma ignore_check_constraints=on",
        "insert into t values (-1)",
      ) + CLOSE,
    is: {},
  });
  chmodSync(database, 0o644);
  const before = listing(folder);
  const problems = [{ check: "structure", message: "CHECK constraint failed in t", table: "t" }];
  expect(await check(database)).toMatchObject({ code: 1, method: "in-place", problems });
  expect(await check(database, ["--copy"])).toMatchObject({ code: 1, method: "backup", problems });
  expect(listing(folder)).toEqual(before);
  need(context, isRoot, "root, to become another user");
  const seen = await check(database, [], { uid: 65534 });
  expect(seen).toMatchObject({
    code: 1,
    method: "private-copy",
    methodReason: expect.stringContaining("CHECK constraints"),
    problems,
  });
  expect(listing(folder)).toEqual(before);
});

test("the super-journal of a hot journal stays, and so do the journals that it names", async () => {
  const folder = tempFolder();
  const [one, two] = [join(folder, "one.db"), join(folder, "two.db")];
  const holder = await startHolder();
  await holder.run(`
for p in ${JSON.stringify([one, two])}:
  m = sqlite3.connect(p, isolation_level=None); m.execute("create table t(a)"); m.close()
${connection(one, `attach '${two}' as two`, "pragma cache_size=1", "begin immediate")}
for i in range(30):
  c.execute("insert into t values (randomblob(4000))"); c.execute("insert into two.t values (randomblob(4000))")`);
  await holder.end();
  // As a crash in the middle of the commit leaves it: both journals name the super-journal, which names both.
  const superJournal = `${one}-mjABCDEF9AB`;
  writeFileSync(superJournal, `${one}-journal\0${two}-journal\0`);
  for (const path of [one, two]) {
    python(`
n = ${JSON.stringify(superJournal)}.encode()
f = open(${JSON.stringify(`${path}-journal`)}, "ab")
f.write((262145).to_bytes(4, "big") + n + len(n).to_bytes(4, "big") + sum(n).to_bytes(4, "big"))
f.write(bytes.fromhex("d9d505f920a163d7")); f.close()`);
  }
  const before = listing(folder);
  expect(await check(one)).toMatchObject({
    code: 0,
    verdict: "ok",
    method: "private-copy",
    findings: [{ id: "hot-journal" }],
  });
  expect(listing(folder)).toEqual(before);
  // With the journals gone that it names, SQLite itself would take the super-journal away with this one.
  const other = join(folder, "other.db");
  copyFileSync(one, other);
  renameSync(`${one}-journal`, `${other}-journal`);
  renameSync(`${two}-journal`, join(folder, "put-aside"));
  const alone = listing(folder);
  expect(await check(other)).toMatchObject({ code: 0, verdict: "ok", method: "private-copy" });
  expect(listing(folder)).toEqual(alone);
});

test("root leaves the owners of a live -wal and -shm as they are", async (context) => {
  need(context, isRoot, "root");
  const database = await newDatabase("wal");
  chmodSync(dirname(database), 0o777);
  chmodSync(database, 0o666);
  chownSync(database, 1000, 1000);
  const app = await startHolder({ uid: 65534 });
  await app.run(`${connect(database)}\nc.execute("insert into t values (1)")`);
  const owners = () => ["-wal", "-shm"].map((suffix) => statSync(database + suffix).uid);
  expect(owners()).toEqual([65534, 65534]);
  for (const args of [[], ["--copy"]])
    expect(await check(database, args)).toMatchObject({
      code: 0,
      verdict: "ok",
      method: args.length === 0 ? "in-place" : "backup",
    });
  expect(owners()).toEqual([65534, 65534]);
  await sqlock(["journal-mode", database, "delete", "--wait", "0"]);
  expect(owners()).toEqual([65534, 65534]);
  await app.run(`c.execute("insert into t values (2)")`);
});
