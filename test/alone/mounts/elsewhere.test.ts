/** A database elsewhere, while a mount does not answer that others use. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { connection, literal, ROLLBACK, WRITE } from "../../support/connection.ts";
import { AT_ONCE_MS, fuse, holderOn, within } from "../../support/dead-mount.ts";
import { startHolder } from "../../support/holder.ts";
import { holderOf, lockNames, lookAt, sqlock, whoHolds } from "../../support/sqlock.ts";

test("a live FUSE mount: the locks are there, and it is said that others may share it", async (context) => {
  const { space, point } = await fuse(context);
  const database = join(point, "db.sqlite3");
  const holder = await startHolder({ through: space.through });
  await holder.run(connection(database, ...WRITE));
  for (const args of [[], ["--locks-only"]]) {
    const { databases, unseen } = await whoHolds([...args, database], { through: space.through });
    const [report] = databases;
    if (report === undefined || "error" in report) throw new Error(JSON.stringify(report));
    expect(report.fileSystem).toMatchObject({ type: expect.stringMatching(/^fuse/), mountPoint: point, network: true });
    const found = holderOf(report, holder.pid);
    expect(lockNames(found)).toEqual(["RESERVED:write", "SHARED:read"]);
    expect(found.handles.map(({ role }) => role)).toEqual(["database", "journal"]);
    expect(unseen).toMatchObject({ reason: expect.stringContaining("on other machines that share this file system") });
  }
});

test("a database elsewhere, while somebody has a file open on a dead mount", async (context) => {
  const { space, folder, point, die } = await fuse(context);
  const elsewhere = join(folder, "elsewhere.db");
  const [stuck, holder] = [
    await holderOn(space, join(point, "db.sqlite3")),
    await startHolder({ through: space.through }),
  ];
  await holder.run(connection(elsewhere, ...ROLLBACK, ...WRITE));
  await stuck.run(`other = os.open(${literal(point)}, os.O_RDONLY)`);
  die();
  for (const options of [{}, { through: space.through }]) {
    for (const args of [[], ["--locks-only"]]) {
      const report = await within(AT_ONCE_MS, () => lookAt(elsewhere, args, options));
      expect(lockNames(holderOf(report, holder.pid))).toEqual(["RESERVED:write", "SHARED:read"]);
    }
  }
});

test("a dead mount that was taken out of the tree (umount -l) while a file on it is still open", async (context) => {
  const { space, folder, point, die } = await fuse(context);
  const elsewhere = join(folder, "elsewhere.db");
  const [, holder] = [await holderOn(space, join(point, "db.sqlite3")), await startHolder({ through: space.through })];
  await holder.run(connection(elsewhere, ...ROLLBACK, ...WRITE));
  // Here alone the kernel tells that there are such mounts, since no list of mounts has it any more.
  space.run("mount", "-t", "fusectl", "fusectl", "/sys/fs/fuse/connections");
  die();
  space.run("umount", "-l", point);
  for (const args of [[], ["--locks-only"]]) {
    const report = await within(AT_ONCE_MS, () => lookAt(elsewhere, args, { through: space.through }));
    expect(lockNames(holderOf(report, holder.pid))).toEqual(["RESERVED:write", "SHARED:read"]);
  }
  // What lies at the place now is the folder below.
  expect(await sqlock(["who-holds", join(point, "db.sqlite3")], { through: space.through })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("no file"),
  });
});

test("a mount whose daemon has died answers with an error", async (context) => {
  const { space, folder, point, kill } = await fuse(context);
  const elsewhere = join(folder, "elsewhere.db");
  const holder = await holderOn(space, join(point, "db.sqlite3"));
  await holder.run(connection(elsewhere, ...ROLLBACK, ...WRITE));
  kill();
  for (const options of [{}, { through: space.through }]) {
    expect(lockNames(holderOf(await within(AT_ONCE_MS, () => lookAt(elsewhere, [], options)), holder.pid))).toEqual([
      "RESERVED:write",
      "SHARED:read",
    ]);
  }
  const { code, stderr } = await sqlock(["who-holds", join(point, "db.sqlite3")], { through: space.through });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^sqlock: [^\n]+\n$/);
});

/**
 * Python: puts a page of a file on the mount in place of the memory of its command line, with the same bytes; it is not
 * read before the mount dies. The address is field 48 of /proc/PID/stat.
 */
const COMMAND_LINE_ON = (file: string) => `import ctypes, mmap
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
address = int(open("/proc/self/stat").read().rsplit(")", 1)[1].split()[45]) & ~4095
with open(${literal(file)}, "wb") as page: page.write(ctypes.string_at(address, 4096))
fd = os.open(${literal(file)}, os.O_RDONLY)
protection, fixed = mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_PRIVATE | 0x10
mapped = libc.mmap(ctypes.c_void_p(address), ctypes.c_size_t(4096), protection, fixed, fd, ctypes.c_long(0))
assert mapped == address, ctypes.get_errno()
os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)`;

test("a command line that lies on a mount which does not answer", async (context) => {
  const { space, folder, point, die } = await fuse(context);
  const elsewhere = join(folder, "elsewhere.db");
  const holder = await startHolder({ through: space.through });
  await holder.run(connection(elsewhere, ...ROLLBACK, ...WRITE));
  await holder.run(COMMAND_LINE_ON(join(point, "page")));
  die();
  const { stdout } = await within(AT_ONCE_MS, () => sqlock(["who-holds", elsewhere]));
  expect(stdout).toContain(String(holder.pid));
  expect(holderOf(await within(AT_ONCE_MS, () => lookAt(elsewhere)), holder.pid).commandLine).toEqual([]);
});
