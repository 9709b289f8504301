/** `sqlock report --perfetto` and `--sqlite`, of real recordings: what is in the files, and where they may be made. */

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import type { ReportInput } from "../../src/features/report/input.ts";
import { NewFile } from "../../src/features/report/new-file.ts";
import { TABLE_NAMES } from "../../src/recording/export/tables.ts";
import { VIEW_NAMES } from "../../src/recording/export/views.ts";
import type { RecordingLine } from "../../src/recording/lines.ts";
import { folderOf, MALLORY, needRoot } from "../support/attacker.ts";
import { HOSTILE } from "../support/hostile-names.ts";
import { lockLine, metaLine, processLine, statement, transactionLine, waitLine } from "../support/recording.ts";
import { ROOT } from "../support/root.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { BIN, NODE, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { problemsOfTrace } from "../support/trace-format.ts";
import { needTracing } from "../support/tracefs.ts";
import { until } from "../support/until.ts";

function recordingOf(lines: readonly RecordingLine[], folder = tempFolder()): string {
  const file = join(folder, "night.jsonl");
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return file;
}

const LINES = [
  metaLine(),
  processLine(),
  processLine({ pid: 4242, startTicks: "900" }),
  lockLine({ pid: 4242, startTicks: "900", tid: 4242, fromMs: 800, toMs: 1_800 }),
  waitLine(),
  transactionLine({ pid: 4242, startTicks: "900", fromMs: 800, toMs: 1_800, outsideMs: 900, insideMs: 100 }),
];

async function reported(...args: readonly string[]): Promise<void> {
  const { code, stderr } = await sqlock(["report", ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
}

async function refused(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await sqlock(["report", ...args]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^sqlock: [^\n]+; [^\n]+\n$/);
  return stderr;
}

function opened(path: string): Database.Database {
  const db = new Database(path, { readonly: true });
  onTestFinished(() => {
    db.close();
  });
  return db;
}

/** The queries of the page. */
function shownQueries(): string[] {
  const page = readFileSync(join(ROOT, "docs/report-exports.md"), "utf8");
  return [...page.matchAll(/```sql\n([^`]+)```/g)].map(([, sql = ""]) => sql);
}

test("a real recording: the wait, who was in the way, and both statements, in both files", async (context) => {
  needTracing(context);
  const database = newDatabase("wal");
  const folder = tempFolder();
  const file = join(folder, "x.jsonl");
  const blocker = await holding(database);
  const waiter = await holding(database, `c.execute("pragma busy_timeout = 20000")`);
  const child = spawn(NODE, [BIN, "record", "-o", file, database], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  await once(child.stdout, "data");
  await until("it writes", () => existsSync(file) && readFileSync(file, "utf8").includes('"process"'));
  await blocker.run(`c.execute("begin immediate"); c.execute("insert into t values(1)")`);
  waiter.begin(`c.execute("delete from t where a = 5")`);
  await until("it waits", () => readFileSync(`/proc/${waiter.pid}/stat`, "utf8").includes(") S "));
  await blocker.run(`time.sleep(0.3); c.execute("commit")`);
  await waiter.answer();
  const isWritten = (...texts: readonly string[]) => texts.every((each) => readFileSync(file, "utf8").includes(each));
  await until("the wait is written, and the WAL", () => isWritten('"type":"wait"', '"pinned":0'));
  child.kill("SIGTERM");
  await once(child, "close");

  const [trace, tables] = [join(folder, "x.json"), join(folder, "x.db")];
  await reported("--perfetto", trace, "--sqlite", tables, file);
  const text = readFileSync(trace, "utf8");
  expect(problemsOfTrace(text)).toEqual([]);
  const { traceEvents } = JSON.parse(text) as { traceEvents: Record<string, unknown>[] };
  const [from, to] = ["s", "f"].map((ph) =>
    traceEvents.filter((event) => event["ph"] === ph && event["name"] === "behind WRITE"),
  );
  expect(from?.map(({ pid }) => pid)).toContain(waiter.pid);
  expect(to?.map(({ pid }) => pid)).toContain(blocker.pid);

  const db = opened(tables);
  expect(db.pragma("integrity_check", { simple: true })).toBe("ok");
  expect(db.pragma("foreign_key_check")).toEqual([]);
  const waits = db.prepare("SELECT * FROM named_waits WHERE pid = ?").all(waiter.pid) as Record<string, unknown>[];
  expect(waits.at(-1)).toMatchObject({ database, lock: "WRITE", outcome: "granted", blocker_pid: blocker.pid });
  expect(Number(waits.at(-1)?.["blocked_ms"])).toBeGreaterThan(250);
  const lock = db
    .prepare("SELECT l.* FROM blockers b JOIN locks l ON l.id = b.lock_id WHERE b.wait_id = ?")
    .get(waits.at(-1)?.["wait_id"]);
  expect(lock).toMatchObject({ lock: "WRITE", type: "write" });
  const now = new Date().toISOString().slice(0, 10);
  expect(String(waits.at(-1)?.["from_utc"]).slice(0, 10) <= now).toBe(true);
  expect(db.prepare("SELECT sum(waits) AS n FROM waits_per_minute").get()).toMatchObject({ n: expect.any(Number) });
  for (const name of VIEW_NAMES) expect(() => db.prepare(`SELECT * FROM ${name}`).all(), name).not.toThrow();
  expect(db.prepare("SELECT max(pinned_frames) IS NOT NULL AS known FROM wal").get()).toEqual({ known: 1 });
});

test("the page names every table and view, and its queries run", async () => {
  const page = readFileSync(join(ROOT, "docs/report-exports.md"), "utf8");
  for (const name of [...TABLE_NAMES, ...VIEW_NAMES]) expect(page).toContain(`\`${name}\``);
  const tables = join(tempFolder(), "night.db");
  await reported("--sqlite", tables, recordingOf(LINES));
  const db = opened(tables);
  const [at, minutes, statements, lengths, outside, blanks, ...more] = shownQueries().map((sql) =>
    db.prepare(sql).all(),
  );
  expect(at).toEqual([]);
  expect(minutes).toMatchObject([{ waits: 1, waited_ms: 900, listed: 1 }]);
  expect(statements).toMatchObject([{ sql: "begin immediate", times: 1, blocked_ms: 900 }]);
  expect(lengths).toEqual([{ median_ms: null, p99_ms: null }]);
  expect(outside).toMatchObject([{ outside_ms: 900, waits: 1 }]);
  expect(blanks).toEqual([]);
  expect(more).toEqual([]);
  const held = db.prepare("SELECT process, lock FROM named_locks WHERE from_local <= ? AND to_local > ?");
  expect(held.all("2026-11-22T12:00:01", "2026-11-22T12:00:01")).toMatchObject([{ lock: "WRITE" }]);
  expect(held.all("2026-11-22T12:00:02", "2026-11-22T12:00:02")).toEqual([]);
  expect(db.pragma("user_version", { simple: true })).toBe(1);
});

