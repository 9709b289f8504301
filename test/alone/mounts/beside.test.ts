/** What lies beside a database leads onto a mount that does not answer. */
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connection, ROLLBACK, WRITE } from "../../support/connection.ts";
import { AT_ONCE_MS, fuse, holderOn, SOME_SECONDS_MS, within } from "../../support/dead-mount.ts";
import { startHolder } from "../../support/holder.ts";
import { holderOf, lockNames, lookAt, sqlock, whoHolds } from "../../support/sqlock.ts";

test("a folder with a dead mount in it", async (context) => {
  const { space, point, die } = await fuse(context);
  const folder = join(point, "..");
  const holder = await startHolder({ through: space.through });
  await holder.run(connection(join(folder, "db.sqlite3"), ...ROLLBACK, ...WRITE));
  await holderOn(space, join(point, "db.sqlite3"));
  die();
  const report = await within(SOME_SECONDS_MS, () => lookAt(folder, [], { through: space.through }));
  expect(report.path).toBe(join(folder, "db.sqlite3"));
  expect(lockNames(holderOf(report, holder.pid))).toEqual(["RESERVED:write", "SHARED:read"]);
});

test("one path on a dead mount does not cost the others their answers", async (context) => {
  const { space, folder, point, die } = await fuse(context);
  const good = join(folder, "good.db");
  const holder = await startHolder({ through: space.through });
  await holder.run(connection(good, ...ROLLBACK, ...WRITE));
  die();
  const { databases } = await within(SOME_SECONDS_MS, () =>
    whoHolds([join(point, "db.sqlite3"), good], { through: space.through }),
  );
  expect(databases).toMatchObject([
    { error: { code: "not-responding" } },
    { path: good, holders: [{ pid: holder.pid }] },
  ]);
});

/** A journal that could be rolled back, of a commit with this super-journal. Source: writeSuperJournal (pager.c) */
function journalNaming(superJournal: string): Buffer {
  const magic = Buffer.from([0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7]);
  const header = Buffer.alloc(512);
  magic.copy(header);
  const name = Buffer.from(superJournal);
  const tail = Buffer.alloc(4 + name.length + 8);
  name.copy(tail, 4);
  tail.writeUInt32BE(name.length, 4 + name.length);
  tail.writeUInt32BE(
    name.reduce((sum, byte) => sum + byte, 0),
    8 + name.length,
  );
  return Buffer.concat([header, tail, magic]);
}

test("companion files that are links onto a dead mount are not followed", async (context) => {
  const { space, folder, point, die } = await fuse(context);
  const database = join(folder, "elsewhere.db");
  await space.keeper.run(`${connection(database, ...ROLLBACK)}\nc.close()`);
  for (const suffix of ["-wal", "-shm", "-journal", ".lock", "-mj0123459AB"])
    symlinkSync(join(point, "db.sqlite3"), database + suffix);
  die();
  const through = { through: space.through };
  const seen = await within(AT_ONCE_MS, () => lookAt(database, [], through));
  expect(seen.files.map(({ role }) => role)).toEqual(["database"]);
  expect(seen.findings.map(({ id }) => id)).toEqual(["odd-companion", "odd-companion", "odd-companion"]);
  for (const [command, code] of [
    [["integrity", database], 2],
    [["journal-mode", database, "wal"], 1],
    [["kill", "--yes", database], 0],
  ] as const)
    expect((await within(SOME_SECONDS_MS, () => sqlock(command, through))).code, command[0]).toBe(code);
});

test("a super-journal on a dead mount: whether the journal is hot is not known", async (context) => {
  const { space, folder, point, die } = await fuse(context);
  const database = join(folder, "elsewhere.db");
  await space.keeper.run(`${connection(database, ...ROLLBACK)}\nc.close()`);
  writeFileSync(`${database}-journal`, journalNaming(join(point, "db.sqlite3-mj0123459AB")));
  die();
  const seen = await within(SOME_SECONDS_MS, () => lookAt(database, [], { through: space.through }));
  expect(seen.journal).toMatchObject({ header: "valid", hot: null });
});
