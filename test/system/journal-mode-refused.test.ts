/** What speaks against a switch, and what goes wrong in the middle of one: said, and nothing is lost. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { check } from "../support/check.ts";
import { startHolder } from "../support/holder.ts";
import { bytesOfFolder, journalMode, modeOfFile, untilWorkerOn } from "../support/journal-mode.ts";
import { mountFuse, mountNamespace, NOBODY } from "../support/namespace.ts";
import { has, isRoot, need } from "../support/skip.ts";
import { connect, holding, insertRows, newDatabase } from "../support/sqlite.ts";
import { sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

async function refusedLine(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await sqlock(["journal-mode", ...args]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^sqlock: [^\n]+; [^\n]+\n$/);
  return stderr;
}

/** Not switched, for this; with --force, switched. */
async function expectObstacle(
  database: string,
  to: "wal" | "delete",
  obstacle: string,
  { forcible, code = 1 }: { forcible: boolean; code?: number },
) {
  const before = bytesOfFolder(database);
  const answer = await journalMode([database, to]);
  expect(answer).toMatchObject({ code, changed: false, wouldSwitch: false, reason: expect.any(String) });
  expect(answer.obstacles.map((each) => [each.code, each.forcible, each.forced])).toContainEqual([
    obstacle,
    forcible,
    false,
  ]);
  if (!forcible) expect(await journalMode([database, to, "--force"])).toMatchObject({ code, changed: false });
  expect(bytesOfFolder(database)).toEqual(before);
  return answer;
}

async function expectForced(database: string, to: "wal" | "delete", obstacle: string) {
  const answer = await journalMode([database, to, "--force"]);
  expect(answer).toMatchObject({ code: 0, changed: true, after: to, obstacles: [{ code: obstacle, forced: true }] });
  return answer;
}

test("bad usage", async () => {
  const database = await newDatabase();
  const line = await refusedLine(database, "TRUNCATE");
  expect(line).toContain("journal mode truncate belongs to a connection");
  expect(line).toContain("PRAGMA journal_mode = TRUNCATE");
  expect(await refusedLine(database, "wall")).toContain("choose wal or delete");
  expect(await refusedLine(database, "wal", "--wait", "soon")).toContain("--wait");
  expect(await refusedLine(database, "--force")).toContain("needs a mode");
  expect(await refusedLine(database, "--dry-run")).toContain("needs a mode");
  expect(await refusedLine(database, "wal", "--dri-run")).toContain("did you mean --dry-run?");
  expect(await refusedLine()).toContain("missing required argument");
  expect(modeOfFile(database)).toBe("delete");
});

test("what is no database", async () => {
  const folder = tempFolder();
  const text = join(folder, "text");
  writeFileSync(text, "Dear reader,\n");
  execFileSync("mkfifo", [join(folder, "pipe")]);
  writeFileSync(join(folder, "cut"), "SQLite format 3\0 and no more");
  for (const name of ["none", "text", "pipe", "cut"]) {
    await refusedLine(join(folder, name), "wal");
    expect(await journalMode([join(folder, name), "wal"])).toMatchObject({
      code: 2,
      error: { code: expect.any(String) },
      changed: false,
    });
  }
  expect(await refusedLine(folder, "wal")).toContain(folder);
  expect(await refusedLine(":memory:")).toContain("memory");
  const one = await newDatabase();
  copyFileSync(one, `${one}.2.sqlite3`);
  expect(await refusedLine(dirname(one))).toMatch(/is a folder of 2 databases; give the path of one/);
});

test("a database that may not be written, and a folder that may not", async (context) => {
  need(context, isRoot, "root, to look as another user");
  const database = await newDatabase();
  chmodSync(dirname(database), 0o755);
  const answer = await journalMode([database, "wal"], { uid: NOBODY });
  expect(answer).toMatchObject({
    code: 2,
    changed: false,
    obstacles: [{ code: "not-writable", message: expect.stringContaining("no permission to write to") }],
  });
  expect(answer.obstacles[0]?.remedy).toContain("sudo");
  chmodSync(database, 0o666);
  const folder = await journalMode([database, "wal", "--force"], { uid: NOBODY });
  expect(folder).toMatchObject({
    code: 2,
    obstacles: [{ code: "not-writable", message: expect.stringContaining("-wal and -shm") }],
  });
  expect(await journalMode([database], { uid: NOBODY })).toMatchObject({ code: 0, wouldSwitch: false });
  chmodSync(dirname(database), 0o777);
  expect(await journalMode([database, "wal"], { uid: NOBODY })).toMatchObject({ code: 0, after: "wal" });
});

