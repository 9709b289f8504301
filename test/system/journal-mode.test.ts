/** Both directions, with holders that block a switch and with some that do not. What blocks it: unit tests. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { check } from "../support/check.ts";
import { bytesOfFolder, journalMode, modeOfFile, untilWorkerOn, workerOn } from "../support/journal-mode.ts";
import { has, need } from "../support/skip.ts";
import { holding, insertRows, newDatabase } from "../support/sqlite.ts";
import { BIN, NODE, sqlock } from "../support/sqlock.ts";
import { until } from "../support/until.ts";

type Mode = "wal" | "delete";
const other = (mode: Mode): Mode => (mode === "wal" ? "delete" : "wal");

const IDLE = `c.execute("select * from t").fetchall()`;
const READER = `c.execute("begin"); ${IDLE}`;
const WRITER = `c.execute("begin immediate"); c.execute("insert into t values (1)")`;

/** The sqlite3 shell, which keeps the database open. @returns its pid. */
async function shellHolding(database: string, statements: string): Promise<number> {
  const shell = spawn("sqlite3", ["-batch", database], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(async () => {
    const exited = once(shell, "exit");
    shell.kill("SIGKILL");
    await exited;
  });
  let output = "";
  const ready = new Promise<void>((resolve) => {
    shell.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.includes("ready")) resolve();
    });
  });
  shell.stdin.write(`${statements}\nselect 'ready';\n`);
  await ready;
  return shell.pid ?? 0;
}

async function expectSwitched(database: string, from: Mode): Promise<void> {
  const answer = await journalMode([database, other(from), "--wait", "0"]);
  expect(answer).toMatchObject({
    code: 0,
    before: from,
    after: other(from),
    changed: true,
    reason: null,
    blockedBy: [],
    asked: other(from),
  });
  expect(answer.advice).toHaveLength(3);
  expect(modeOfFile(database)).toBe(other(from));
  expect((await check(database)).verdict).toBe("ok");
}

async function expectBlocked(database: string, from: Mode, pids: readonly number[]): Promise<void> {
  const before = bytesOfFolder(database);
  const dry = await journalMode([database, other(from), "--dry-run"]);
  expect(dry).toMatchObject({ code: 1, changed: false, wouldSwitch: false, dryRun: true });
  const answer = await journalMode([database, other(from), "--wait", "0.3s"]);
  expect(answer).toMatchObject({ code: 1, before: from, after: from, changed: false });
  for (const { blockedBy, reason } of [dry, answer]) {
    expect(blockedBy.map(({ pid }) => pid).sort()).toEqual([...pids].sort());
    for (const pid of pids) expect(reason).toContain(`${pid} (`);
  }
  expect(bytesOfFolder(database)).toEqual(before);
  expect(modeOfFile(database)).toBe(from);
}

describe.each(["delete", "wal"] as const)("from %s", (from) => {
  test("no holder", async () => {
    const database = await newDatabase(from);
    await expectSwitched(database, from);
    expect(readdirSync(dirname(database))).toEqual(["db.sqlite3"]);
    await expectSwitched(database, other(from));
  });

  test("an idle connection blocks it in WAL mode alone", async () => {
    const database = await newDatabase(from);
    const holder = await holding(database, IDLE);
    if (from === "wal") await expectBlocked(database, from, [holder.pid]);
    else await expectSwitched(database, from);
  });

  test("two of them are both named, and a bystander is not", async () => {
    const database = await newDatabase(from);
    const reader = await holding(database, READER);
    const writer = await holding(database, WRITER);
    await holding(await newDatabase(from), WRITER);
    await expectBlocked(database, from, [reader.pid, writer.pid]);
  });

  test("it waits for the process that blocks it, and switches when that one has finished", async () => {
    const database = await newDatabase(from);
    const holder = await holding(database, WRITER);
    const switching = journalMode([database, other(from), "--wait", "20s"]);
    await untilWorkerOn(database);
    // an attempt of the worker holds SHARED for a moment
    await holder.run(`c.execute("pragma busy_timeout = 5000"); c.execute("commit"); c.close()`);
    const answer = await switching;
    expect(answer).toMatchObject({ code: 0, after: other(from), changed: true });
    expect(answer.waitedMs).toBeGreaterThan(0);
    expect((await check(database)).verdict).toBe("ok");
  });

  test("in that mode already: nothing is touched", async () => {
    const database = await newDatabase(from);
    await holding(database, WRITER);
    const before = bytesOfFolder(database);
    expect(await journalMode([database, from])).toMatchObject({
      code: 0,
      before: from,
      after: from,
      changed: false,
      reason: null,
      blockedBy: [],
    });
    expect(bytesOfFolder(database)).toEqual(before);
  });
});

test("while it waits for a long reader, programs that wait half a second for a lock get theirs", async () => {
  const database = await newDatabase();
  const reader = await holding(database, READER);
  const short = await holding(
    database,
    `c.close(); c = sqlite3.connect(${JSON.stringify(database)}, isolation_level=None, timeout=0.5)`,
  );
  const switching = journalMode([database, "wal", "--wait", "3s"]);
  await untilWorkerOn(database);
  // After a third of the time SQLite keeps new readers out while it waits for the old ones.
  const failures = await short.run(`
import time
end, answer = time.time() + 2.5, 0
while time.time() < end:
    try: c.execute("select count(*) from t").fetchone()
    except sqlite3.OperationalError: answer += 1
    time.sleep(0.02)`);
  expect(failures).toBe(0);
  expect(await switching).toMatchObject({ code: 1, after: "delete", blockedBy: [{ pid: reader.pid }] });
});

