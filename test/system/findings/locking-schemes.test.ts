/** Locks of several kinds on one database. */
import { mkdirSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bareReserved, literal } from "../../support/connection.ts";
import { followRemedy, theFinding } from "../../support/findings.ts";
import { startHolder } from "../../support/holder.ts";
import { has, need } from "../../support/skip.ts";
import { holding, newDatabase } from "../../support/sqlite.ts";
import { findingIds, holderOf, lookAt } from "../../support/sqlock.ts";

const WRITE = `c.execute("begin immediate"); c.execute("insert into t values (1)")`;

/** A process that has the database open through SQLite's unix-dotfile as `c`. */
async function byDirectory(database: string, python = "") {
  const holder = await startHolder();
  await holder.run(
    `c = sqlite3.connect(${literal(`file:${database}?vfs=unix-dotfile`)}, uri=True, isolation_level=None)\n${python}`,
  );
  return holder;
}

test("a flock beside SQLite's locks keeps nobody out; it and its copy in a child are one finding", async (context) => {
  need(context, has("flock"), "flock");
  const database = await newDatabase();
  const script = await startHolder({ through: ["flock", database], args: ["locked"] });
  const children = `answer = open(f"/proc/{os.getppid()}/task/{os.getppid()}/children").read().split()`;
  expect(await script.run(children)).toHaveLength(1);
  const child = Number(await script.run("answer = os.getpid()"));
  expect((await lookAt(database)).findings).toMatchObject([
    { id: "foreign-lock", severity: "info", pids: [script.pid, child] },
  ]);

  const writer = await holding(database, WRITE); // is not kept out
  const seen = await lookAt(database);
  expect(findingIds(seen)).toEqual(["mixed-lock-apis", "foreign-lock"]);
  expect([...theFinding(seen, "mixed-lock-apis").pids].sort()).toEqual([writer.pid, script.pid, child].sort());
});

test("the lock directory of unix-dotfile beside SQLite's default: both write at once", async () => {
  const database = await newDatabase();
  const one = await byDirectory(database, WRITE);
  const other = await holding(database, WRITE);
  const seen = await lookAt(database);
  expect(holderOf(seen, other.pid).activity).toBe("writing");
  expect(findingIds(seen)).toEqual(["mixed-lock-apis", "lock-directory"]);
  expect(theFinding(seen, "mixed-lock-apis")).toMatchObject({ severity: "warning", pids: [other.pid] });
  expect(theFinding(seen, "lock-directory").pids).toEqual([one.pid]);
});

test("silent: OFD locks beside POSIX locks, which keep each other out", async () => {
  const database = await newDatabase();
  const byOfd = await startHolder();
  await byOfd.run(bareReserved(database, "ofd"));
  const reader = await holding(database, `cursor = c.execute("select * from t"); cursor.fetchone()`);
  await expect(reader.run(WRITE)).rejects.toThrow("database is locked");
  expect(findingIds(await lookAt(database))).not.toContain("mixed-lock-apis");
});

test("a lock directory that a crash left: everybody of that kind is kept out until it is removed", async () => {
  const database = await newDatabase();
  const dead = await byDirectory(database, WRITE);
  await dead.end();
  const finding = theFinding(await lookAt(database), "lock-directory");
  expect(finding).toMatchObject({
    pids: [],
    detail: expect.stringContaining("likely the process that made it is gone"),
  });
  const next = await byDirectory(database, `c.execute("pragma busy_timeout=0")`);
  await expect(next.run(WRITE)).rejects.toThrow("database is locked");
  followRemedy(finding, /rmdir \S+(?=\.)/);
  await next.run(`${WRITE}; c.execute("commit")`);
  expect((await lookAt(database)).findings).toEqual([]);
});

test("a lock file is its process's; silent: other texts, a pid of nobody, or of one with SQLite's locks", async () => {
  const database = await newDatabase();
  const [holder, dead] = await Promise.all([holding(database), startHolder()]);
  await dead.end();
  const findings = async (text: string) => {
    writeFileSync(`${database}.lock`, text);
    return (await lookAt(database)).findings.map(({ id, pids }) => [id, pids]);
  };
  expect(await findings(`${holder.pid}`)).toEqual([["lock-directory", [holder.pid]]]);
  for (const text of ["", `${holder.pid}\n`, "locked", `${dead.pid}`]) expect(await findings(text), text).toEqual([]);
  await holder.run(`cursor = c.execute("select * from t"); cursor.fetchone()`);
  expect(await findings(`${holder.pid}`)).toEqual([]);
});

test("silent: a lock directory of another name", async () => {
  const database = await newDatabase();
  mkdirSync(`${database}-lock`);
  expect((await lookAt(database)).findings).toEqual([]);
});
