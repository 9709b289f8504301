import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, type TestContext, test } from "vitest";
import { bareReserved, connection, literal, ROLLBACK, WRITE } from "../support/connection.ts";
import { type Holder, startHolder } from "../support/holder.ts";
import { type MountNamespace, mountFuse, mountNamespace } from "../support/namespace.ts";
import { has, isRoot, need } from "../support/skip.ts";
import { holderOf, lockNames, lookAt, sqlock, whoHolds } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

/** A look that waits for a dead mount waits for ever; one that asks it and gives up takes three seconds. */
const AT_ONCE_MS = 2500;
const SOME_SECONDS_MS = 10_000;

interface Mounted {
  readonly space: MountNamespace;
  readonly folder: string;
  readonly point: string;
  readonly source: string;
  /** Stops the daemon: from then on, what asks it waits. */
  readonly die: () => void;
  readonly kill: () => void;
}

async function fuse(context: TestContext, options: readonly string[] = []): Promise<Mounted> {
  need(context, isRoot, "root");
  need(context, has("bindfs"), "bindfs (FUSE)");
  const folder = tempFolder();
  const [source, point] = [join(folder, "source"), join(folder, "data", "mnt")];
  mkdirSync(source);
  mkdirSync(point, { recursive: true });
  const space = await mountNamespace();
  await space.keeper.run(`${connection(join(source, "db.sqlite3"), ...ROLLBACK)}\nc.close()`);
  const daemon = await mountFuse(space, source, point, options);
  const kill = () => void process.kill(daemon, "SIGKILL");
  const die = () => {
    process.kill(daemon, "SIGSTOP");
    onTestFinished(kill); // before the holders are ended: closing a file on the mount waits for the daemon, too
  };
  return { space, folder, point, source, die, kill };
}

async function holderOn(space: MountNamespace, path: string): Promise<Holder> {
  const holder = await startHolder({ through: space.through });
  await holder.run(bareReserved(path));
  return holder;
}

async function within<T>(ms: number, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  expect(performance.now() - started).toBeLessThan(ms);
  return result;
}

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

test("a database on the dead mount is a one-line error within some seconds, under whatever name", async (context) => {
  const { space, folder, point, die } = await fuse(context);
  await holderOn(space, join(point, "db.sqlite3"));
  space.run("ln", "-s", join(point, "db.sqlite3"), join(folder, "link"));
  die();
  const database = join(point, "db.sqlite3");
  const paths = [
    database,
    join(folder, "link"),
    `${database}-wal`,
    `file:${database}?mode=ro`,
    `sqlite:///${database}`,
    point,
  ];
  // Side by side: each waits for its time limit.
  const look = (path: string) => sqlock(["who-holds", path], { through: space.through });
  const runs = await within(SOME_SECONDS_MS, () => Promise.all(paths.map(look)));
  for (const [i, { code, stdout, stderr }] of runs.entries()) {
    expect({ code, stdout }, paths[i]).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(
      /^sqlock: the fuse\S* file system at \S+ does not answer, so [^\n]+ cannot be inspected; [^\n]+\n$/,
    );
  }
});

test("a mount that answers stat, but no open", async (context) => {
  // The kernel answers stat itself for so long, in seconds.
  const { space, point, die } = await fuse(context, ["-o", "attr_timeout=600,entry_timeout=600"]);
  const database = join(point, "db.sqlite3");
  space.run("stat", database);
  die();
  space.run("stat", database);
  const commands = [
    ["who-holds", database],
    ["integrity", database],
    ["journal-mode", database],
    ["kill", "--yes", database],
    ["explain", "--db", database, "database is locked"],
  ];
  const run = (args: readonly string[]) => sqlock(args, { through: space.through });
  const runs = await within(SOME_SECONDS_MS, () => Promise.all(commands.map(run)));
  for (const [i, { stdout, stderr }] of runs.entries())
    expect(stdout + stderr, commands[i]?.[0]).toContain("does not answer");
});

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

test("names that lead onto a dead mount by detours are asked by a child", async (context) => {
  const { space, folder, point, die } = await fuse(context);
  const database = join(point, "db.sqlite3");
  mkdirSync(join(folder, "x"));
  const detour = join(folder, "detour.db");
  symlinkSync(`${join(folder, "x")}/${"../x/".repeat(300)}../data/mnt/db.sqlite3`, detour);
  writeFileSync(join(folder, "app.db-wal"), "");
  symlinkSync(database, join(folder, "app.db")); // the database of a companion file that is there
  symlinkSync(database, join(folder, "file:literal.db"));
  symlinkSync(database, join(folder, ":memory:"));
  die();
  const look = (path: string) => sqlock(["who-holds", path], { through: space.through, cwd: folder });
  const runs = await within(SOME_SECONDS_MS, () =>
    Promise.all([detour, join(folder, "app.db-wal"), "file:literal.db", ":memory:"].map(look)),
  );
  expect(runs.map(({ code }) => code)).toEqual([2, 2, 2, 2]);
  expect(runs.map(({ stderr }) => /does not answer|no file|in-memory/.exec(stderr)?.[0])).toEqual([
    "does not answer",
    "does not answer",
    "no file",
    "in-memory",
  ]);
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
