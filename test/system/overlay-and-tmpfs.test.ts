import { join } from "node:path";
import { expect, type TestContext, test } from "vitest";
import { connection, literal, ROLLBACK, WAL, WRITE } from "../support/connection.ts";
import { startHolder } from "../support/holder.ts";
import { type MountNamespace, mountImage, mountNamespace } from "../support/namespace.ts";
import { has, isRoot, need } from "../support/skip.ts";
import { holderOf, lockNames, lookAt } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

/**
 * An overlay with its lower layer on ext4 and its upper one on tmpfs, as container engines have them on different file
 * systems.
 */
async function overlay(context: TestContext): Promise<{ space: MountNamespace; merged: string; database: string }> {
  need(context, isRoot, "root");
  need(context, has("mkfs.ext4"), "mkfs.ext4");
  const folder = tempFolder();
  const [lower, layer, merged] = [join(folder, "lower"), join(folder, "layer"), join(folder, "merged")];
  const space = await mountNamespace();
  mountImage(space, join(folder, "image"), lower, "ext4");
  space.run("mkdir", layer, merged);
  await space.keeper.run(`${connection(join(lower, "db.sqlite3"), ...ROLLBACK)}\nc.close()`);
  space.run("mount", "-t", "tmpfs", "tmpfs", layer);
  space.run("mkdir", join(layer, "upper"), join(layer, "work"));
  space.run(
    "mount",
    "-t",
    "overlay",
    "overlay",
    "-o",
    `lowerdir=${lower},upperdir=${join(layer, "upper")},workdir=${join(layer, "work")}`,
    merged,
  );
  return { space, merged, database: join(merged, "db.sqlite3") };
}

test("overlayfs before the copy-up: a reader of the lower layer's file", async (context) => {
  const { space, database } = await overlay(context);
  const reader = await startHolder({ through: space.through });
  await reader.run(`c = sqlite3.connect(${literal(`file:${database}?mode=ro`)}, uri=True, isolation_level=None)
c.execute("begin")
c.execute("select * from t").fetchall()`);
  expect(space.run("ls", join(database, "../../layer/upper")).trim()).toBe("");
  for (const args of [[], ["--locks-only"]]) {
    const report = await lookAt(database, args, { through: space.through });
    expect(report.fileSystem).toMatchObject({ type: "overlay", network: false });
    expect(lockNames(holderOf(report, reader.pid))).toEqual(["SHARED:read"]);
  }
});

test("overlayfs after the copy-up: a writer, and one who opened the file before it", async (context) => {
  const { space, database } = await overlay(context);
  const [reader, writer] = [
    await startHolder({ through: space.through }),
    await startHolder({ through: space.through }),
  ];
  await reader.run(`c = sqlite3.connect(${literal(`file:${database}?mode=ro`)}, uri=True, isolation_level=None)
c.execute("begin")
c.execute("select * from t").fetchall()`);
  await writer.run(connection(database, ...WRITE));
  expect(space.run("ls", join(database, "../../layer/upper"))).toContain("db.sqlite3");
  for (const args of [[], ["--locks-only"]]) {
    const report = await lookAt(database, args, { through: space.through });
    expect(lockNames(holderOf(report, writer.pid))).toEqual(["RESERVED:write", "SHARED:read"]);
    expect(lockNames(holderOf(report, reader.pid))).toEqual(["SHARED:read"]);
  }
});

test("overlayfs: WAL, seen from inside and from outside the namespace", async (context) => {
  const { space, database } = await overlay(context);
  const holder = await startHolder({ through: space.through });
  await holder.run(connection(database, "pragma journal_mode=wal", ...WRITE));
  for (const args of [[], ["--locks-only"]]) {
    const found = holderOf(await lookAt(database, args, { through: space.through }), holder.pid);
    expect(lockNames(found)).toEqual(["DMS:read", "READ0:read", "SHARED:read", "WRITE:write"]);
  }
  // As a container's file is asked for on the host.
  const outside = holderOf(await lookAt(`/proc/${holder.pid}/root${database}`), holder.pid);
  expect(lockNames(outside)).toEqual(["DMS:read", "READ0:read", "SHARED:read", "WRITE:write"]);
});

test("tmpfs", async (context) => {
  need(context, isRoot, "root");
  const folder = tempFolder();
  const space = await mountNamespace();
  space.run("mount", "-t", "tmpfs", "tmpfs", folder);
  const database = join(folder, "db.sqlite3");
  await space.keeper.run(connection(database, ...WAL, ...WRITE));
  for (const args of [[], ["--locks-only"]]) {
    const report = await lookAt(database, args, { through: space.through });
    expect(report.fileSystem).toEqual({ type: "tmpfs", mountPoint: folder, network: false, readOnly: false });
    expect(lockNames(holderOf(report, space.keeper.pid))).toEqual([
      "DMS:read",
      "READ1:read",
      "SHARED:read",
      "WRITE:write",
    ]);
  }
});

test("a mount point with a space and wide characters in its name", async (context) => {
  need(context, isRoot, "root");
  const folder = join(tempFolder(), "mount\u3000point \u00a0\\n 数据");
  const space = await mountNamespace();
  space.run("mkdir", folder);
  space.run("mount", "-t", "tmpfs", "tmpfs", folder);
  const database = join(folder, "db.sqlite3");
  await space.keeper.run(connection(database, ...ROLLBACK, ...WRITE));
  const report = await lookAt(database, [], { through: space.through });
  expect(report.fileSystem).toMatchObject({ type: "tmpfs", mountPoint: folder });
  expect(lockNames(holderOf(report, space.keeper.pid))).toEqual(["RESERVED:write", "SHARED:read"]);
});
