import { statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bareReserved, connection, literal, ROLLBACK, WRITE } from "../support/connection.ts";
import { startHolder } from "../support/holder.ts";
import { mountImage, mountNamespace } from "../support/namespace.ts";
import { has, isRoot, need } from "../support/skip.ts";
import { holderOf, lockNames, lookAt, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

test("larger than 4 GiB (sparse)", async () => {
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder();
  await holder.run(connection(database, ...ROLLBACK));
  const bytes = 5 * 2 ** 30 + 4096;
  truncateSync(database, bytes);
  await holder.run(bareReserved(database));
  const report = await lookAt(database);
  expect(report).toMatchObject({
    sizeBytes: bytes,
    pageSize: 4096,
    files: [{ role: "database", sizeBytes: bytes, inode: String(statSync(database).ino) }],
  });
  expect(lockNames(holderOf(report, holder.pid))).toEqual(["RESERVED:write"]);
  expect((await sqlock(["who-holds", database])).stdout).toContain("rollback journal, 5.0 GiB");
});

test("an inode number above 2^53: two files that a double cannot tell apart", async (context) => {
  need(context, isRoot && has("mkfs.ext4"), "root and mkfs.ext4");
  const folder = tempFolder();
  const [lower, upper, merged] = [join(folder, "lower"), join(folder, "upper"), join(folder, "merged")];
  const space = await mountNamespace();
  mountImage(space, join(folder, "image"), lower, "ext4");
  space.run("mkdir", upper);
  // its inode numbers leave overlayfs only the highest bits for the layer
  space.run("mount", "-t", "tmpfs", "tmpfs", upper);
  space.run("mkdir", join(upper, "layer"), join(upper, "work"), merged);
  const names = ["a", "b", "c", "d"].map((name) => `${name}.db`);
  for (const name of names) await space.keeper.run(`${connection(join(lower, name), ...ROLLBACK)}\nc.close()`);
  space.run(
    "mount",
    "-t",
    "overlay",
    "overlay",
    "-o",
    `lowerdir=${lower},upperdir=${upper}/layer,workdir=${upper}/work,xino=on`,
    merged,
  );
  const inodes = (await space.keeper.run(
    `answer = [str(os.stat(p).st_ino) for p in ${JSON.stringify(names.map((name) => join(merged, name)))}]`,
  )) as string[];
  need(
    context,
    inodes.every((inode) => BigInt(inode) > 2n ** 53n),
    "an overlay with large inode numbers",
  );
  const holder = await startHolder({ through: space.through });
  await holder.run(connection(join(merged, "a.db"), ...WRITE));
  for (const args of [[], ["--locks-only"]]) {
    for (const [i, name] of names.entries()) {
      const report = await lookAt(join(merged, name), args, { through: space.through });
      expect(report.files[0]?.inode).toBe(inodes[i]);
      if (i === 0) expect(lockNames(holderOf(report, holder.pid))).toEqual(["RESERVED:write", "SHARED:read"]);
      else expect(report).toMatchObject({ holders: [], unownedLocks: [] });
    }
  }
});

test.each([512, 1024, 65536])("pages of %i bytes", async (pageSize) => {
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder();
  await holder.run(
    connection(
      database,
      `pragma page_size=${pageSize}`,
      "pragma journal_mode=wal",
      "create table t(a)",
      ...WRITE,
      "commit",
      ...WRITE,
    ),
  );
  const report = await lookAt(database);
  // The database file may still be a single page: the count is the wal-index's.
  expect(report).toMatchObject({ journalMode: "wal", pageSize, pageCount: 2, wal: { frames: 3 } });
  expect(holderOf(report, holder.pid).activity).toBe("writing");
});

test("an empty file has no journal mode yet, held or not", async () => {
  const database = join(tempFolder(), "db.sqlite3");
  writeFileSync(database, "");
  expect(await lookAt(database)).toMatchObject({
    journalMode: "unknown",
    sizeBytes: 0,
    pageCount: 0,
    holders: [],
    findings: [],
  });
  expect((await sqlock(["who-holds", database])).stdout).toContain("db.sqlite3: empty (no journal mode yet), 0 B");
  const holder = await startHolder();
  await holder.run(connection(database, "begin immediate"));
  const report = await lookAt(database);
  expect(report).toMatchObject({ journalMode: "unknown", sizeBytes: 0 });
  expect(holderOf(report, holder.pid)).toMatchObject({
    activity: "writing",
    blocks: ["writers", "commits", "journal-mode"],
  });
});

test("text in UTF-16", async () => {
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder();
  await holder.run(connection(database, "pragma encoding='UTF-16le'", ...ROLLBACK, ...WRITE));
  const report = await lookAt(database);
  expect(report).toMatchObject({ journalMode: "rollback", pageSize: 4096, pageCount: 2 });
  expect(lockNames(holderOf(report, holder.pid))).toEqual(["RESERVED:write", "SHARED:read"]);
});

test("noise of a size that no page has is answered for as soon as somebody holds SQLite's locks on it", async () => {
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder();
  await holder.run(`open(${literal(database)}, "wb").write(os.urandom(8191))`);
  expect(await sqlock(["who-holds", database])).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringMatching(/^sqlock: [^\n]*encrypted[^\n]*\n$/),
  });
  await holder.run(bareReserved(database));
  const report = await lookAt(database);
  expect(report).toMatchObject({ header: "other", journalMode: "rollback", sizeBytes: 8191, pageSize: null });
  expect(lockNames(holderOf(report, holder.pid))).toEqual(["RESERVED:write"]);
});
