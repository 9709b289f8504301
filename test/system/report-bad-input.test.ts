/** `sqlock report` of what is no recording, or not whole: one line on stderr or a report that says so; never a hang. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { RecordingLine } from "../../src/recording/lines.ts";
import { NOBODY } from "../support/namespace.ts";
import { lockLine, metaLine, processLine, waitLine } from "../support/recording.ts";
import { expectToFit } from "../support/schema.ts";
import { isRoot, need } from "../support/skip.ts";
import { newDatabase } from "../support/sqlite.ts";
import { sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

const LINES: readonly RecordingLine[] = [
  metaLine({ startedMonotonicNs: "1000", zone: "Europe/Berlin" }),
  { type: "clock", atMs: 0, wallClock: "2026-11-22T12:00:00.000+01:00" },
  processLine(),
  processLine({ pid: 4242, startTicks: "900", commandLine: ["python3", "import.py"] }),
  lockLine({ pid: 4242, startTicks: "900", tid: 4242, fromMs: 800, toMs: 1_800 }),
  waitLine(),
  lockLine({ fromMs: 1_800, toMs: 60_000 }),
];
const textOf = (lines: readonly unknown[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join("");
const TEXT = textOf(LINES);

async function refused(args: readonly string[], uid?: number): Promise<string> {
  const { code, stdout, stderr } = await sqlock(["report", ...args], {
    timeoutMs: 20_000,
    ...(uid === undefined ? {} : { uid }),
  });
  expect({ code, stdout, stderr }).toMatchObject({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^sqlock: [^\n]+; [^\n]+\n$/);
  return stderr;
}

function file(content: string | Uint8Array, name = "x.jsonl"): string {
  const path = join(tempFolder(), name);
  writeFileSync(path, content);
  return path;
}

async function reported(path: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await sqlock(["report", ...args, path], { timeoutMs: 20_000 });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
}

test.each([
  ["empty", ""],
  ["bytes of anything", Uint8Array.from({ length: 5_000 }, (_, i) => (i * 7919) % 251)],
  ["JSON that is none", '{"a":1}\n'],
  ["a document of who-holds", '{\n  "schemaVersion": 1,\n  "databases": [\n    {"path": "/x"}\n  ]\n}\n'],
  ["the middle of a recording", textOf(LINES.slice(2))],
  ["a start that is no time", textOf([metaLine({ startedAt: "yesterday" })])],
  ["a monotonic clock that is none", textOf([metaLine({ startedMonotonicNs: "-1e9" })])],
  ["zeroes, compressed", gzipSync(Buffer.alloc(64 * 1024 * 1024))],
])("%s: not a recording", async (_, content) => {
  expect(await refused([file(content)])).toContain("is not a recording of sqlock");
});

test("a database, a folder, a pipe, a device, nothing", async (context) => {
  const folder = tempFolder();
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  expect(await refused([newDatabase("wal")])).toContain("is not a recording");
  expect(await refused([pipe])).toContain("is no regular file");
  expect(await refused(["/dev/zero"])).toContain("is no regular file");
  expect(await refused([folder])).toContain("has no segments of a recording");
  writeFileSync(join(folder, "mine.jsonl"), TEXT);
  expect(await refused([folder])).toContain("but 1 other .jsonl file; give such a file itself");
  expect(await refused([join(folder, "none")])).toContain("does not exist");
  expect(await refused([join(folder, "mine.jsonl", "x")])).toContain("does not exist: a part of its path is a file");
  need(context, isRoot, "root");
  const secret = file(TEXT);
  chmodSync(secret, 0o600);
  expect(await refused([secret], NOBODY)).toContain("cannot be read: no permission");
});

test("of a later version: refused; of one that has only more kinds of lines and fields: read, and told", async () => {
  expect(await refused([file(textOf([metaLine({ schemaVersion: 2 })]))])).toContain(
    "was recorded by a later version of sqlock (schema 2); update sqlock",
  );
  const more = [...LINES, { type: "future", atMs: 1 }, { ...lockLine(), later: true }];
  const text = await reported(file(textOf(more)));
  expect(text).toContain("1 line of ");
  expect(text).toContain("is of a later version.");
});

test("damaged lines are counted and told, and make counts lower bounds", async () => {
  const lines = TEXT.trimEnd().split("\n");
  lines.splice(4, 0, "garbage", '{"type":"lock","pid":"x"}', '{"type":"lock","__proto__":{"a":1}}');
  const path = file(lines.join("\n"));
  const text = await reported(path);
  expect(text).toContain(`3 lines of ${path} could not be read, the first is line 5.`);
  expect(text).toMatch(/Not recorded: .* \(the file is damaged, or was removed\)/);
  const { stdout } = await sqlock(["report", "--json", path]);
  const document: unknown = JSON.parse(stdout);
  expectToFit("report", document);
  expect(document).toMatchObject({
    recording: { damaged: [{ lines: 3, firstLine: 5, isCut: false }] },
    summary: { verdict: { waits: 1, atLeast: true } },
  });
});

test("cut off within a line, or within what is compressed: what is there is reported", async () => {
  const cut = await reported(file(TEXT.slice(0, -40)));
  expect(cut).toContain("The recorder was killed, or is still running: nothing is known after ");
  expect(cut).toContain("1 writer waited at least 900 ms, was refused at least 12 times and got the lock");
  const packed = gzipSync(TEXT + textOf(Array.from({ length: 500 }, (_, i) => lockLine({ fromMs: i, toMs: i * 7 }))));
  const half = file(packed.subarray(0, packed.length - 500), "x.jsonl.gz");
  expect(await reported(half)).toContain(`${half} ends in the middle: what came after that is lost.`);
});

const END = { type: "summary", durationMs: 70_000 };

test.each([
  ["zeroes", "\0".repeat(300_000)],
  ["empty lines", "\n".repeat(300_000)],
  ["half a line", `{"type":"lock","sql":"${"x".repeat(300_000)}`],
  ["lines of anything", `${"garbage".repeat(60)}\n`.repeat(700)],
])("a file that ends with a lot of %s has what is before", async (_, garbage) => {
  const text = await reported(file(TEXT + garbage));
  expect(text).toContain("2026-11-22 12:00:00 to 12:01:00 CET");
  expect(text).toContain("1 writer waited at least 900 ms");
  expect(await reported(file(TEXT + textOf([END]) + garbage))).toContain("12:00:00 to 12:01:10 CET");
});

test("lines that another program has written anew have the same end", async () => {
  const lines = [...LINES, END];
  const spaced = lines.map((line) => `${JSON.stringify(line, null, 1).replaceAll(/\n */g, " ")}\n`).join("");
  const sorted = lines
    .map((line) => `${JSON.stringify(Object.fromEntries(Object.entries(line).toSorted()))}\n`)
    .join("");
  for (const text of [textOf(lines), spaced, sorted]) {
    const printed = await reported(file(text));
    expect(printed).toContain("12:00:00 to 12:01:10 CET");
    expect(printed).not.toContain("was killed");
  }
});

test("several recordings in one file are refused; segments of one are read", async () => {
  const [meta, ...rest] = LINES;
  const next = { ...meta, startedAt: "2026-11-22T13:00:00+01:00", startedMonotonicNs: "3600000001000" };
  expect(await refused([file(TEXT + textOf([next, ...rest]))])).toContain(
    "has several recordings one behind the other",
  );
  expect(await refused([file(gzipSync(TEXT + TEXT))])).toContain("another one begins with the same start; give each");
  const segment = textOf([{ ...meta, segment: 2 }, waitLine({ fromMs: 62_000 })]);
  expect(await reported(file(TEXT + segment))).toContain("2 waits");
});

test("what unpacks to very much more than its size is refused", async () => {
  const many = Buffer.alloc(8 * 1024 * 1024, `${"x".repeat(1024 * 1024 - 1)}\n`);
  const packedMany = gzipSync(many);
  const packed = [gzipSync(TEXT), ...Array.from({ length: 80 }, () => packedMany)];
  expect(await refused([file(Buffer.concat(packed), "x.jsonl.gz")])).toContain("unpacks to more than 512 MiB");
});

test("a compressed file that is large is read without a warning", async () => {
  const lines = Array.from({ length: 60_000 }, (_, i) =>
    lockLine({ fromMs: i * 1.37, toMs: i * 3.91, pid: (i * 7919) % 9973 }),
  );
  const path = file(gzipSync(TEXT + textOf(lines)), "x.jsonl.gz");
  expect(statSync(path).size).toBeGreaterThan(12 * 65_536);
  await reported(path);
});

test("--min-wait narrows what is listed, and no answer", async () => {
  const path = file(TEXT);
  const all = await reported(path);
  expect(all).toContain("Waits, longest first");
  const long = await reported(path, "--min-wait", "1h");
  expect(long).not.toContain("Waits, longest first");
  expect(long).toContain("1 writer waited at least 900 ms");
  expect(long).toContain("Waits shorter than 1 h 0 m are not listed; all counts and sums have them.");
  const at = ["report", "--min-wait", "1h", "--at", "12:00:01.200", path];
  const { code, stdout } = await sqlock(at);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^Blocked at .*; 1 waited\./);
  expect(stdout).toContain("1 wait shorter than 1 h 0 m in the end: not listed");
  const document: unknown = JSON.parse((await sqlock([...at, "--json"])).stdout);
  expectToFit("report", document);
  expect(document).toMatchObject({ at: { databases: [{ blocked: true, waits: [], moreWaits: 1 }] } });
});

test("a time that is not there: what the recording has", async () => {
  const path = file(TEXT);
  const has = "; the recording has 2026-11-22 12:00:00 to 12:01:00 CET\n";
  expect(await refused(["--at", "03:12", path])).toBe(`sqlock: that time is not in the recording${has}`);
  expect(await refused(["--between", "03:00", "03:12", path])).toBe(
    `sqlock: nothing of that time is in the recording${has}`,
  );
  expect(await refused(["--at", "25:12", path])).toContain('--at "25:12" is not a time; write it as 03:12');
  expect(await refused(["--between", "03:00", path])).toContain("--between needs two times");
  expect(await refused(["--at", "12:00", "--last", "1h", path])).toContain("exclude each other");
  expect(await refused(["--process", "nobody", path])).toContain('has no process "nobody"');
  expect(await refused(["--between", "12:00:30", "12:00:10", path])).toContain(
    "the second time of --between is before the first; give the earlier one first",
  );
  for (const option of ["--html", "--perfetto", "--sqlite"]) {
    const out = join(tempFolder(), "out");
    expect(await refused(["--at", "12:00", option, out, path])).toContain(`--at and ${option} exclude each other`);
    expect(existsSync(out)).toBe(false);
  }
});

test("--json: a document that says why", async () => {
  for (const [args, code] of [
    [[join(tempFolder(), "none")], "no-such-file"],
    [["--at", "03:12", file(TEXT)], "not-recorded"],
    [["--at", "x", file(TEXT)], "usage"],
  ] as const) {
    const run = await sqlock(["report", "--json", ...args]);
    const document: unknown = JSON.parse(run.stdout);
    expectToFit("report", document);
    expect({ ...run, stdout: document }).toMatchObject({ code: 2, stderr: "", stdout: { error: { code } } });
  }
});

test("the names in a recording do nothing to a terminal", async () => {
  const commandLine = ["python3", "\x1b]0;title\x07\x1b[31mred.py"];
  const path = "/srv/\x1b[2J\u202edb.sqlite3";
  const hostile = [
    { ...(LINES[0] as object), databases: [{ path, givenAs: path }], zone: "\x1b[31m" },
    processLine({ commandLine }),
    processLine({ pid: 4242, startTicks: "900", commandLine }),
    waitLine({ path, sql: "select '\x1b[2J'" }),
    lockLine({ pid: 4242, startTicks: "900", path, fromMs: 800, toMs: 1_800, sql: "\x9b31m" }),
  ];
  for (const args of [[], ["--at", "12:00:01"], ["--json"]]) {
    const { stdout, stderr } = await sqlock(["report", ...args, file(textOf(hostile))]);
    expect(stdout).not.toBe("");
    expect(stdout + stderr).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  }
});

test("an output does not replace the recording", async () => {
  const path = file(TEXT);
  for (const option of ["--html", "--perfetto", "--sqlite"])
    expect(await refused([option, path, "--force", path])).toContain("is a file of the recording itself");
  expect(readFileSync(path, "utf8")).toBe(TEXT);
});

test("nothing is written beside what is read", async () => {
  const folder = tempFolder();
  mkdirSync(join(folder, "in"));
  const path = join(folder, "in", "x.jsonl");
  writeFileSync(path, TEXT);
  await reported(path);
  expect(readFileSync(path, "utf8")).toBe(TEXT);
  expect(existsSync(`${path}.gz`)).toBe(false);
});
