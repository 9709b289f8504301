/** The file system that a database lies on, and the limits of who has it open. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, type TestContext, test } from "vitest";
import { connection, literal, ROLLBACK, WAL } from "../../support/connection.ts";
import { followRemedy, theFinding } from "../../support/findings.ts";
import { startHolder } from "../../support/holder.ts";
import { mountFuse, mountNamespace } from "../../support/namespace.ts";
import { has, isRoot, need } from "../../support/skip.ts";
import { holding, newDatabase } from "../../support/sqlite.ts";
import { findingIds, lookAt } from "../../support/sqlock.ts";
import { tempFolder } from "../../support/temp.ts";
import { until } from "../../support/until.ts";

/** A tmpfs of a test's own, a holder in it, and what is in the folder as all may see it. */
async function smallTmpfs(context: TestContext, options: string) {
  need(context, isRoot, "root");
  const point = tempFolder();
  const space = await mountNamespace();
  space.run("mount", "-t", "tmpfs", "-o", options, "tmpfs", point);
  const holder = await startHolder({ through: space.through });
  const inside = `/proc/${holder.pid}/root${point}`;
  return {
    holder,
    inside,
    database: join(point, "db.sqlite3"),
    look: () => lookAt(join(point, "db.sqlite3"), [], { through: space.through }),
    space,
  };
}

/** Python: rows until SQLite has enough of them. */
const INSERT_UNTIL_FULL = `
try:
    while True: c.execute("insert into t values (randomblob(3000))")
except sqlite3.OperationalError as error: answer = str(error)`;

describe("disk-full", () => {
  test("less room than a WAL has to be copied back; none; room again", async (context) => {
    const { holder, inside, database, look, space } = await smallTmpfs(context, "size=2m");
    await holder.run(connection(database, ...WAL, "pragma wal_autocheckpoint=0"));
    await holder.run(`for i in range(60): c.execute("insert into t values (randomblob(3000))")`);
    expect(findingIds(await look())).toEqual([]);

    writeFileSync(join(inside, "filler"), Buffer.alloc(1000 << 10));
    const little = theFinding(await look(), "disk-full");
    expect(little).toMatchObject({ severity: "warning", pids: [] });
    expect(little.detail).toMatch(/^The WAL has \d+ frames \(\d+ KiB\) still to be copied back/);

    expect(await holder.run(INSERT_UNTIL_FULL)).toBe("database or disk is full");
    const full = theFinding(await look(), "disk-full");
    expect(full).toMatchObject({ severity: "error", summary: expect.stringContaining("has 0 B free of 2 MiB") });
    expect(full.summary).toContain("fail with 'database or disk is full' (13)");

    rmSync(join(inside, "filler"));
    need(context, has("sqlite3"), "sqlite3");
    const command = /sqlite3 .*TRUNCATE\)'/;
    const through = { ...full, remedy: full.remedy.replace(command, (text) => `${space.through.join(" ")} ${text}`) };
    expect(followRemedy(through, /nsenter .*TRUNCATE\)'/)).toBe("0|0|0\n");
    expect(findingIds(await look())).toEqual([]);
  });

  test.for(["delete", "wal"] as const)("no free inode, %s", async (mode, context) => {
    const { holder, inside, database, look } = await smallTmpfs(context, "size=4m,nr_inodes=4");
    await holder.run(`${connection(database, `pragma journal_mode=${mode}`, "create table t(a)")}\nc.close()`);
    await holder.run(connection(database));
    expect(findingIds(await look())).toEqual([]);
    for (const name of ["filler", "another"]) writeFileSync(join(inside, name), "");
    const finding = theFinding(await look(), "disk-full");
    expect(finding).toMatchObject({
      severity: "error",
      summary: expect.stringContaining("gets 'unable to open database file' (14)"),
    });
    const sql = mode === "wal" ? "select * from t" : "insert into t values (1)";
    await expect(holder.run(`c.execute("${sql}").fetchall()`)).rejects.toThrow("unable to open database file");
  });
});

