/** A deleted database, asked for by a descriptor of the program that has it open. */
import { readdirSync, readlinkSync, unlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { check } from "../support/check.ts";
import { literal } from "../support/connection.ts";
import { theFinding } from "../support/findings.ts";
import { startHolder } from "../support/holder.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { findingIds, holderOf, lookAt, sqlock } from "../support/sqlock.ts";

const ROWS = `for i in range(300): c.execute("insert into t values (randomblob(50))")`;

/** The descriptor of a process on a file. */
function descriptorOn(pid: number, path: string): string {
  const folder = `/proc/${pid}/fd`;
  const fd = readdirSync(folder).find((each) => readlinkSync(`${folder}/${each}`) === `${path} (deleted)`);
  return `${folder}/${fd}`;
}

/** Deletes what is there of these. */
function remove(database: string, ...suffixes: readonly string[]): void {
  for (const suffix of suffixes) unlinkSync(database + suffix);
}

test("WAL mode: its -wal, deleted as well, is a part of what is shown and checked", async () => {
  const database = newDatabase("wal");
  const holder = await holding(database, ROWS);
  remove(database, "", "-wal", "-shm");
  const path = descriptorOn(holder.pid, database);
  const seen = await lookAt(path);
  expect(seen).toMatchObject({ path: database, descriptor: path, journalMode: "wal" });
  expect(seen.files.map(({ role }) => role).sort()).toEqual(["database", "shm", "wal"]);
  expect(seen.wal?.frames).toBeGreaterThan(0);
  expect(holderOf(seen, holder.pid).blocks).toEqual(["journal-mode"]);
  expect(theFinding(seen, "deleted-file").detail).not.toContain("generations");
  expect(await check(path)).toMatchObject({ verdict: "ok", method: "private-copy", pageCount: seen.pageCount });

  // a new file of that name is another generation, and no part of it
  await holding(database, `c.execute("create table n(a)")`);
  const beside = await lookAt(path);
  expect(beside.holders.map(({ pid }) => pid)).toEqual([holder.pid]);
  expect(theFinding(beside, "deleted-file").detail).not.toContain("generations");
  expect(theFinding(await lookAt(database), "deleted-file").detail).toContain("two generations");

  for (const args of [
    ["journal-mode", path, "delete"],
    ["kill", path, "--yes"],
    ["stress", path, "--in-place", "--yes"],
  ]) {
    const { code, stderr } = await sqlock(args);
    expect({ args, code }).toEqual({ args, code: 2 });
    expect(stderr).toMatch(
      /was deleted, and a process still has it|was deleted while it was open \(and still is\); see who has it open/,
    );
  }
});

test("WAL mode: not called ok where no -wal is open", async () => {
  const database = newDatabase("wal");
  const holder = await startHolder();
  await holder.run(`f = open(${literal(database)}, "rb")`);
  remove(database, "");
  const seen = await check(descriptorOn(holder.pid, database));
  expect(seen).toMatchObject({ code: 2, verdict: "not-checked", reasonCode: "no-such-file" });
  expect(seen.reason).toContain("its -wal, which may hold committed changes, cannot be found");
});

test("rollback mode: in a transaction it is not checked, after it it is", async () => {
  const database = newDatabase("delete");
  const holder = await holding(database, `${ROWS}\nc.execute("begin immediate"); c.execute("delete from t")`);
  remove(database, "");
  const path = descriptorOn(holder.pid, database);
  const seen = await lookAt(path);
  expect(holderOf(seen, holder.pid).blocks).toContain("writers");
  expect(findingIds(seen)).not.toContain("hot-journal");
  expect(await check(path)).toMatchObject({ code: 2, verdict: "not-checked", reasonCode: "no-such-file" });
  await holder.run(`c.execute("rollback")`);
  expect(await check(path)).toMatchObject({ verdict: "ok", method: "private-copy" });
});
