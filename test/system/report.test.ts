/** `sqlock report` of recordings that the built program made of real processes, and of folders of many files. */
import { appendFileSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { RecordingLine } from "../../src/recording/lines.ts";
import { writeDay } from "../bench/day.ts";
import { linesOfFile, startRecording } from "../record/recording.ts";
import { blocker, lockLine, metaLine, processLine, transactionLine, waitLine } from "../support/recording.ts";
import { expectToFit } from "../support/schema.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { type Run, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { needTracing } from "../support/tracefs.ts";
import { until } from "../support/until.ts";

// biome-ignore lint/suspicious/noExplicitAny: of a document whose schema is checked
type Document = any;

async function reportJson(...args: readonly string[]): Promise<Document> {
  const { stdout, stderr, code } = await sqlock(["report", "--json", ...args]);
  expect(stderr).toBe("");
  const document: Document = JSON.parse(stdout, rounded);
  expectToFit("report", document);
  return { ...document, code };
}

/** To microseconds: the order in which times are added up shows in their last digits. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === "number" ? Math.round(value * 1e3) / 1e3 : value;
}

const isoOf = (ms: number) => new Date(ms).toISOString();

test("who held it, who waited: as the processes themselves say, and as record had it", async (context) => {
  needTracing(context);
  const database = newDatabase("wal");
  const folder = dirname(database);
  const [writer, other] = await Promise.all([
    holding(database),
    holding(database, "c.execute('pragma busy_timeout = 60000')"),
  ]);
  const recording = await startRecording([database], folder);
  await until("its statements are known", async () => {
    await writer.run("c.execute('begin immediate'); c.execute('commit')");
    return recording.knows(writer.pid);
  });
  await writer.run("c.execute('begin immediate'); c.execute('insert into t values (1)')");
  const waiting = other.run("c.execute('begin immediate'); c.execute('commit')");
  await sleep(600);
  const midMs = Date.now();
  await sleep(600);
  const live = await reportJson(recording.file); // it is written right now
  await writer.run("c.execute('commit')");
  await waiting;
  await until("the wait is told", () =>
    linesOfFile(recording.file).some((line) => line.type === "wait" && line.pid === other.pid),
  );
  const lines = await recording.stops();
  const at = await reportJson("--at", isoOf(midMs), recording.file);
  expect({ code: at.code, live: live.recording.runs[0].end }).toEqual({ code: 1, live: "cut" });
  const [held] = at.at.databases;
  expect(held).toMatchObject({ path: database, blocked: true });
  expect(held.holders[0]).toMatchObject({ pid: writer.pid, activity: "writing", waiting: 1 });
  expect(held.holders[0].heldMs).toBeGreaterThan(500);
  expect(held.holders[0].locks.map(({ lock }: Document) => lock)).toContain("WRITE");
  expect(held.waits).toMatchObject([{ pid: other.pid, outcome: "granted", blockers: [{ pid: writer.pid }] }]);
  expect(held.waits[0].waitedMs).toBeGreaterThan(1_000);
  const text = await sqlock(["report", "--at", isoOf(midMs), recording.file]);
  expect(text.code).toBe(1);
  expect(text.stdout).toMatch(new RegExp(`^Blocked at .*: ${writer.pid} \\(.*\\) held WRITE since .*; 1 waited\\.\n`));
  expect(text.stdout).toMatch(/PID +USER +COMMAND +ACTIVITY +LOCKS +SINCE +HELD-FOR +BLOCKS/);
  expect(text.stdout).toContain("taken by begin immediate");

  const own = JSON.parse(JSON.stringify(lines.find(({ type }) => type === "summary")), rounded);
  const { summary } = await reportJson(recording.file);
  expect(summary).toMatchObject({
    ...{ verdict: own.verdict, totals: own.totals, waits: own.waits, moreWaits: own.moreWaits },
    ...{ transactions: own.transactions, processes: own.processes, databases: own.databases },
  });
  const alone = await reportJson("--process", String(other.pid), recording.file);
  expect(alone.summary.transactions.every(({ pid }: Document) => pid === other.pid)).toBe(true);
});

test("a recorder that was killed: what had not ended is told, at least", async (context) => {
  needTracing(context);
  const database = newDatabase("wal");
  const recording = await startRecording([database], dirname(database));
  const holder = await holding(database, "c.execute('begin immediate'); c.execute('insert into t values (1)')");
  await holder.run("c.execute('commit')");
  await until("it was written", () => linesOfFile(recording.file).some((line) => line.type === "lock"));
  process.kill(recording.pid, "SIGKILL");
  await until("it is gone", () => {
    try {
      return process.kill(recording.pid, 0) ? null : true;
    } catch {
      return true;
    }
  });
  appendFileSync(recording.file, '{"type":"lock","pid":42'); // as if it had been writing
  const { stdout, code } = await sqlock(["report", recording.file]);
  expect(code).toBe(0);
  expect(stdout).toContain("The recorder was killed, or is still running: nothing is known after ");
  expect(stdout).not.toContain("could not be read");
});

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const START = Date.parse("2026-06-30T10:00:00Z");
const PATH = "/srv/app/db.sqlite3";

/** Of a run of segments. */
function head(
  number: number,
  atMs: number,
  suspendedMs = 0,
  given: Partial<Parameters<typeof metaLine>[0]> = {},
): RecordingLine[] {
  return [
    metaLine({
      ...{ startedAt: "2026-06-30T12:00:00.000+02:00", startedMonotonicNs: "1000", bootId: "boot", segment: number },
      ...given,
    }),
    { type: "clock", atMs, wallClock: isoOf(START + atMs + suspendedMs), ...(suspendedMs > 0 && { suspendedMs }) },
    processLine(),
    processLine({ pid: 4242, startTicks: "900", commandLine: ["python3", "import.py"] }),
  ];
}

const HELD = lockLine({ pid: 4242, startTicks: "900", tid: 4242, fromMs: HOUR - 5_000, toMs: null });
const OPEN = {
  type: "open",
  atMs: HOUR,
  locks: [HELD],
  waits: [
    waitLine({
      ...{ fromMs: HOUR - 2_000, waitedMs: 2_000, outcome: "still", result: null },
      blockers: [blocker({ fromMs: HOUR - 5_000, heldMs: 5_000 })],
    }),
  ],
  transactions: [transactionLine({ pid: 4242, startTicks: "900", fromMs: HOUR - 5_000, toMs: null, outcome: "open" })],
} as const satisfies RecordingLine;

function folderOf(...segments: readonly (readonly unknown[])[]): string {
  const folder = tempFolder();
  for (const [index, lines] of segments.entries()) write(folder, index + 1, lines);
  return folder;
}

function write(folder: string, number: number, lines: readonly unknown[]): void {
  const name = `sqlock-20260630T100000000Z-${String(number).padStart(4, "0")}.jsonl.gz`;
  writeFileSync(join(folder, name), gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join("")));
}

