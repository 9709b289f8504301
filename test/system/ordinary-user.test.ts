import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bareReserved, connection, ROLLBACK, WAL, WRITE } from "../support/connection.ts";
import { theFinding } from "../support/findings.ts";
import { startHolder } from "../support/holder.ts";
import { mountNamespace, NOBODY } from "../support/namespace.ts";
import { isRoot, need } from "../support/skip.ts";
import { holderOf, lockNames, lookAt, sqlock, whoHolds } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

const OTHER = 4711;

async function writerOfNobody() {
  const folder = tempFolder();
  chmodSync(folder, 0o777);
  const database = join(folder, "db.sqlite3");
  const holder = await startHolder({ uid: NOBODY });
  await holder.run(connection(database, ...ROLLBACK, ...WRITE));
  return { database, holder };
}

test("root's holder, as an ordinary user sees it: the locks, but not the handles", async (context) => {
  need(context, isRoot, "root");
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder();
  await holder.run(connection(database, ...WAL, ...WRITE));
  for (const args of [[], ["--locks-only"]]) {
    const found = holderOf(await lookAt(database, args, { uid: NOBODY }), holder.pid);
    expect(found).toMatchObject({
      user: "root",
      uid: 0,
      activity: "writing",
      complete: false,
      handles: [],
      openFiles: null,
    });
    expect(found.commandLine.at(-1)).toMatch(/hold\.py$/);
    expect(lockNames(found)).toEqual(["DMS:read", "READ1:read", "SHARED:read", "WRITE:write"]);
    expect(found.heldAtLeastMs).toBeNull(); // /proc/PID/io, which rules out threads that have exited, is not for others
  }
  const { unseen } = await whoHolds([database], { uid: NOBODY });
  expect(unseen).toMatchObject({ reason: "owned by other users", remedy: "run with sudo" });
  expect(unseen?.processes).toBeGreaterThan(0);
  const { stdout, stderr, code } = await sqlock(["who-holds", database], { uid: NOBODY });
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  expect(stdout).toMatch(new RegExp(`^ *${holder.pid} +root .* not visible`, "m"));
  expect(stdout).toMatch(
    new RegExp(
      `could not be inspected \\(owned by other users\\)\\. To see them: sudo sqlock who-holds ${database}\\n$`,
    ),
  );
  // The same look as root has it all.
  expect(holderOf(await lookAt(database), holder.pid)).toMatchObject({ complete: true, handles: [{}, {}, {}] });
});

test("commands that take another user's right come with sudo, those for one's own process without", async (context) => {
  need(context, isRoot, "root");
  const { database, holder } = await writerOfNobody();
  holder.kill("SIGSTOP");
  const remedy = async (uid: number) =>
    theFinding(await lookAt(database, [], { uid }), "suspended-holder").remedy.slice(
      0,
      "Let it continue: sudo kill".length,
    );
  expect(await remedy(OTHER)).toBe("Let it continue: sudo kill");
  expect(await remedy(NOBODY)).toBe("Let it continue: kill -CON");
  expect(await remedy(0)).toBe("Let it continue: kill -CON");
  expect((await whoHolds([database], { uid: OTHER })).viewer).toEqual({ uid: OTHER });
  holder.kill("SIGCONT");
});

test("a process of root that only has the database open is not seen: no process that can be seen", async (context) => {
  need(context, isRoot, "root");
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder();
  await holder.run(connection(database, ...ROLLBACK));
  expect(holderOf(await lookAt(database), holder.pid).activity).toBe("idle");
  const { stdout, code } = await sqlock(["who-holds", database], { uid: NOBODY });
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^Not locked, no process that can be seen has it open; \d+ processes could not be inspected\.\n/,
  );
  expect(stdout).toContain(`sudo sqlock who-holds ${database}`);
});

test("a process of one's own is seen whole", async (context) => {
  need(context, isRoot, "root");
  const { database, holder } = await writerOfNobody();
  const found = holderOf(await lookAt(database, [], { uid: NOBODY }), holder.pid);
  expect(found).toMatchObject({ user: "nobody", uid: NOBODY, complete: true });
  expect(found.heldAtLeastMs).not.toBeNull();
  expect(lockNames(found)).toEqual(["RESERVED:write", "SHARED:read"]);
});