describe("open-files-exhausted", () => {
  /** Python: as many connections as there may be, or `most`; how many there are is the answer, or the error. */
  const connections = (database: string, most: number) => `
many = []
def one():
    d = sqlite3.connect(${literal(database)}, isolation_level=None)
    many.append(d)
    d.execute("select count(*) from t").fetchall()
while len(many) < ${most}: one()`;

  test("twenty connections; silent: nineteen", async () => {
    for (const mode of ["delete", "wal"] as const) {
      const database = await newDatabase(mode);
      const holder = await startHolder();
      await holder.run(connections(database, 19));
      expect((await lookAt(database)).findings).toEqual([]);
      await holder.run("one()");
      const finding = theFinding(await lookAt(database), "open-files-exhausted");
      expect(finding).toMatchObject({
        severity: "warning",
        pids: [holder.pid],
        summary: expect.stringContaining("has this database open 20 times"),
      });
    }
  });

  test("a limit of open files that is nearly reached, then reached: the next connection gets the error", async () => {
    const database = await newDatabase();
    const holder = await startHolder();
    await holder.run(`
import resource
os.closerange(20, 1000)
resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
others = [os.open("/dev/null", os.O_RDONLY) for _ in range(15 - len(os.listdir("/proc/self/fd")) + 1)]
${connections(database, 0)}`);
    const open = () => holder.run(`answer = len(os.listdir("/proc/self/fd")) - 1`);
    expect(await open()).toBe(15);
    const inUse = await holding(database);
    expect((await lookAt(database)).findings).toEqual([]);
    await holder.run("one()");
    expect(await open()).toBe(16);
    const near = theFinding(await lookAt(database), "open-files-exhausted");
    expect(near).toMatchObject({
      severity: "warning",
      pids: [holder.pid],
      summary: expect.stringContaining("has 16 files open of 20 allowed"),
    });
    expect(near.pids).not.toContain(inUse.pid);

    await holder.run(`one(); one(); one(); one()`);
    const full = theFinding(await lookAt(database), "open-files-exhausted");
    expect(full).toMatchObject({
      severity: "error",
      summary: expect.stringContaining("has 20 files open of 20 allowed"),
    });
    await expect(holder.run("one()")).rejects.toThrow("unable to open database file");
  });
});

describe("network-file-system and other-namespace", () => {
  test("FUSE: locks may not reach everybody, and others may be out of sight", async (context) => {
    need(context, isRoot, "root");
    need(context, has("bindfs"), "bindfs (FUSE)");
    const folder = tempFolder();
    const [source, point] = [join(folder, "source"), join(folder, "mnt")];
    for (const each of [source, point]) mkdirSync(each);
    const space = await mountNamespace();
    await space.keeper.run(`${connection(join(source, "db.sqlite3"), ...ROLLBACK)}\nc.close()`);
    await mountFuse(space, source, point);
    const holder = await startHolder({ through: space.through });
    await holder.run(connection(join(point, "db.sqlite3")));
    const seen = await lookAt(join(point, "db.sqlite3"), [], { through: space.through });
    expect(findingIds(seen)).toEqual(["network-file-system", "other-namespace"]);
    expect(theFinding(seen, "network-file-system")).toMatchObject({
      severity: "warning",
      pids: [holder.pid],
      summary: expect.stringMatching(/^The database lies on fuse\S* \(\S+\/mnt\): locks may not reach every process/),
    });
    expect(theFinding(seen, "other-namespace")).toMatchObject({
      severity: "info",
      summary: expect.stringContaining("programs on other machines"),
    });
    // What it warns of: who takes the other way to the same file is not kept out.
    await holder.run(`c.execute("begin immediate")`);
    const other = await startHolder({ through: space.through });
    await other.run(connection(join(source, "db.sqlite3"), "begin immediate"));
    const beside = await lookAt(join(source, "db.sqlite3"), [], { through: space.through });
    const daemon = theFinding(beside, "separate-locks");
    expect(daemon).toMatchObject({ severity: "error", summary: expect.stringContaining("a FUSE file system") });
    await other.end();
    const alone = await lookAt(join(source, "db.sqlite3"), [], { through: space.through });
    expect(theFinding(alone, "separate-locks")).toMatchObject({ severity: "warning", pids: daemon.pids });
    // once it is closed there, nobody has it open
    await holder.end();
    const closed = () => lookAt(join(source, "db.sqlite3"), [], { through: space.through });
    await until("nobody has it open", async () => (await closed()).holders.length === 0);
    expect(findingIds(await closed())).toEqual([]);
  });

  test("silent: tmpfs and overlay", async (context) => {
    const { look, holder, database, space } = await smallTmpfs(context, "size=64m");
    await holder.run(connection(database, ...WAL));
    expect(findingIds(await look())).toEqual([]);
    const base = join(database, "..");
    space.run("mkdir", join(base, "lower"), join(base, "upper"), join(base, "work"), join(base, "merged"));
    const layers = `lowerdir=${base}/lower,upperdir=${base}/upper,workdir=${base}/work`;
    space.run("mount", "-t", "overlay", "overlay", "-o", layers, join(base, "merged"));
    const merged = join(base, "merged", "db.sqlite3");
    await holder.run(connection(merged, ...WAL));
    const seen = await lookAt(merged, [], { through: space.through });
    expect(seen).toMatchObject({ fileSystem: { type: "overlay", network: false }, findings: [] });
  });
});
