import { readdirSync, renameSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { SegmentOutput } from "../../../../../src/features/record/segments/segment-output.ts";
import { Segmenter } from "../../../../../src/features/record/segments/segmenter.ts";
import { Folder } from "../../../../../src/recording/document/folder.ts";
import type { RecordingLine } from "../../../../../src/recording/lines.ts";
import { lockLine, metaLine, processLine, waitLine } from "../../../../support/recording.ts";
import { readSegments } from "../../../../support/segments.ts";
import { tempFolder } from "../../../../support/temp.ts";
import { until } from "../../../../support/until.ts";

const clock = (atMs: number) => ({ type: "clock", atMs, wallClock: "2026-03-01T12:00:00.000+01:00" }) as const;
const open = (atMs: number) => ({ type: "open", atMs, locks: [], waits: [], transactions: [] }) as const;

interface Recording {
  readonly folder: string;
  readonly add: (line: RecordingLine) => void;
  readonly tick: (nowMs: number, moved?: number) => void;
  readonly end: (nowMs: number) => void;
}

function recording({
  keepMs = 3_600_000,
  maxBytes = 1e9,
  redact = false,
  folder = tempFolder(),
  running = [4242],
  onProblem = (): void => expect.unreachable(),
  onResumed = (): void => expect.unreachable(),
} = {}): Recording {
  const output = new SegmentOutput({ path: folder, keepMs, maxBytes });
  onTestFinished(() => output.discard());
  let nowMs = 0;
  const lines = new Folder({ minWaitMs: 10, redact }, (line) => {
    segmenter.introduce(line);
    output.add(`${JSON.stringify(line)}\n`);
  });
  const segmenter: Segmenter = new Segmenter({
    ...{ output, folder: lines, meta: metaLine(), clock: () => clock(nowMs) },
    open: () => open(nowMs),
    isRunning: (pid) => running.includes(pid),
    onBegin: () => undefined,
    onProblem,
    onResumed,
  });
  segmenter.start();
  return {
    folder,
    add: (line) => {
      segmenter.note(line);
      lines.add(line);
    },
    tick: (atMs, moved) => {
      nowMs = atMs;
      output.flush(nowMs);
      segmenter.tick(nowMs, moved === undefined ? null : clock(moved), 0);
    },
    end: (atMs) => {
      lines.end();
      expect(output.close(atMs)).toBeNull();
    },
  };
}

const types = (lines: readonly RecordingLine[]) => lines.map(({ type }) => type);

test("each segment tells who it names, and what is not known, once", () => {
  const { folder, add, tick, end } = recording({ running: [1] });
  const unknown = { type: "unknown", atMs: 5, what: "sql", why: "stripped", pids: [1], untilMs: null } as const;
  for (const pid of [1, 2, 3]) add(processLine({ pid, startTicks: String(pid) }));
  add(unknown);
  add({ ...unknown, why: "other", pids: [2] });
  add(lockLine({ pid: 2, startTicks: "2", fromMs: 0, toMs: 50 }));
  tick(200_000);
  add(waitLine({ pid: 3, startTicks: "3", fromMs: 100, waitedMs: 50, blockers: [] }));
  add(waitLine({ pid: 3, startTicks: "3", fromMs: 300, waitedMs: 50, blockers: [] }));
  end(300_000);
  const [first, second] = readSegments(folder);
  expect(types(first?.lines ?? [])).toEqual([
    ...["meta", "clock", "open", "process", "process", "process", "unknown", "unknown", "lock"],
  ]);
  // 1 runs; 3 has ended, and is named
  expect(types(second?.lines ?? [])).toEqual([
    "meta",
    "clock",
    "process",
    "unknown",
    "open",
    "process",
    "wait",
    "wait",
  ]);
  expect(second?.lines.filter(({ type }) => type === "process")).toMatchObject([{ pid: 1 }, { pid: 3 }]);
  expect(second?.lines).toContainEqual(unknown);
});

test("a long statement stands in each segment that has it, and nothing that is redacted in any", () => {
  const sql = `select ${"a, ".repeat(200)} from t`;
  for (const redact of [false, true]) {
    const { folder, add, tick, end } = recording({ redact });
    add(processLine({ commandLine: ["python3", "secret.py"] }));
    add(lockLine({ fromMs: 0, toMs: 50, sql }));
    tick(200_000);
    add(lockLine({ fromMs: 200_000, toMs: 200_050, sql }));
    end(200_100);
    for (const { lines } of readSegments(folder)) {
      expect(lines.filter(({ type }) => type === "statement")).toHaveLength(redact ? 0 : 1);
      expect(JSON.stringify(lines).includes("secret.py")).toBe(!redact);
    }
  }
});

test("when the wall clock has moved another segment begins with what it shows; else the minutes are told", () => {
  const { folder, tick, end } = recording();
  tick(59_000);
  tick(60_000);
  tick(61_000);
  tick(62_000, 61_900);
  end(62_100);
  const [first, second] = readSegments(folder);
  expect(first?.lines.filter(({ type }) => type === "open")).toMatchObject([{ atMs: 0 }, { atMs: 60_000 }]);
  expect(second?.lines.slice(0, 2)).toMatchObject([
    { type: "meta", segment: 2 },
    { type: "clock", atMs: 61_900 },
  ]);
});

test("all together stay within the size, and what is no segment is not touched", async () => {
  const folder = tempFolder();
  const old = "sqlock-20200101T000000000Z-0001.jsonl.gz";
  writeFileSync(
    join(folder, old),
    gzipSync(`${JSON.stringify(metaLine({ segment: 1 }))}\n${JSON.stringify(clock(0))}\n`),
  );
  for (const name of ["notes.txt", "sqlock.jsonl"]) writeFileSync(join(folder, name), "mine".repeat(1000));
  symlinkSync("notes.txt", join(folder, "sqlock-20200101T000000000Z-0002.jsonl"));
  const { add, tick, end } = recording({ folder, maxBytes: 50_000 });
  const sizes = () => readdirSync(folder).filter((name) => name.startsWith("sqlock-2"));
  let largest = 0;
  for (let n = 0; n < 3_000; n++) {
    add(lockLine({ pid: n + 10, startTicks: String(Math.random()), fromMs: n * 20, toMs: n * 20 + 15 }));
    if (n % 20 > 0) continue;
    tick(n * 20);
    largest = Math.max(
      largest,
      sizes().reduce((sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0),
    );
    if (n % 200 === 0)
      await until("it is compressed", () => sizes().filter((name) => name.endsWith(".jsonl")).length <= 2);
  }
  end(60_000);
  expect(largest).toBeLessThan(50_000);
  expect(readdirSync(folder)).not.toContain(old);
  expect(readdirSync(folder)).toEqual(
    expect.arrayContaining(["notes.txt", "sqlock.jsonl", "sqlock-20200101T000000000Z-0002.jsonl"]),
  );
});

test("what is older goes, also of earlier recorders; what is in the future stays", () => {
  const folder = tempFolder();
  const ages = [
    ["0001", 3_000],
    ["0002", 500],
    ["0003", -1_000_000],
  ] as const;
  const nameOf = (number: string) => `sqlock-20200101T000000000Z-${number}.jsonl.gz`;
  for (const [number, ageS] of ages) {
    writeFileSync(join(folder, nameOf(number)), "x");
    utimesSync(join(folder, nameOf(number)), Date.now() / 1000 - ageS, Date.now() / 1000 - ageS);
  }
  const { tick } = recording({ folder, keepMs: 1_000_000 });
  const left = () => readdirSync(folder).filter((name) => name.startsWith("sqlock-2020"));
  expect(left()).toEqual([nameOf("0002"), nameOf("0003")]);
  tick(501_000);
  expect(left()).toEqual([nameOf("0003")]);
  tick(1_100_000);
  expect(left()).toEqual([]);
});

test("long command lines do not fill the beginning of each segment; who is named is told", () => {
  const pids = Array.from({ length: 300 }, (_, i) => i + 1);
  const { folder, add, tick, end } = recording({ running: pids });
  for (const pid of pids)
    add(processLine({ pid, startTicks: String(pid), commandLine: [`${pid}`, "x".repeat(32_768)] }));
  tick(200_000);
  add(lockLine({ pid: 1, startTicks: "1", fromMs: 0, toMs: 50 }));
  end(300_000);
  const [, second] = readSegments(folder);
  const told = second?.lines.flatMap((line) => (line.type === "process" ? line.pid : [])) ?? [];
  expect(told.length).toBeLessThan(10);
  expect(told).toEqual([...pids.slice(1 - told.length), 1]);
});

test("what was not counted yet when nothing could be written any more is missing as well", () => {
  const folder = join(tempFolder(), "recording");
  let problems = 0;
  let resumed = 0;
  const { add, tick, end } = recording({ folder, onProblem: () => problems++, onResumed: () => resumed++ });
  tick(199_000);
  renameSync(folder, `${folder}.away`);
  add(lockLine({ fromMs: 199_100, toMs: 199_105 }));
  tick(200_000, 200_000);
  expect(problems).toBe(1);
  renameSync(`${folder}.away`, folder);
  tick(202_000);
  expect(resumed).toBe(1);
  end(203_000);
  const gaps = readSegments(folder).flatMap(({ lines }) => lines.filter(({ type }) => type === "gap"));
  expect(gaps).toEqual([{ type: "gap", fromMs: 197_500, toMs: 202_000, lostEvents: null, why: "disk-full" }]);
});