test("a database that the user may not read: its owners are known all the same", async (context) => {
  need(context, isRoot, "root");
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder();
  await holder.run(connection(database, ...ROLLBACK, ...WRITE));
  for (const suffix of ["", "-journal"]) chmodSync(database + suffix, 0o600);
  const report = await lookAt(database, [], { uid: NOBODY });
  expect(report).toMatchObject({
    journalMode: "unknown",
    pageSize: null,
    pageCount: null,
    sizeBytes: 8192,
    journal: { hot: false },
  });
  expect(lockNames(holderOf(report, holder.pid))).toEqual(["RESERVED:write", "SHARED:read"]);
  expect((await sqlock(["who-holds", database], { uid: NOBODY })).stdout).toContain(
    "journal mode unknown (cannot be read)",
  );
  await holder.end();
  // Now the journal might be hot: who cannot read it cannot know.
  expect(await lookAt(database, [], { uid: NOBODY })).toMatchObject({ holders: [], journal: { hot: null } });
});

test("a WAL database that the user may not read", async (context) => {
  need(context, isRoot, "root");
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder();
  await holder.run(connection(database, ...WAL, ...WRITE));
  for (const suffix of ["", "-wal", "-shm"]) chmodSync(database + suffix, 0o600);
  const report = await lookAt(database, [], { uid: NOBODY });
  expect(report).toMatchObject({ journalMode: "unknown", wal: null });
  expect(holderOf(report, holder.pid)).toMatchObject({ activity: "writing", complete: false, readMark: null });
});

test("a folder that the user may not enter is a one-line error", async (context) => {
  need(context, isRoot, "root");
  const folder = join(tempFolder(), "closed");
  mkdirSync(folder);
  const database = join(folder, "db.sqlite3");
  const holder = await startHolder();
  await holder.run(bareReserved(database));
  chmodSync(folder, 0o700);
  for (const path of [folder, database, join(folder, "none")]) {
    const { stdout, stderr, code } = await sqlock(["who-holds", path], { uid: NOBODY });
    expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
    expect(stderr).toBe(`sqlock: no permission to inspect ${path}; run with sudo, or as the user that owns it\n`);
    expect((await whoHolds([path], { uid: NOBODY })).databases).toMatchObject([
      { givenAs: path, error: { code: "permission-denied" } },
    ]);
  }
  chmodSync(folder, 0o711); // to enter, but not to list: a file in it can be asked for by its name
  expect(lockNames(holderOf(await lookAt(database, [], { uid: NOBODY }), holder.pid))).toEqual(["RESERVED:write"]);
  expect((await sqlock(["who-holds", folder], { uid: NOBODY })).stderr).toMatch(
    /^sqlock: no permission to inspect [^\n]+\n$/,
  );
});

test.for(["1", "2"])("hidepid=%s: other users' processes do not exist, and that is said", async (option, context) => {
  need(context, isRoot, "root");
  const database = join(tempFolder(), "db.sqlite3");
  const space = await mountNamespace();
  space.run("mount", "-t", "proc", "-o", `hidepid=${option}`, "proc", "/proc");
  await space.keeper.run(connection(database, ...ROLLBACK, ...WRITE));
  const { databases, unseen } = await whoHolds([database], { through: space.throughAsNobody });
  expect(unseen).toMatchObject({
    processes: null,
    reason: expect.stringContaining("hidepid"),
    remedy: "run with sudo",
  });
  // Its owner cannot be looked at, but /proc/locks names it, and the lock is there for all to see.
  const [report] = databases;
  if (report === undefined || "error" in report) throw new Error("no answer");
  expect(report.holders).toMatchObject([
    {
      pid: space.keeper.pid,
      state: null,
      user: null,
      commandLine: [],
      complete: false,
      blocks: ["writers", "commits", "journal-mode"],
    },
  ]);
  expect(report.holders.flatMap((holder) => lockNames(holder))).toEqual(["RESERVED:write", "SHARED:read"]);
  expect((await sqlock(["who-holds", "--exit-code", database], { through: space.throughAsNobody })).code).toBe(1);
  expect(report.journal).toMatchObject({ hot: false });
  // Root sees it nevertheless.
  const asRoot = await whoHolds([database], { through: space.through });
  expect(asRoot).toMatchObject({ databases: [{ holders: [{ pid: space.keeper.pid }] }] });
  expect(asRoot.unseen?.reason ?? "").not.toContain("hidepid");
});