test("root switches another user's database, and that user can still use it", async (context) => {
  need(context, isRoot, "root, to look as another user");
  const database = await newDatabase();
  for (const path of [dirname(database), database]) chownSync(path, NOBODY, NOBODY);
  expect(await journalMode([database, "wal"])).toMatchObject({ code: 0, after: "wal" });
  const owner = await startHolder({ uid: NOBODY });
  await owner.run(`${connect(database)}\nc.execute("insert into t values (1)")`);
  expect(statSync(database).uid).toBe(NOBODY);
  await owner.run("c.close()");
  expect(await journalMode([database, "delete"])).toMatchObject({ code: 0, after: "delete" });
  expect(await owner.run(`${connect(database)}\nanswer = c.execute("select count(*) from t").fetchone()[0]`)).toBe(101);
});

test("a mount that is read-only", async (context) => {
  need(context, isRoot, "root, to mount");
  const database = await newDatabase();
  const folder = dirname(database);
  const mount = [
    "unshare",
    "-m",
    "sh",
    "-c",
    `mount --bind '${folder}' '${folder}' && mount -o remount,bind,ro '${folder}' && exec "$@"`,
    "sh",
  ];
  const answer = await journalMode([database, "wal", "--force"], { through: mount });
  expect(answer).toMatchObject({ code: 2, changed: false, obstacles: [{ code: "read-only-mount" }] });
});

test("a FUSE file system: refused in both directions, and --force goes past it", async (context) => {
  need(context, isRoot && has("bindfs"), "root and bindfs");
  const source = await newDatabase();
  const space = await mountNamespace();
  const point = join(tempFolder(), "point");
  mkdirSync(point);
  await mountFuse(space, dirname(source), point);
  const database = join(point, basename(source));
  const refused = await journalMode([database, "wal"], { through: space.through });
  expect(refused).toMatchObject({
    code: 1,
    obstacles: [{ code: "network-file-system", forcible: true, message: expect.stringContaining("fuse") }],
  });
  expect(await journalMode([database, "wal", "--force"], { through: space.through })).toMatchObject({
    code: 0,
    after: "wal",
  });
  expect(await journalMode([database, "delete"], { through: space.through })).toMatchObject({
    code: 1,
    obstacles: [{ code: "network-file-system" }],
  });
  expect(await journalMode([database, "delete", "--force"], { through: space.through })).toMatchObject({
    code: 0,
    after: "delete",
  });
});

test("hard links", async () => {
  const database = await newDatabase();
  linkSync(database, join(tempFolder(), "other.db"));
  await expectObstacle(database, "wal", "hard-linked", { forcible: true });
  await expectForced(database, "wal", "hard-linked");
});

test("a lock directory", async () => {
  const database = await newDatabase();
  mkdirSync(`${database}.lock`);
  const answer = await journalMode([database, "wal", "--force"]);
  expect(answer).toMatchObject({
    code: 1,
    changed: false,
    obstacles: [{ code: "lock-directory", forcible: false, remedy: expect.stringContaining("rmdir") }],
  });
});

test("a -wal that a killed writer left: refused, and with --force every row of it is there", async () => {
  const database = await newDatabase("wal");
  await (await holding(database, `for i in range(7): c.execute("insert into t values (7)")`)).end();
  await expectObstacle(database, "delete", "leftover-wal", { forcible: true });
  const answer = await expectForced(database, "delete", "leftover-wal");
  expect(answer.proof).toMatchObject({ frames: 7, rewritten: 0 });
  const reader = await holding(database);
  expect(await reader.run(`answer = c.execute("select count(*) from t where a = 7").fetchone()[0]`)).toBe(7);
});

test("a -wal of another file, and one that is damaged: no --force goes past that", async () => {
  const killed = await newDatabase("wal");
  await (await holding(killed, `for i in range(7): c.execute("insert into t values (7)")`)).end();
  const restored = await newDatabase();
  copyFileSync(`${killed}-wal`, `${restored}-wal`);
  await expectObstacle(restored, "wal", "wal-from-another-file", { forcible: false });
  const wal = readFileSync(`${killed}-wal`);
  wal.writeUInt8(wal.readUInt8(32 + 3 * 4120 - 1) ^ 1, 32 + 3 * 4120 - 1);
  writeFileSync(`${killed}-wal`, wal);
  await expectObstacle(killed, "delete", "damaged-wal", { forcible: false });
});

