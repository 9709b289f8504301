/**
 * Somebody alive writes, and no lock of SQLite's shows it: nothing that opens, deletes or ends anything is advised, and
 * the journal mode is not switched. unix-flock and node-sqlite3-wasm themselves: test/drivers/unseen-locks.test.ts.
 */
import { copyFileSync, existsSync, linkSync, mkdirSync, renameSync, rmdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { literal } from "../support/connection.ts";
import { theFinding } from "../support/findings.ts";
import { type Holder, startHolder } from "../support/holder.ts";
import { bytesOfFolder, journalMode, modeOfFile, untilWorkerOn } from "../support/journal-mode.ts";
import { killJson } from "../support/kill.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { findingIds, lookAt, sqlock } from "../support/sqlock.ts";

/** Python: its cache spills, so that its -journal has a valid header. */
const SPILLED = `c.execute("pragma cache_size=1"); c.execute("begin"); c.execute("update t set a = randomblob(1000)")`;

const READ = `cursor = c.execute("select a from t"); cursor.fetchone()`;

async function byVfs(database: string, vfs: string, python: string): Promise<Holder> {
  const holder = await startHolder();
  const uri = literal(`file:${database}?vfs=${vfs}`);
  await holder.run(
    `database = ${literal(database)}
c = sqlite3.connect(${uri}, uri=True, isolation_level=None, timeout=0)
${python}`,
  );
  return holder;
}

/** What no remedy may say: it would be done while the writer lives. */
const OPENS_OR_DELETES = /schema_version|wal_checkpoint|rmdir|^ {2}(?:rm|mv|sqlite3) /m;

interface Scheme {
  readonly vfs: string;
  readonly python: string;
  readonly finding: "lost-locks" | "lock-directory" | "other-locking";
  readonly end: RegExp;
}

const LIKELY_WRITES = /-journal open for writing without SQLite's locks: it likely has an open write transaction/;

test.each<[string, Scheme]>([
  [
    "a process that has opened and closed its own database",
    { vfs: "unix", python: `${SPILLED}; os.close(os.open(database, 0))`, finding: "lost-locks", end: LIKELY_WRITES },
  ],
  ["unix-none", { vfs: "unix-none", python: SPILLED, finding: "lost-locks", end: LIKELY_WRITES }],
  ["unix-dotfile", { vfs: "unix-dotfile", python: SPILLED, finding: "lock-directory", end: LIKELY_WRITES }],
  [
    "a flock alone, as unix-flock has it",
    {
      vfs: "unix-none",
      python: `f = os.open(database, os.O_RDWR); fcntl.flock(f, fcntl.LOCK_EX); ${SPILLED}`,
      finding: "other-locking",
      end: LIKELY_WRITES,
    },
  ],
])("%s: a writer whose cache has spilled is at work, and not dead", async (_, { vfs, python, finding, end }) => {
  const database = newDatabase();
  const writer = await byVfs(database, vfs, python);
  const before = bytesOfFolder(database);

  const seen = await lookAt(database);
  expect(seen.journal).toMatchObject({ hot: null, header: "valid" });
  expect(findingIds(seen)).not.toContain("hot-journal");
  expect(theFinding(seen, finding)).toMatchObject({ severity: "error", pids: [writer.pid] });
  expect(theFinding(seen, finding).remedy).toContain("do not open the database with any other program");
  for (const { remedy } of seen.findings) expect(remedy).not.toMatch(OPENS_OR_DELETES);

  const switched = await journalMode([database, "wal", "--force"]);
  expect(switched).toMatchObject({ code: 1, changed: false, after: "delete" });
  expect(switched.obstacles[0]).toMatchObject({ code: finding, forcible: false });

  const { outcomes } = await killJson([database, "--pid", String(writer.pid), "--dry-run"]);
  expect(outcomes[0]?.consequences.join(" ")).toMatch(end);
  expect(outcomes[0]?.consequences.join(" ")).not.toContain("o data is lost");
  expect(bytesOfFolder(database)).toEqual(before);

  await writer.run(`c.execute("commit"); c.close()`);
  const after = await holding(database, `answer = c.execute("pragma integrity_check").fetchone()[0]`);
  expect(await after.run(`answer = c.execute("pragma integrity_check").fetchone()[0]`)).toBe("ok");
  expect((await lookAt(database)).journal).toBeNull();
});

/** Python: pages beyond the end of the header's are written, and the -journal is in memory. */
const SPILLED_IN_MEMORY = `c.execute("pragma journal_mode=memory"); c.execute("pragma cache_size=1")
c.execute("begin"); [c.execute("insert into t values (randomblob(3000))") for _ in range(50)]`;

test("journal in memory, and locks that nobody sees: the length of the file shows the transaction", async () => {
  const database = newDatabase();
  const writer = await byVfs(database, "unix-none", SPILLED_IN_MEMORY);
  const before = bytesOfFolder(database);

  const seen = await lookAt(database);
  expect(seen).toMatchObject({ beyondHeader: { pids: expect.arrayContaining([writer.pid]) }, journal: null });
  const finding = seen.findings.find(({ pids }) => pids.includes(writer.pid));
  expect(finding).toMatchObject({ id: "other-locking", severity: "error" });
  expect(finding?.remedy).not.toMatch(OPENS_OR_DELETES);

  expect(await journalMode([database, "wal", "--force"])).toMatchObject({ code: 1, changed: false, after: "delete" });
  const { outcomes } = await killJson([database, "--pid", String(writer.pid), "--yes"]);
  expect(outcomes[0]).toMatchObject({ result: "refused", dangers: [{ kind: "no-journal", pid: writer.pid }] });
  expect(bytesOfFolder(database)).toEqual(before);

  await writer.run(`c.execute("commit")`);
  const after = await lookAt(database);
  expect(after).not.toHaveProperty("beyondHeader");
  expect(after.findings).toEqual([]);
});

test("an idle connection of SQLite's default locking has no lock either, and nothing is said of it", async () => {
  const database = newDatabase();
  const idle = await holding(database, "c.execute('select a from t').fetchall()");
  const seen = await lookAt(database);
  expect(seen.findings).toEqual([]);
  expect(seen).not.toHaveProperty("beyondHeader");
  const { outcomes } = await killJson([database, "--pid", String(idle.pid), "--dry-run"]);
  expect(outcomes[0]).toMatchObject({ result: "planned", dangers: [] });
  expect(outcomes[0]?.consequences[0]).toMatch(
    /without a lock, so it has no transaction under SQLite's default locking/,
  );
});

test("explain --db and integrity say the same of it", async () => {
  const database = newDatabase();
  await byVfs(database, "unix-none", SPILLED);
  const explained = await sqlock(["explain", "--db", database, "database disk image is malformed"]);
  const checked = await sqlock(["integrity", database]);
  for (const { stdout } of [explained, checked]) {
    expect(stdout).toContain("lost-locks");
    expect(stdout).not.toMatch(/hot-journal|schema_version/);
  }
});

test("a backup that reads a dead writer's -journal: it is hot, and to be opened only afterwards", async () => {
  const database = newDatabase();
  await (await holding(database, SPILLED)).end();
  const backup = await startHolder();
  await backup.run(`f = open(${literal(`${database}-journal`)}, "rb")`);
  const beside = theFinding(await lookAt(database), "hot-journal");
  expect(beside.remedy).toContain(`Do not open it yet: ${backup.pid} has the -journal open`);
  expect(beside.remedy).not.toMatch(OPENS_OR_DELETES);
  await backup.run("f.close()");
  expect(theFinding(await lookAt(database), "hot-journal").remedy).toContain("schema_version");
});

test("--locks-only does not know who has the -journal open: not whether it is hot", async () => {
  const database = newDatabase();
  await (await holding(database, SPILLED)).end();
  const seen = await lookAt(database, ["--locks-only"]);
  expect(seen.journal).toMatchObject({ hot: null });
  expect(seen.findings).toEqual([]);
});

test("a killed unix-dotfile writer: its lock directory stays, as announced, and may be removed only then", async () => {
  const database = newDatabase();
  const writer = await byVfs(database, "unix-dotfile", SPILLED);
  const idle = await holding(database);
  const planned = await killJson([database, "--pid", String(writer.pid), "--dry-run"]);
  expect(planned.outcomes[0]?.consequences).toContainEqual(
    expect.stringContaining(`${database}.lock may be its lock. It stays when the process ends`),
  );
  const { outcomes } = await killJson([database, "--pid", String(writer.pid), "--yes"]);
  expect(outcomes).toMatchObject([{ result: "exited" }]);
  expect(existsSync(`${database}.lock`)).toBe(true);
  expect(theFinding(await lookAt(database), "lock-directory").remedy).toMatch(
    new RegExp(`^Let ${idle.pid} finish.* Do not remove it before that\\.$`),
  );
  await idle.end();
  const left = theFinding(await lookAt(database), "lock-directory");
  expect(left.remedy).toMatch(/rmdir \S+\.lock\. Then run sqlock who-holds/);
  rmdirSync(`${database}.lock`);
  expect(findingIds(await lookAt(database))).toEqual(["hot-journal"]);
});

test("unix-excl with its -journal open: ended without --force, its transaction is rolled back", async () => {
  const database = newDatabase();
  const writer = await byVfs(database, "unix-excl", `c.execute("begin immediate"); c.execute("delete from t")`);
  expect((await lookAt(database)).journal).toMatchObject({ hot: false, header: "unsynced", begun: true });
  const { outcomes } = await killJson([database, "--pid", String(writer.pid), "--yes"]);
  expect(outcomes).toMatchObject([{ result: "exited", dangers: [] }]);
  const after = await holding(database);
  expect(await after.run(`answer = c.execute("select count(*) from t").fetchone()[0]`)).toBe(100);
});

test("unix-excl without a -journal: what its transaction has written may be in memory alone", async () => {
  const database = newDatabase();
  const writer = await byVfs(database, "unix-excl", `c.execute("pragma journal_mode=memory"); ${SPILLED}`);
  const { code, outcomes } = await killJson([database, "--pid", String(writer.pid), "--yes"]);
  expect({ code, outcomes }).toMatchObject({ code: 2, outcomes: [{ result: "refused", reasonKind: "danger" }] });
});

test("a database that is open otherwise than SQLite opens it is not switched, but with --force", async () => {
  const database = newDatabase();
  const other = await startHolder();
  await other.run(`f = os.open(${literal(database)}, os.O_RDWR)`); // as node:fs opens it for node-sqlite3-wasm
  expect((await lookAt(database)).findings).toMatchObject([
    { id: "other-locking", severity: "info", pids: [other.pid] },
  ]);
  expect(await journalMode([database, "wal"])).toMatchObject({
    code: 1,
    changed: false,
    obstacles: [{ code: "other-locking", forcible: true }],
  });
  expect(await journalMode([database, "wal", "--force"])).toMatchObject({ code: 0, after: "wal" });
});

test("an ordinary idle connection is no obstacle; that it could be another one is said", async () => {
  const database = newDatabase();
  const idle = await holding(database, `c.execute("select count(*) from t").fetchall()`);
  const answer = await journalMode([database, "wal"]);
  expect(answer).toMatchObject({ code: 0, after: "wal", obstacles: [] });
  expect(answer.notes).toMatchObject([
    expect.stringMatching(new RegExp(`^${idle.pid} .* no lock, like idle connections`)),
  ]);
});

test("a program with a lock directory at work during the switch: switched, and not verified", async () => {
  const database = newDatabase();
  const reader = await holding(database, READ);
  const answer = sqlock(["journal-mode", database, "wal", "--wait", "30s"]);
  await untilWorkerOn(database);
  mkdirSync(`${database}.lock`);
  rmdirSync(`${database}.lock`);
  await reader.end();
  const { code, stdout } = await answer;
  expect(code).toBe(1);
  expect(stdout).toContain(`was switched, but: ${database}.lock, a lock that SQLite ignores, existed`);
  expect(stdout).not.toContain("Verified");
  expect(modeOfFile(database)).toBe("wal");
});

test("a program that locks by flock and works in WAL mode: its own lock, and none that it has lost", async () => {
  const database = newDatabase("wal");
  const program = await startHolder();
  await program.run(
    `database = ${literal(database)}
c = sqlite3.connect(database, isolation_level=None); c.execute("insert into t values (2)")
f = os.open(database, os.O_RDWR); fcntl.flock(f, fcntl.LOCK_SH); os.close(os.open(database, 0))`,
  );
  const seen = await lookAt(database);
  expect(theFinding(seen, "other-locking")).toMatchObject({ severity: "error", pids: [program.pid] });
  expect(theFinding(seen, "foreign-lock").detail).toContain("locks the database with this flock");
  expect(findingIds(seen)).not.toContain("lost-locks");
});

test("a folder in the place of the -shm is a lock: nothing is to be opened or moved beside it", async () => {
  const database = newDatabase("wal");
  const program = await holding(database, "c.execute('insert into t values (2)')");
  copyFileSync(`${database}-wal`, `${database}-kept`);
  await program.run(`c.close()`);
  renameSync(`${database}-kept`, `${database}-wal`);
  mkdirSync(`${database}-shm`);
  const left = await lookAt(database);
  expect(theFinding(left, "leftover-wal").remedy).toMatch(/Do not open it yet: .*-shm is a folder/);
  expect(theFinding(left, "leftover-wal").remedy).not.toMatch(OPENS_OR_DELETES);

  await program.run(
    `f = os.open(${literal(database)}, os.O_RDWR); w = os.open(${literal(`${database}-wal`)}, os.O_RDWR)`,
  );
  const used = await lookAt(database);
  expect(theFinding(used, "odd-companion")).toMatchObject({ severity: "warning", pids: [program.pid] });
  for (const { remedy } of used.findings) expect(remedy).not.toMatch(OPENS_OR_DELETES);
});

test("the -journal of a writer lies beside another name of the database", async () => {
  const database = newDatabase();
  const other = join(dirname(database), "other.sqlite3");
  linkSync(database, other);
  const writer = await byVfs(other, "unix", SPILLED);
  const { outcomes } = await killJson([database, "--pid", String(writer.pid), "--yes"]);
  expect(outcomes[0]?.dangers).toEqual([{ kind: "no-journal", pid: writer.pid }]);
  expect(outcomes[0]?.reason).toContain(`${other}-journal`);
  expect(theFinding(await lookAt(database), "hard-linked").severity).toBe("warning");
  await writer.end();

  const left = await lookAt(database);
  expect(left.otherNames).toEqual([{ path: other, journal: true, wal: false }]);
  expect(theFinding(left, "hard-linked")).toMatchObject({ severity: "error", pids: [] });
  for (const { remedy } of left.findings) expect(remedy).not.toMatch(OPENS_OR_DELETES);
  expect(await sqlock(["integrity", database])).toMatchObject({ code: 2, stdout: expect.stringContaining(other) });
});