describe("a folder of segments", () => {
  test("a lock that ends in a later segment, or never, is there at the moment", async () => {
    const folder = folderOf(head(1, 0), [...head(2, HOUR), OPEN], [...head(3, 2 * HOUR), { ...OPEN, atMs: 2 * HOUR }]);
    const at = await reportJson("--at", "12:59:59", folder);
    expect(at.code).toBe(1);
    expect(at.at.databases[0].holders).toMatchObject([
      { pid: 4242, heldMs: 4_000, waiting: 1, locks: [{ toMs: HOUR + 1_000, atLeast: true }] },
    ]);
    const end = await reportJson("--at", "14:00", folder);
    // what began since the last time that it was told is not known
    const told = { ...OPEN, atMs: 1_000, locks: [], waits: [], transactions: [] };
    const later = folderOf([...head(1, 0), told, lockLine({ fromMs: 2_000, toMs: 60_000 })]);
    expect(await reportJson("--at", "12:00:30", later)).toMatchObject({ code: 2, at: { knownUntilMs: -29_000 } });
    expect((await sqlock(["report", "--at", "12:00:30", later])).stdout).toContain(
      "whether a process waited is not known (the recording breaks off)",
    );
    expect(end.at.databases[0].holders).toMatchObject([{ heldMs: HOUR + 5_000, locks: [{ toMs: null }] }]);
    const { stdout } = await sqlock(["report", "--at", "12:59:59", folder]);
    const verdict = "Blocked at 2026-06-30 12:59:59 CEST: 4242 (python3 import.py) held WRITE since 12:59:55.000";
    expect(stdout.split("\n")[0]).toBe(`${verdict}, for at least 1 h 0 m in all; 1 waited.`);
  });

  test("a segment that is missing, damaged, empty, or compressed meanwhile", async () => {
    const folder = folderOf(
      [...head(1, 0), lockLine()],
      [...head(2, HOUR), lockLine({ fromMs: HOUR, toMs: HOUR + 20 })],
      [...head(3, 2 * HOUR), lockLine({ fromMs: 2 * HOUR, toMs: 2 * HOUR + 20 })],
      [...head(4, 3 * HOUR), lockLine({ fromMs: 3 * HOUR, toMs: 3 * HOUR + 20 })],
    );
    const names = readdirSync(folder).toSorted();
    rmSync(join(folder, names[1] ?? ""));
    writeFileSync(join(folder, names[2] ?? ""), gzipSync("zzzz"));
    writeFileSync(join(folder, "sqlock-20260630T100000000Z-0005.jsonl"), "");
    writeFileSync(join(folder, "notes.txt"), "not a segment");
    const text = await sqlock(["report", folder]);
    expect(text.stdout).toContain(`${join(folder, names[2] ?? "")} is no recording, or damaged from its beginning on`);
    expect(text.stdout).toMatch(/Not recorded: 2026-06-30 12:00:00 to 15:00:00 CEST \(the file is damaged/);
    expect(await reportJson("--at", "13:30", folder)).toMatchObject({ code: 2, at: { recorded: false } });
    // a copy of one that is compressed has the same lines
    const first = join(folder, names[0] ?? "");
    writeFileSync(first.replace(".gz", ""), gunzipSync(readFileSync(first)));
    expect((await reportJson(folder)).summary.totals.writeHolds).toBe(2);
  });

  test("several runs: what was not recorded between them; another start of the machine", async () => {
    const folder = folderOf([...head(1, 0), lockLine({ toMs: null }), transactionLine({ toMs: HOUR })]);
    const later = head(1, 0, 0, {
      ...{ startedAt: "2026-06-30T15:00:00.000+02:00", startedMonotonicNs: "5", bootId: "other" },
    }).with(1, { type: "clock", atMs: 0, wallClock: "2026-06-30T15:00:00.000+02:00" });
    const name = "sqlock-20260630T130000000Z-0001.jsonl";
    writeFileSync(
      join(folder, name),
      [...later, lockLine({ fromMs: 100, toMs: 600_000 })].map((line) => `${JSON.stringify(line)}\n`).join(""),
    );
    const { recording, summary, code } = await reportJson(folder);
    expect({ code, blanks: recording.blanks }).toMatchObject({
      ...{ code: 0, blanks: [{ fromMs: HOUR, toMs: 3 * HOUR, why: "broken-off" }] },
    });
    expect(summary.totals.writeHolds).toBe(2);
    const none = await sqlock(["report", "--at", "13:30", folder]);
    expect(none).toMatchObject({ code: 2, stderr: "" });
    expect(none.stdout).toContain(
      "Not known at 2026-06-30 13:30:00 CEST: 2026-06-30 13:00:00 to 15:00:00 CEST was not recorded.",
    );
    expect((await reportJson("--at", "15:05", folder)).at.databases[0].holders).toMatchObject([{ heldMs: 299_900 }]);
    const outside = await sqlock(["report", "--at", "2026-07-02 03:12", folder]);
    expect(outside.stderr).toContain(
      "the recording has 2026-06-30 12:00:00 to 15:10:00 CEST, without 2026-06-30 13:00:00 to 15:00:00 CEST",
    );
  });

  test("a machine that slept: durations are those of its clock, and the sleep is told", async () => {
    const long = lockLine({ pid: 4242, startTicks: "900", fromMs: HOUR - 5_000, toMs: HOUR + 5_000 });
    const folder = folderOf(head(1, 0), [...head(2, HOUR, 8 * HOUR), OPEN, long]);
    const { stdout } = await sqlock(["report", "--at", "21:00:01", folder]);
    expect(stdout).toContain("for 10.0 s in all (and the machine slept 8 h 0 m meanwhile)");
    const asleep = await sqlock(["report", "--at", "17:00", folder]);
    expect(asleep).toMatchObject({ code: 2, stdout: "" });
    expect(asleep.stderr).toContain("the machine slept then: for 8 h 0 m until 2026-06-30 21:00:00 CEST");
  });

  test("a part of it: what reaches over its edges is there with its whole length, sums are of the part", async () => {
    const hour = lockLine({ fromMs: 0, toMs: HOUR });
    const folder = folderOf([
      ...head(1, 0),
      hour,
      waitLine({ fromMs: 10_000 }),
      lockLine({ fromMs: HOUR - 10, toMs: HOUR }),
    ]);
    const { summary, span } = await reportJson("--between", "12:10", "12:20", folder);
    expect(span).toMatchObject({ fromMs: 0, toMs: 600_000, from: "2026-06-30T12:10:00.000+02:00" });
    expect(summary.databases).toMatchObject([{ path: PATH, writeHeldMs: 600_000, writeHeldShare: 1, waits: 0 }]);
    expect(summary.processes.find(({ pid }: Document) => pid === 4250)?.writes).toMatchObject({
      ...{ totalMs: 600_000, longestMs: HOUR },
    });
  });
});

test("threads, and only what is needed: the same answer as from one file", async () => {
  const folder = join(tempFolder(), "day");
  writeDay(folder, { hours: 6, processes: 3, activity: 0.1, waits: 20 });
  const names = readdirSync(folder).toSorted();
  const all = names.map((name) => gunzipSync(readFileSync(join(folder, name))).toString("utf8")).join("");
  const file = join(folder, "all.jsonl");
  writeFileSync(
    file,
    all
      .split("\n")
      .filter((line, i) => i === 0 || !line.startsWith('{"type":"meta"'))
      .join("\n")
      .replace('"segment":1,', ""),
  );
  const one = await reportJson(file);
  const many = await reportJson(folder);
  expect(many.summary).toEqual({
    ...one.summary,
    durationMs: many.summary.durationMs,
    databases: many.summary.databases,
  });
  for (const time of ["13:00:00.5", "15:30"]) {
    const [a, b] = [await reportJson("--at", time, file), await reportJson("--at", time, folder)];
    expect(b.at).toEqual(a.at);
  }
  const part = ["--between", "13:30", "14:30"];
  expect((await reportJson(...part, folder)).summary).toEqual((await reportJson(...part, file)).summary);
  const [first = ""] = names;
  const stdin: Run = await sqlock(["report", "-"], { input: readFileSync(join(folder, first)) });
  expect(stdin.stdout).toBe((await sqlock(["report", join(folder, first)])).stdout);
  renameSync(join(folder, first), join(folder, "x"));
  expect((await reportJson(folder)).recording).toMatchObject({ from: "2026-06-30T13:00:00.000+02:00" });
});
