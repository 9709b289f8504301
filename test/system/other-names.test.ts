import { linkSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connection, WAL, WRITE } from "../support/connection.ts";
import { startHolder } from "../support/holder.ts";
import { mountNamespace } from "../support/namespace.ts";
import { isRoot, need } from "../support/skip.ts";
import { holderOf, lockNames, lookAt } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

/** A writer whose WAL was new when its transaction began reads the database alone: READ0. */
const WRITER = ["DMS:read", "READ0:read", "SHARED:read", "WRITE:write"];

test("a hard link: the companion files lie beside the name that was opened", async () => {
  const folder = tempFolder();
  const [database, alias] = [join(folder, "db.sqlite3"), join(folder, "elsewhere", "alias.db")];
  mkdirSync(join(folder, "elsewhere"));
  const holder = await startHolder();
  await holder.run(`${connection(database, ...WAL)}\nc.close()`);
  linkSync(database, alias);
  await holder.run(connection(alias, ...WRITE));
  const found = holderOf(await lookAt(database), holder.pid);
  expect(lockNames(found)).toEqual(WRITER);
  expect(found.activity).toBe("writing");
  expect(found.handles.map((handle) => [handle.role, handle.path]).sort()).toEqual([
    ["database", alias],
    ["shm", `${alias}-shm`],
    ["wal", `${alias}-wal`],
  ]);
  expect(found.handles.every((handle) => !handle.deleted && !handle.moved)).toBe(true);
});

test("a symbolic link, to the database and to its folder", async () => {
  const folder = tempFolder();
  mkdirSync(join(folder, "real"));
  const database = join(folder, "real", "db.sqlite3");
  const link = join(folder, "link.db");
  symlinkSync(database, link);
  symlinkSync("real", join(folder, "shortcut"));
  const holder = await startHolder();
  await holder.run(`${connection(link, ...WAL)}\nc.close()\n${connection(link, ...WRITE)}`);
  for (const name of [database, link, join(folder, "shortcut", "db.sqlite3")]) {
    const report = await lookAt(name);
    expect(report).toMatchObject({ path: database, givenAs: name });
    expect(lockNames(holderOf(report, holder.pid))).toEqual(WRITER);
  }
});

test("a bind mount of the file under another name", async (context) => {
  need(context, isRoot, "root");
  const folder = tempFolder();
  const [database, point] = [join(folder, "db.sqlite3"), join(folder, "bound.db")];
  const space = await mountNamespace();
  await space.keeper.run(`${connection(database, ...WAL)}\nc.close()`);
  space.run("touch", point);
  space.run("mount", "--bind", database, point);
  const holder = await startHolder({ through: space.through });
  await holder.run(connection(point, ...WRITE));
  for (const options of [{}, { through: space.through }]) {
    const found = holderOf(await lookAt(database, [], options), holder.pid);
    expect(lockNames(found)).toEqual(WRITER);
    expect(found.handles.find((handle) => handle.role === "shm")?.path).toBe(`${point}-shm`);
  }
  expect(lockNames(holderOf(await lookAt(point, [], { through: space.through }), holder.pid))).toEqual(WRITER);
});

test("another mount namespace, where the folder has another name", async (context) => {
  need(context, isRoot, "root");
  const folder = tempFolder();
  const [database, inside] = [join(folder, "db.sqlite3"), join(folder, "inside")];
  const space = await mountNamespace();
  await space.keeper.run(`${connection(database, ...WAL)}\nc.close()`);
  space.run("mkdir", inside);
  space.run("mount", "--bind", folder, inside);
  await space.keeper.run(connection(join(inside, "db.sqlite3"), ...WRITE));
  for (const args of [[], ["--locks-only"]]) {
    const found = holderOf(await lookAt(database, args), space.keeper.pid);
    expect(lockNames(found)).toEqual(WRITER);
    expect(found.handles.map((handle) => handle.path).sort()[0]).toBe(join(inside, "db.sqlite3"));
  }
});

test("a private mount hides a file of the same name: the one below it is not blamed", async (context) => {
  need(context, isRoot, "root");
  const folder = tempFolder();
  const database = join(folder, "db.sqlite3");
  const space = await mountNamespace();
  const other = await startHolder();
  await other.run(`${connection(database, ...WAL)}\nc.close()`);
  space.run("mount", "-t", "tmpfs", "tmpfs", folder);
  await space.keeper.run(`${connection(database, ...WAL)}\nc.close()\n${connection(database, ...WRITE)}`);
  expect((await lookAt(database)).holders).toEqual([]);
  expect(lockNames(holderOf(await lookAt(`/proc/${space.keeper.pid}/root${database}`), space.keeper.pid))).toEqual(
    WRITER,
  );
  expect(lockNames(holderOf(await lookAt(database, [], { through: space.through }), space.keeper.pid))).toEqual(WRITER);
});
