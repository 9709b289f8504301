/** One file under several names in one call: every name has the whole answer. */
import { linkSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { holding, newDatabase } from "../support/sqlite.ts";
import { findingIds, holderOf, lockNames, sqlock, whoHolds } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

const WRITE = `c.execute("begin immediate"); c.execute("insert into t values (1)")`;

async function answers(paths: readonly string[]) {
  return (await whoHolds(paths)).databases.map((entry) => {
    if ("error" in entry) throw new Error(entry.error.message);
    return entry;
  });
}

test("hard links: both have the writer, in either order, and in their folder", async () => {
  const database = await newDatabase();
  const link = join(dirname(database), "link.db");
  linkSync(database, link);
  const holder = await holding(database, WRITE);
  for (const paths of [[database, link], [link, database], [dirname(database)]]) {
    const found = await answers(paths);
    expect(found).toHaveLength(2);
    for (const entry of found) {
      expect(holderOf(entry, holder.pid)).toMatchObject({ activity: "writing", complete: true });
      expect(lockNames(holderOf(entry, holder.pid))).toEqual(["RESERVED:write", "SHARED:read"]);
    }
  }
});

test("a hard link in WAL mode: the writer by the other name has other locks, and it is not safe to open", async () => {
  const database = await newDatabase("wal");
  const link = join(dirname(database), "link.db");
  linkSync(database, link);
  const holder = await holding(database, WRITE);
  const [own, other] = await answers([database, link]);
  expect(own?.verdict).toMatchObject({ state: "blocked", pids: [holder.pid] });
  expect(other?.verdict).toMatchObject({ state: "unknown", blocks: [], pids: [holder.pid] });
  expect(other?.findings).toMatchObject([{ id: "hard-linked", severity: "error", pids: [holder.pid] }]);
  expect((await sqlock(["who-holds", "--wait", "0s", link])).code).toBe(1);
});

test("a database that was moved away, beside the one that has its name now: both say so", async () => {
  const database = await newDatabase("wal");
  const holder = await holding(database, WRITE);
  renameSync(database, `${database}.old`);
  writeFileSync(database, "");
  const [now, old] = await answers([database, `${database}.old`]);
  if (now === undefined || old === undefined) throw new Error("no answer");
  expect(findingIds(now)).toContain("deleted-file");
  expect(holderOf(now, holder.pid).handles).toContainEqual(
    expect.objectContaining({ role: "database", path: `${database}.old`, moved: true }),
  );
  expect(lockNames(holderOf(old, holder.pid))).toContain("SHARED:read");
});

test("a database that was renamed under a writer: its -wal and -shm have the old name, and are its own", async () => {
  const database = await newDatabase("wal");
  const holder = await holding(database, WRITE);
  renameSync(database, `${database}.new`);
  const [entry] = await answers([`${database}.new`]);
  if (entry === undefined) throw new Error("no answer");
  const found = holderOf(entry, holder.pid);
  expect(found).toMatchObject({ activity: "writing", blocks: ["journal-mode"] });
  expect(found.handles.map(({ role, moved }) => `${role} ${moved}`).sort()).toEqual([
    "database false",
    "shm true",
    "wal true",
  ]);
  expect(findingIds(entry)).toEqual(["deleted-file"]);
});

test("a name that is not UTF-8 is said to be one, and hides nothing else", async () => {
  const database = await newDatabase();
  const name = Buffer.concat([Buffer.from(`${dirname(database)}/caf`), Buffer.from([0xe9]), Buffer.from(".db")]);
  linkSync(Buffer.from(database), name);
  const { databases } = await whoHolds([dirname(database)]);
  expect(databases.map((entry) => ("error" in entry ? entry.error.code : entry.path))).toEqual([database, "not-utf8"]);
});

test("a folder that no longer exists under the shell: one line, and the other answers stand", async () => {
  const database = await newDatabase();
  const folder = join(tempFolder(), "gone");
  mkdirSync(folder);
  const run = await sqlock(["who-holds", "relative.db", database], {
    through: ["sh", "-c", `cd '${folder}' && rmdir '${folder}' && exec "$@"`, "sh"],
  });
  expect(run).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /^sqlock: relative\.db starts at the current folder, which no longer exists[^\n]*\n$/,
    ),
  });
  expect(run.stdout).toContain(database);
});

test("wrong usage has a document too", async () => {
  for (const args of [
    ["--columns", "PIDD"],
    ["--wait", "soon"],
  ]) {
    expect((await whoHolds([...args, "a", "b"])).databases).toMatchObject([
      { givenAs: "a", error: { code: "usage" } },
      { givenAs: "b", error: { code: "usage" } },
    ]);
  }
});
