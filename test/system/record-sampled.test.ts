/** `sqlock record --source sampled`, of real processes: what was seen, and nothing that cannot be. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { LockLine, RecordingLine } from "../../src/recording/lines.ts";
import type { SummaryLine } from "../../src/recording/summary-line.ts";
import { AS_NOBODY, NOBODY } from "../support/namespace.ts";
import { expectToFit } from "../support/schema.ts";
import { isRoot, need } from "../support/skip.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { BIN, NODE, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { until } from "../support/until.ts";

class Recording {
  readonly file = join(tempFolder(), "x.jsonl");
  readonly #child;
  out = "";

  constructor(database: string) {
    this.#child = spawn(NODE, [BIN, "record", "--source", "sampled", "--min-wait", "0", "-o", this.file, database], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child.stdout.on("data", (data: Buffer) => (this.out += data.toString()));
    onTestFinished(() => {
      this.#child.kill("SIGKILL");
    });
  }

  get lines(): RecordingLine[] {
    if (!existsSync(this.file)) return [];
    const whole = readFileSync(this.file, "utf8").split("\n").slice(0, -1);
    return whole.map((line) => JSON.parse(line) as RecordingLine);
  }

  locksOf(pid: number, name: string): LockLine[] {
    return this.lines.filter(
      (line): line is LockLine => line.type === "lock" && line.pid === pid && line.lock === name,
    );
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async ends(): Promise<SummaryLine> {
    this.signal("SIGTERM");
    await once(this.#child, "close");
    const summary = this.lines.at(-1);
    if (summary?.type !== "summary") throw new Error(`no summary: ${JSON.stringify(summary)}`);
    return summary;
  }
}

/** Started, and the first reading is done: a process that locks from now on is told of. */
async function startRecording(database: string): Promise<Recording> {
  const recording = new Recording(database);
  await until("it records", () => recording.lines.some(({ type }) => type === "unknown"));
  return recording;
}

/** A process that locks it for the first time is told of: so a reading has seen what was locked before, too. */
async function isRead(recording: Recording, database: string): Promise<void> {
  const last = await holding(database, `c.execute("begin"); c.execute("select * from t").fetchall()`);
  await isSeen(recording, last.pid);
  await last.end();
}

/** With its first lock. */
function isSeen(recording: Recording, pid: number): Promise<unknown> {
  return until("the process is seen", () =>
    recording.lines.some((line) => line.type === "process" && line.pid === pid),
  );
}

const BEGIN = `c.execute("begin immediate")`;
const COMMIT = `c.execute("commit")`;

test.each(["wal", "delete"] as const)("%s: holds are seen, and no wait is claimed or denied", async (mode) => {
  const database = newDatabase(mode);
  const lock = mode === "wal" ? "WRITE" : "RESERVED";
  const writer = await holding(database);
  const other = await holding(database);
  const recording = await startRecording(database);
  await writer.run(BEGIN);
  await isRead(recording, database);
  other.begin(`
for i in range(20):
    try: c.execute("begin immediate"); raise Exception("granted")
    except sqlite3.OperationalError: time.sleep(0.01)`);
  await other.answer();
  await writer.run(COMMIT);
  await until("the lock is seen", () => recording.locksOf(writer.pid, lock).length > 0);
  const summary = await recording.ends();
  const [seen, ...more] = recording.locksOf(writer.pid, lock);
  const isWhole = !recording.lines.some(({ type }) => type === "gap"); // of a busy machine
  expect(seen).toMatchObject({ ...(isWhole ? { atLeast: false } : {}), sql: null, connection: null });
  if (isWhole) expect(more).toEqual([]);
  expect(recording.lines.filter(({ type }) => type === "wait" || type === "refusal")).toEqual([]);
  expect(summary).toMatchObject({ exact: false, atLeast: true, verdict: { state: "waits-not-seen", exact: false } });
  expect(summary.unknown.lines).toContainEqual({ what: "wait", why: "sampled", pids: [] });
  expect(recording.out).toContain("cannot show whether a process had to wait");
  expect(recording.out.replace(/\s+/g, " ")).toContain("Waits, refused calls and statements cannot be seen.");
  expect(recording.out).not.toMatch(/REFUSED|BUSY|Nobody/);
});

test("an ordinary user gets the same, and is told how it would be exact", async (context) => {
  need(context, isRoot, "root");
  const database = newDatabase("wal");
  chownSync(dirname(database), NOBODY, NOBODY);
  chmodSync(dirname(database), 0o777);
  const writer = await holding(database);
  const end = join(dirname(database), "end");
  writer.begin(`
while not os.path.exists(${JSON.stringify(end)}):
    ${BEGIN}; time.sleep(0.06); ${COMMIT}; time.sleep(0.01)`);
  const { code, stdout, stderr } = await sqlock(["record", "--for", "600ms", "--json", database], { uid: NOBODY });
  writeFileSync(end, "");
  await writer.answer();
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(/^$|source: sampled, because only root may trace the kernel; with sudo it is exact/),
  });
  const document = JSON.parse(stdout) as { lines: RecordingLine[] };
  expectToFit("record", document);
  expect(document.lines.at(-1)).toMatchObject({
    verdict: { state: "waits-not-seen", waits: null, refusals: null, ended: null },
    totals: { waits: null, refusedAttempts: null, optionalRefusals: null, transactions: null, commits: null },
  });
  for (const line of document.lines) {
    if (line.type === "counts") expect(line).toMatchObject({ waits: null, optionalRefusals: null, transactions: null });
    if (line.type === "transaction") expect(line).toMatchObject({ waitedMs: null });
  }
  expect(document.lines[0]).toMatchObject({ source: "sampled", exact: false, because: "not-root" });
  expect(document.lines.some((line) => line.type === "lock" && line.pid === writer.pid && line.lock === "WRITE")).toBe(
    true,
  );
});