test("leaving WAL mode copies a large -wal back, and proves each page of it", async () => {
  const database = await newDatabase("wal");
  const keeper = await holding(
    database,
    `c.execute("pragma wal_autocheckpoint = 0"); ${insertRows(3000)}; c.execute("delete from t where rowid % 2")`,
  );
  const switching = journalMode([database, "delete", "--wait", "20s"]);
  await untilWorkerOn(database);
  // Killed, it does not copy its -wal back.
  await keeper.end();
  const answer = await switching;
  expect(answer).toMatchObject({ code: 0, before: "wal", after: "delete", changed: true });
  expect(answer.proof).toMatchObject({ rewritten: 0 });
  expect(answer.proof?.pages).toBeGreaterThan(500);
  expect(existsSync(`${database}-wal`)).toBe(false);
  const reader = await holding(database, `answer = 0`);
  expect(await reader.run(`answer = c.execute("select count(*) from t").fetchone()[0]`)).toBe(1550);
});

test("a database that is in use by a writer with short transactions is switched in between", async () => {
  const database = await newDatabase();
  const writer = await holding(database);
  await writer.run(`
import threading, time
rows, going = 0, True
def commit():
    global rows
    c = sqlite3.connect(${JSON.stringify(database)}, isolation_level=None, timeout=5)
    while going:
        c.execute("insert into t values (2)"); rows += 1; time.sleep(0.002)
thread = threading.Thread(target=commit); thread.start()`);
  expect(await journalMode([database, "wal"])).toMatchObject({ code: 0, after: "wal" });
  const rows = await writer.run("going = False; thread.join(); answer = rows");
  expect(await writer.run(`answer = c.execute("select count(*) from t where a = 2").fetchone()[0]`)).toBe(rows);
});

test("shown: the mode, the holders, what would block a switch, and what WAL would change", async () => {
  const database = await newDatabase();
  const free = await journalMode([database]);
  expect(free).toMatchObject({
    code: 0,
    asked: null,
    before: "delete",
    wouldSwitch: true,
    reason: null,
    holders: [],
    pageSize: 4096,
    walBytes: null,
  });
  expect(free.effects.join("\n")).toMatch(/Readers no longer block the writer[\s\S]*-wal and [\s\S]*network shares/);
  const reader = await holding(database, READER);
  expect(await journalMode([database])).toMatchObject({
    code: 0,
    wouldSwitch: false,
    holders: [{ pid: reader.pid }],
    blockedBy: [{ pid: reader.pid }],
  });
  const wal = await newDatabase("wal");
  const idle = await holding(wal, `c.execute("insert into t values (1)")`);
  const shown = await journalMode([wal]);
  expect(shown).toMatchObject({ before: "wal", wouldSwitch: false, holders: [{ pid: idle.pid }], wal: { frames: 1 } });
  expect(shown.walBytes).toBeGreaterThan(4096);
});

test("for a person: what was done, and what to set in the program", async (context) => {
  need(context, has("sqlite3"), "sqlite3");
  const database = await newDatabase();
  const { code, stdout } = await sqlock(["journal-mode", database, "wal"]);
  expect(code).toBe(0);
  expect(stdout).toContain(`${database} was switched from rollback-journal mode to WAL mode.`);
  expect(stdout).toMatch(/busy_timeout = 5000[\s\S]*synchronous = NORMAL[\s\S]*BEGIN IMMEDIATE/);
  const pid = await shellHolding(database, "select count(*) from t;");
  const blocked = await sqlock(["journal-mode", database, "delete", "--wait", "0"], { env: { COLUMNS: "80" } });
  expect(blocked.code).toBe(1);
  expect(blocked.stdout).toMatch(new RegExp(`was not switched: ${pid} \\(sqlite3 `));
  expect(blocked.stdout).toMatch(/PID +USER +COMMAND/);
  expect(blocked.stdout.split("\n").every((line) => line.length <= 80 || line.includes(database))).toBe(true);
});

test("Ctrl-C while it waits: 130, nothing is left running, and the mode is unchanged", async () => {
  const database = await newDatabase();
  await holding(database, READER);
  const child = spawn(NODE, [BIN, "journal-mode", database, "wal", "--wait", "30s"], { stdio: "ignore" });
  await untilWorkerOn(database);
  child.kill("SIGINT");
  const [code] = (await once(child, "exit")) as [number | null];
  expect(code).toBe(130);
  await until("the worker is gone", () => workerOn(database) === undefined);
  expect(await journalMode([database])).toMatchObject({ before: "delete", holders: [{}] });
});

test("an empty file has no mode yet: it gets WAL, and for delete there is nothing to do", async () => {
  const database = await newDatabase();
  const empty = `${database}.empty`;
  writeFileSync(empty, "");
  expect(await journalMode([empty])).toMatchObject({ code: 0, before: null, pageCount: 0 });
  expect(await journalMode([empty, "delete"])).toMatchObject({ code: 0, before: null, after: null, changed: false });
  expect(await journalMode([empty, "wal"])).toMatchObject({ code: 0, before: null, after: "wal", changed: true });
  expect(modeOfFile(empty)).toBe("wal");
});