test("a hot journal: refused, and with --force rolled back first", async () => {
  const database = await newDatabase();
  await (await holding(database, `c.execute("pragma cache_size=1"); c.execute("begin"); ${insertRows(500)}`)).end();
  await expectObstacle(database, "wal", "hot-journal", { forcible: true });
  await expectForced(database, "wal", "hot-journal");
  const reader = await holding(database);
  expect(await reader.run(`answer = c.execute("select count(*) from t").fetchone()[0]`)).toBe(100);
});

test("a program that has lost its locks", async () => {
  const database = await newDatabase("wal");
  const careless = await holding(database, `cursor = c.execute("select a from t"); cursor.fetchone()`);
  await careless.run(`os.close(os.open(${JSON.stringify(database)}, os.O_RDONLY))`);
  const answer = await journalMode([database, "delete", "--force"]);
  expect(answer).toMatchObject({ code: 1, changed: false, after: "wal" });
  expect(answer.obstacles).toMatchObject([{ code: "lost-locks", forcible: false }]);
});

test("a program that still has the file open that lay there before", async () => {
  const database = await newDatabase("wal");
  await holding(database, `c.execute("insert into t values (1)")`);
  const fresh = await newDatabase("wal");
  renameSync(database, `${database}.gone`);
  execFileSync("rm", [`${database}.gone`]);
  renameSync(fresh, database);
  const answer = await journalMode([database, "delete", "--force"]);
  expect(answer).toMatchObject({ code: 1, changed: false });
  expect(answer.obstacles.map(({ code }) => code)).toContain("deleted-file");
});

test("programs that lock in different ways; a script's flock(1) is no obstacle", async () => {
  const database = await newDatabase();
  await holding(
    database,
    `import fcntl; f = os.open(${JSON.stringify(database)}, os.O_RDONLY); fcntl.flock(f, fcntl.LOCK_EX)`,
  );
  expect(await journalMode([database, "wal", "--dry-run"])).toMatchObject({ obstacles: [] });
  const mixed = await newDatabase();
  await holding(mixed, `import fcntl; f = os.open(${JSON.stringify(mixed)}, os.O_RDWR); fcntl.flock(f, fcntl.LOCK_EX)`);
  await holding(mixed, `c.execute("begin"); c.execute("select * from t").fetchall()`);
  const answer = await journalMode([mixed, "wal", "--force"]);
  expect(answer).toMatchObject({ code: 1, changed: false });
  expect(answer.obstacles).toMatchObject([{ code: "mixed-lock-apis", forcible: false }]);
});

test("strange names: spaces at the end, quotes, a symbolic link", async () => {
  const plain = await newDatabase();
  for (const name of ["ends in a space ", 'it\'s "quoted" $HOME.db', "-leading", "ünïcode\n.db"]) {
    const database = join(dirname(plain), name);
    copyFileSync(plain, database);
    expect(await journalMode([database, "wal"])).toMatchObject({ code: 0, path: database, after: "wal" });
    expect(modeOfFile(database)).toBe("wal");
  }
  const link = join(tempFolder(), "link.db");
  symlinkSync(plain, link);
  expect(await journalMode([link, "wal"])).toMatchObject({ code: 0, path: plain, givenAs: link, after: "wal" });
  expect(existsSync(`${link}-wal`)).toBe(false);
});

test("no disk space: noticed before the switch is tried", async (context) => {
  need(context, isRoot, "root, to mount a small file system");
  const space = await mountNamespace();
  const point = tempFolder();
  space.run("mount", "-t", "tmpfs", "-o", "size=170k,mode=755", "tmpfs", point);
  const database = join(point, "db.sqlite3");
  await space.keeper.run(`${connect(database)}\nc.execute("create table t(a)"); ${insertRows(100)}; c.close()`);
  const answer = await journalMode([database, "wal"], { through: space.through });
  expect(answer).toMatchObject({ code: 1, changed: false, obstacles: [{ code: "no-space", forcible: false }] });
});