test("--until-wait by samples would never end: it is refused without the kernel's events", async (context) => {
  need(context, isRoot, "root");
  const { code, stderr } = await sqlock(["record", "--until-wait", "1s", newDatabase()], { uid: NOBODY });
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("only root may trace the kernel; ") });
});

test("stopped for a second: a gap, and what is held across it is not said to be", async () => {
  const database = newDatabase("wal");
  const writer = await holding(database);
  const recording = await startRecording(database);
  await writer.run(BEGIN);
  await isRead(recording, database);
  recording.signal("SIGSTOP");
  await writer.run("time.sleep(1)");
  recording.signal("SIGCONT");
  // A busy machine may cause another gap, which is shorter.
  const long = () => recording.lines.find((line) => line.type === "gap" && line.toMs - line.fromMs > 500);
  await until("the gap is seen", () => long() !== undefined);
  await writer.run(COMMIT);
  const gap = long();
  if (gap?.type !== "gap") throw new Error("no gap");
  await until("the release is seen", () =>
    recording.locksOf(writer.pid, "WRITE").some(({ fromMs }) => fromMs >= gap.toMs),
  );
  const summary = await recording.ends();
  const locks = recording.locksOf(writer.pid, "WRITE");
  expect(locks).toContainEqual(expect.objectContaining({ toMs: gap.fromMs, atLeast: true }));
  expect(locks).toContainEqual(expect.objectContaining({ fromMs: gap.toMs, atLeast: true }));
  const gaps = recording.lines.filter(({ type }) => type === "gap").length;
  expect(summary.unknown.gaps).toMatchObject({ times: gaps, lostEvents: null });
  expect(recording.out.replace(/\s+/g, " ")).toContain("/proc/locks was not read, because sqlock was stopped");
});

test.each([
  ["no zone", "Mars/X"],
  ["a file", ":/etc/localtime"],
])("TZ is %s: meta has a zone, and the recording is read", async (_, TZ) => {
  const file = join(tempFolder(), "x.jsonl");
  const args = ["record", "--source", "sampled", "--for", "100ms", "-o", file, newDatabase()];
  expect(await sqlock(args, { env: { ...process.env, TZ } })).toMatchObject({ code: 0 });
  const [meta = ""] = readFileSync(file, "utf8").split("\n");
  expect(JSON.parse(meta)).toMatchObject({ zone: expect.stringMatching(/^[A-Za-z+-]/) });
  expect(await sqlock(["report", file])).toMatchObject({ code: 0, stderr: "" });
});

test("a database that is made, and switched to WAL: none of its first locks is held until the end", async () => {
  const database = join(tempFolder(), "app.db");
  const recording = await startRecording(database);
  // its locks on the database are one range for the kernel, which a reading has to see
  const writer = await holding(database, `c.execute("begin exclusive")`);
  await isSeen(recording, writer.pid);
  await writer.run(`
c.execute("create table t (a)"); c.execute("commit")
c.execute("pragma journal_mode = wal").fetchall()
c.execute("begin"); c.execute("select * from t").fetchall()`);
  await isRead(recording, database);
  await recording.ends();
  for (const name of ["RESERVED", "PENDING", "EXCLUSIVE"])
    expect(recording.locksOf(writer.pid, name).filter(({ toMs }) => toMs === null)).toEqual([]);
});

test("not there yet, created, replaced: the file that the path leads to", async () => {
  const later = newDatabase();
  const database = join(tempFolder(), "app.db");
  const recording = await startRecording(database);
  copyFileSync(later, database);
  const first = await holding(database, BEGIN);
  await isSeen(recording, first.pid);
  await first.run(COMMIT);
  await until("its lock is seen", () => recording.locksOf(first.pid, "RESERVED").length > 0);
  renameSync(later, database);
  const second = await holding(database, BEGIN);
  await isSeen(recording, second.pid);
  await second.run(COMMIT);
  await until("the lock of the second is seen", () => recording.locksOf(second.pid, "RESERVED").length > 0);
  for (const each of [first, second]) await each.run(BEGIN);
  await isRead(recording, database);
  for (const each of [first, second]) await each.run(COMMIT);
  await until("it is seen again", () => recording.locksOf(second.pid, "RESERVED").length > 1);
  await recording.ends();
  expect(recording.locksOf(first.pid, "RESERVED")).toHaveLength(1);
});

test("without /proc/locks: one line, exit code 2", async (context) => {
  need(context, isRoot, "root");
  const hidden = join(tempFolder(), "hidden");
  writeFileSync(hidden, "", { mode: 0o000 });
  const script = `mount --bind ${hidden} /proc/locks && exec "$@"`;
  const { code, stdout, stderr } = await sqlock(["record", newDatabase()], {
    through: ["unshare", "-m", "sh", "-c", script, "sh", ...AS_NOBODY],
    open: true,
  });
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toBe(
    "sqlock: /proc/locks cannot be read, and record needs it; run it outside this container, or use sqlock " +
      "who-holds, which reads the descriptors\n",
  );
});