test("whole or not at all, readable by nobody else, and over no file that is not its own", async () => {
  const folder = tempFolder();
  const file = recordingOf(LINES, folder);
  const before = readFileSync(file);
  for (const [option, name] of [
    ["--perfetto", "x.json"],
    ["--sqlite", "x.db"],
  ] as const) {
    const output = join(folder, name);
    await reported(option, output, file);
    expect(statSync(output).mode & 0o777).toBe(0o600);
    expect(await refused(option, output, file)).toContain("exists already; give another name, or --force");
    await reported("--force", option, output, file);
    expect(await refused("--force", option, file, file)).toContain("is a file of the recording itself");
    expect(await refused(option, folder, file)).toContain("is a folder");
    expect(await refused(option, join(folder, "no", name), file)).toContain("its folder does not exist");
    expect(await refused(option, join(folder, "y.db-wal"), file)).toContain("companion file");
    expect(await refused("--process", "nothing-of-it", option, join(folder, "y"), file)).toContain("has no process");
    const own = newDatabase("delete");
    expect(await refused("--force", option, own, file)).toContain("is a database, which would be replaced");
  }
  writeFileSync(join(folder, "z.db-wal"), "x");
  expect(await refused("--sqlite", join(folder, "z.db"), file)).toMatch(/z\.db-wal is there, of another database/);
  expect(readFileSync(file)).toEqual(before);
  expect(readdirSync(folder).sort()).toEqual(["night.jsonl", "x.db", "x.json", "z.db-wal"]);
});