test.runIf(isRoot).each(["wal", "delete"] as const)(
  "the disk fills up while it waits (to %s): it says so, and nothing is lost",
  async (to) => {
    const from = to === "wal" ? "delete" : "wal";
    const space = await mountNamespace();
    const point = tempFolder();
    space.run("mount", "-t", "tmpfs", "-o", "size=1m,mode=755", "tmpfs", point);
    const database = join(point, "db.sqlite3");
    // The reader's snapshot is from before the rows: until it ends, a checkpoint can copy none of them back.
    await space.keeper.run(`
${connect(database)}; other = sqlite3.connect(${JSON.stringify(database)}, isolation_level=None)
c.execute("pragma journal_mode=${from}"); c.execute("create table t(a)"); c.execute("pragma wal_checkpoint(truncate)")
${to === "wal" ? insertRows(100) : ""}
other.execute("begin"); other.execute("select count(*) from t").fetchone()
${to === "delete" ? insertRows(100) : ""}`);
    const switching = journalMode([database, to, "--wait", "20s"], { through: space.through });
    await untilWorkerOn(database);
    await space.keeper.run(`
f = open(${JSON.stringify(join(point, "filler"))}, "wb", 0)
try:
    while True: f.write(b"x" * 1024)
except OSError as error: answer = error.errno
f.close()`);
    await space.keeper.run("other.close(); c.close()");
    const answer = await switching;
    expect(answer).toMatchObject({ code: 1, changed: false, before: from, after: from });
    expect(answer.reason).toMatch(
      /the disk is full|database or disk is full|the disk or the file system reports errors/,
    );
    await space.keeper.run(`os.remove(${JSON.stringify(join(point, "filler"))})`);
    expect(await journalMode([database, to, "--force"], { through: space.through })).toMatchObject({
      code: 0,
      after: to,
    });
    expect((await check(database, [], { through: space.through })).verdict).toBe("ok");
    expect(
      await space.keeper.run(`${connect(database)}\nanswer = c.execute("select count(*) from t").fetchone()[0]`),
    ).toBe(100);
  },
);

test("a file that is mounted without its folder, here and for a holder", async (context) => {
  need(context, isRoot, "root, to mount");
  const database = await newDatabase();
  const space = await mountNamespace();
  const name = join(tempFolder(), "app.db");
  writeFileSync(name, "");
  space.run("mount", "--bind", database, name);
  await space.keeper.run(`${connect(name)}\nc.execute("select * from t").fetchall()`);
  const answer = await journalMode([database, "wal"]);
  expect(answer).toMatchObject({ code: 1, changed: false, obstacles: [{ code: "file-mount", forcible: true }] });
  expect(answer.reason).toContain(`for ${space.keeper.pid}: ${name}`);
  expect(await journalMode([name, "wal"], { through: space.through })).toMatchObject({
    code: 1,
    obstacles: [{ code: "file-mount" }],
  });
  await space.keeper.run("c.close()");
  expect(await journalMode([database, "wal"])).toMatchObject({ code: 0 });
  // The folder as a whole is no such thing.
  const folder = tempFolder();
  space.run("mount", "--bind", dirname(database), folder);
  await space.keeper.run(`${connect(join(folder, "db.sqlite3"))}\nc.close()`);
  expect(await journalMode([join(folder, "db.sqlite3"), "delete"], { through: space.through })).toMatchObject({
    code: 0,
  });
});

test("a truncated file, and one whose header names no mode", async () => {
  const database = await newDatabase();
  const cut = `${database}.cut`;
  writeFileSync(cut, readFileSync(database).subarray(0, 5000));
  await expectObstacle(cut, "wal", "cut-off", { forcible: false });
  const odd = readFileSync(database);
  odd.writeUInt8(2, 18);
  writeFileSync(`${database}.odd`, odd);
  expect(await refusedLine(`${database}.odd`, "wal")).toContain(
    "(versions 2 and 1, instead of 1 and 1, or 2 and 2); see what else is wrong with it: sqlock integrity",
  );
});

test("a blocker that cannot be seen (another pid namespace) is reported as that", async (context) => {
  need(context, isRoot, "root, to make a pid namespace");
  const database = await newDatabase("wal");
  await holding(database, `c.execute("begin"); c.execute("select * from t").fetchall()`);
  const through = ["unshare", "-p", "-f", "--mount-proc"];
  const answer = await journalMode([database, "delete", "--wait", "300ms"], { through });
  expect(answer).toMatchObject({
    code: 1,
    changed: false,
    blockedBy: [],
    reason: expect.stringContaining("and the process that blocks it cannot be seen from here"),
  });
  const dry = await sqlock(["journal-mode", database, "delete", "--dry-run"], { through });
  expect(dry.stdout).toContain(", as far as can be seen from here. Nothing was changed (--dry-run).");
});

test("a worker that cannot start: a reason, and the mode is unchanged", async () => {
  const database = await newDatabase();
  const few = await sqlock(["journal-mode", "--json", database, "wal"], {
    through: ["sh", "-c", 'ulimit -n 22; exec "$@"', "sh"],
  });
  expect(few.stderr).not.toContain("    at ");
  expect(few.code === 1 || few.code === 2).toBe(true);
  expect(modeOfFile(database)).toBe("delete");
});
