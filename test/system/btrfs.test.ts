import { join } from "node:path";
import { expect, type TestContext, test } from "vitest";
import { bareReserved, connection, ROLLBACK, WRITE } from "../support/connection.ts";
import { startHolder } from "../support/holder.ts";
import { AS_NOBODY, type MountNamespace, mountImage, mountNamespace } from "../support/namespace.ts";
import { has, isRoot, need } from "../support/skip.ts";
import { holderOf, lockNames, lookAt, whoHolds } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

/** A btrfs with two subvolumes, in each of which the first file has the same inode number. */
async function subvolumes(context: TestContext): Promise<{ space: MountNamespace; first: string; second: string }> {
  need(context, isRoot, "root");
  need(context, has("mkfs.btrfs"), "mkfs.btrfs");
  const folder = tempFolder();
  const point = join(folder, "btrfs");
  const space = await mountNamespace();
  mountImage(space, join(folder, "image"), point, "btrfs");
  const databases = ["one", "two"].map((name) => {
    space.run("btrfs", "-q", "subvolume", "create", join(point, name));
    return join(point, name, "db.sqlite3");
  });
  const [first = "", second = ""] = databases;
  for (const database of databases) await space.keeper.run(`${connection(database, ...ROLLBACK)}\nc.close()`);
  const inodes = await space.keeper.run(`answer = [os.stat(p).st_ino for p in ${JSON.stringify(databases)}]`);
  expect(new Set(inodes as number[]).size).toBe(1);
  return { space, first, second };
}

test("locks in a subvolume have their names, where stat(2) and /proc/locks disagree on the device", async (context) => {
  const { space, first } = await subvolumes(context);
  const holder = await startHolder({ through: space.through });
  await holder.run(connection(first, ...WRITE));
  for (const args of [[], ["--locks-only"]]) {
    const report = await lookAt(first, args, { through: space.through });
    expect(report.fileSystem).toMatchObject({ type: "btrfs", network: false });
    const found = holderOf(report, holder.pid);
    expect(lockNames(found)).toEqual(["RESERVED:write", "SHARED:read"]);
    expect(found).toMatchObject({ activity: "writing", complete: true });
  }
});

test("WAL in a subvolume", async (context) => {
  const { space, second } = await subvolumes(context);
  const holder = await startHolder({ through: space.through });
  await holder.run(connection(second, "pragma journal_mode=wal", ...WRITE));
  for (const args of [[], ["--locks-only"]]) {
    const found = holderOf(await lookAt(second, args, { through: space.through }), holder.pid);
    expect(lockNames(found)).toEqual(["DMS:read", "READ0:read", "SHARED:read", "WRITE:write"]);
  }
});

test("of two files with the same inode number only the held one has a holder", async (context) => {
  const { space, first, second } = await subvolumes(context);
  const holder = await startHolder({ through: space.through });
  await holder.run(connection(first, ...WRITE));
  for (const args of [[], ["--locks-only"]]) {
    expect((await lookAt(first, args, { through: space.through })).holders.map(({ pid }) => pid)).toEqual([holder.pid]);
    expect(await lookAt(second, args, { through: space.through })).toMatchObject({
      holders: [],
      unownedLocks: [],
      findings: [],
    });
  }
});

test("an ordinary user is not told that the wrong one is held", async (context) => {
  const { space, first, second } = await subvolumes(context);
  const nobody = { through: [...space.through, ...AS_NOBODY] };
  const holder = await startHolder({ through: space.through });
  await holder.run(connection(first, ...WRITE));
  for (const args of [[], ["--locks-only"]]) {
    const { databases, unseen } = await whoHolds([...args, second], nobody);
    expect(databases).toMatchObject([{ holders: [], unownedLocks: [] }]);
    expect(unseen).toMatchObject({ remedy: "run with sudo" });
    expect(unseen?.reason).toMatch(
      new RegExp(
        "^owned by other users, of them \\d+ with a lock on this file " +
          "or on one of another subvolume with its inode number$",
      ),
    );
  }
  // A holder that the user may look into is told apart.
  const own = await startHolder({ through: nobody.through });
  space.run("chmod", "-R", "a+rwX", join(first, ".."), join(second, ".."));
  await own.run(connection(second, ...WRITE));
  for (const args of [[], ["--locks-only"]])
    expect(lockNames(holderOf(await lookAt(second, args, nobody), own.pid))).toEqual(["RESERVED:write", "SHARED:read"]);
});

test("an OFD lock names no process: --locks-only does not guess which file it is on, and says so", async (context) => {
  const { space, first, second } = await subvolumes(context);
  await space.keeper.run(bareReserved(first, "ofd"));
  expect(lockNames(holderOf(await lookAt(first, [], { through: space.through }), space.keeper.pid))).toEqual([
    "RESERVED:write",
  ]);
  const other = await whoHolds([second], { through: space.through });
  expect(other).toMatchObject({ databases: [{ holders: [], unownedLocks: [] }] });
  expect(other.unseen?.reason ?? "").not.toContain("inode number");
  const quick = await whoHolds(["--locks-only", second], { through: space.through });
  expect(quick).toMatchObject({
    databases: [{ holders: [], unownedLocks: [] }],
    unseen: { processes: null, remedy: "run without --locks-only" },
  });
});

test("a snapshot of a held database is not held", async (context) => {
  const { space, first } = await subvolumes(context);
  const holder = await startHolder({ through: space.through });
  await holder.run(connection(first, ...WRITE));
  const snapshot = join(first, "../../snapshot");
  space.run("btrfs", "-q", "subvolume", "snapshot", join(first, ".."), snapshot);
  for (const args of [[], ["--locks-only"]])
    expect((await lookAt(join(snapshot, "db.sqlite3"), args, { through: space.through })).holders).toEqual([]);
});