test("interrupted, it leaves nothing", async () => {
  const folder = tempFolder();
  const many = Array.from({ length: 60_000 }, (_, i) => lockLine({ fromMs: i, toMs: i + 20 }));
  const file = recordingOf([...LINES, ...many], folder);
  for (const [option, name] of [
    ["--perfetto", "x.json"],
    ["--sqlite", "x.db"],
  ] as const) {
    const child = spawn(NODE, [BIN, "report", option, join(folder, name), file], { stdio: "ignore" });
    onTestFinished(() => {
      child.kill("SIGKILL");
    });
    await until("it has begun", () => readdirSync(folder).some((each) => each.endsWith(".tmp")), 1);
    child.kill("SIGINT");
    const [code] = (await once(child, "exit")) as [number | null];
    expect(code).toBe(130);
    expect(readdirSync(folder)).toEqual(["night.jsonl"]);
  }
});

test("a full disk: one line, and nothing is left", async (context) => {
  needRoot(context);
  const small = join(tempFolder(), "small");
  mkdirSync(small);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "none", small]);
  onTestFinished(() => {
    execFileSync("umount", [small]);
  });
  const many = Array.from({ length: 4_000 }, (_, i) => lockLine({ fromMs: i, toMs: i + 20 }));
  const file = recordingOf([...LINES, ...many]);
  for (const option of ["--perfetto", "--sqlite"]) {
    expect(await refused(option, join(small, "x"), file)).toContain("cannot be written: the disk is full");
    expect(readdirSync(small)).toEqual([]);
  }
});

test("a recording cut off in the middle, and one that another user made of hostile names", async () => {
  const folder = tempFolder();
  const evil = `${HOSTILE}'"; DROP TABLE locks; --</script>`;
  const file = recordingOf(
    [
      metaLine({ databases: [{ path: `/srv/${evil}`, givenAs: evil }] }),
      processLine({ commandLine: [evil, "__proto__"], user: evil, unit: "constructor" }),
      lockLine({ path: `/srv/${evil}`, sql: evil }),
      transactionLine({ path: "__proto__", statements: [statement({ sql: evil })] }),
    ],
    folder,
  );
  writeFileSync(file, `${readFileSync(file, "utf8")}{"type":"lock","pid":12`);
  const [trace, tables] = [join(folder, "x.json"), join(folder, "x.db")];
  const { code } = await sqlock(["report", "--perfetto", trace, "--sqlite", tables, file]);
  expect(code).toBe(0);
  expect(problemsOfTrace(readFileSync(trace, "utf8"))).toEqual([]);
  const db = opened(tables);
  expect(db.prepare("SELECT path FROM databases ORDER BY id").all()).toEqual([
    { path: `/srv/${evil}` },
    { path: "__proto__" },
  ]);
  expect(db.prepare("SELECT sql FROM named_locks").all()).toEqual([{ sql: evil }]);
  expect(db.prepare("SELECT ended FROM runs").all()).toEqual([{ ended: "cut" }]);
});

test("root: in another user's folder a new file of that user's, and nothing through links", async (context) => {
  needRoot(context);
  const file = recordingOf(LINES);
  const theirs = folderOf(MALLORY);
  for (const [option, name] of [
    ["--perfetto", "x.json"],
    ["--sqlite", "x.db"],
  ] as const) {
    await reported(option, join(theirs, name), file);
    const { uid, mode } = statSync(join(theirs, name));
    expect([uid, mode & 0o777]).toEqual([MALLORY, 0o600]);
    expect(await refused("--force", option, join(theirs, name), file)).toContain("was not written");
    const aim = join(tempFolder(), "aim");
    symlinkSync(aim, join(theirs, `link-${name}`));
    expect(await refused(option, join(theirs, `link-${name}`), file)).toContain("no permission");
    expect(existsSync(aim)).toBe(false);
  }
  expect(opened(join(theirs, "x.db")).prepare("SELECT count(*) AS n FROM waits").get()).toEqual({ n: 1 });
});

test("what cannot be deleted any more is left there, without an error", (context) => {
  needRoot(context);
  const folder = folderOf(MALLORY);
  const output = { path: join(folder, "trace.json"), force: false };
  const input = { meta: metaLine(), paths: [] } as unknown as ReportInput;
  const file = new NewFile("--perfetto", output, input);
  chmodSync(folder, 0o500);
  file.discard();
  expect(readdirSync(folder)).toHaveLength(1);
});
