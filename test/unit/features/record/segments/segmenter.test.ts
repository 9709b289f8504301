import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import type { WriteProblem } from "../../../../../src/features/record/output-file.ts";
import type { Missing } from "../../../../../src/features/record/segments/outage.ts";
import { SegmentOutput } from "../../../../../src/features/record/segments/segment-output.ts";
import { Segmenter } from "../../../../../src/features/record/segments/segmenter.ts";
import { Folder } from "../../../../../src/recording/document/folder.ts";
import type { WrittenLine } from "../../../../../src/recording/document/uncounted.ts";
import type { RecordingLine } from "../../../../../src/recording/lines.ts";
import { lockLine, metaLine, processLine, waitLine } from "../../../../support/recording.ts";
import { readSegments } from "../../../../support/segments.ts";
import { tempFolder } from "../../../../support/temp.ts";
import { until } from "../../../../support/until.ts";

const clock = (atMs: number) => ({ type: "clock", atMs, wallClock: "2026-03-01T12:00:00.000+01:00" }) as const;
const open = (atMs: number) => ({ type: "open", atMs, locks: [], waits: [], transactions: [] }) as const;

interface Recording {
  readonly folder: string;
  /** Problems by their code, and what is missing after them. */
  readonly told: readonly (string | Missing)[];
  readonly add: (line: RecordingLine) => void;
  readonly tick: (nowMs: number, moved?: number) => void;
  readonly close: (nowMs: number) => WriteProblem | null;
  readonly end: (nowMs: number) => void;
}

function recording({
  keepMs = 3_600_000,
  maxBytes = 1e9,
  redact = false,
  folder = tempFolder(),
  running = [4242],
} = {}): Recording {
  const output = new SegmentOutput({ path: folder, keepMs, maxBytes });
  onTestFinished(() => output.discard());
  let nowMs = 0;
  const told: (string | Missing)[] = [];
  const write = (line: WrittenLine) => {
    segmenter.introduce(line);
    output.add(`${JSON.stringify(line)}\n`);
  };
  const lines = new Folder({ minWaitMs: 10, redact }, write);
  const segmenter: Segmenter = new Segmenter({
    ...{ output, folder: lines, write, meta: metaLine(), clock: () => clock(nowMs) },
    open: () => open(nowMs),
    isRunning: (pid) => running.includes(pid),
    onBegin: () => undefined,
    onProblem: ({ code }) => told.push(code),
    onResumed: (missing) => told.push(missing),
  });
  segmenter.start();
  return {
    folder,
    told,
    add: (line) => {
      segmenter.note(line);
      lines.add(line);
    },
    tick: (atMs, moved) => {
      nowMs = atMs;
      output.flush(nowMs);
      segmenter.tick(nowMs, moved === undefined ? null : clock(moved), 0);
    },
    close: (atMs) => output.close(atMs),
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

const others = (minutes: number) =>
  waitLine({
    pid: 7,
    fromMs: minutes * 60_000,
    waitedMs: 900,
    outcome: "gave-up",
    result: "SQLITE_BUSY",
    blockers: [],
  });
const live = (folder: string) => join(folder, readdirSync(folder).findLast((name) => name.endsWith(".jsonl")) ?? "");

test.each<[string, (file: string) => void]>([
  ["deleted", (file) => rmSync(file)],
  ["renamed", (file) => renameSync(file, `${file}.mine`)],
  [
    "replaced",
    (file) => {
      copyFileSync(file, `${file}.new`);
      renameSync(`${file}.new`, file);
    },
  ],
])("a segment that is %s is missed within a second; another one has what is known", (_, change) => {
  const { folder, told, add, tick, end } = recording();
  add(waitLine({ fromMs: 10, waitedMs: 50, blockers: [] }));
  tick(1_000);
  change(live(folder));
  add(waitLine({ pid: 8, fromMs: 1_100, waitedMs: 50, blockers: [] }));
  tick(1_200);
  expect(told).toEqual([]);
  tick(2_000);
  expect(told).toEqual(["REMOVED", { fromMs: 0, toMs: 2_000, why: "removed" }]);
  end(3_000);
  const { meta, lines } = readSegments(folder).at(-1) ?? expect.unreachable();
  expect(meta).toMatchObject({ segment: 2 });
  expect(lines.filter(({ type }) => type === "gap" || type === "wait")).toMatchObject([
    { type: "gap", fromMs: 0, toMs: 2_000, lostEvents: null, why: "removed" },
    { pid: 8, fromMs: 1_100 },
  ]);
});

test("a folder that is renamed and comes again: what ended meanwhile is in it, once", () => {
  const { folder, told, add, tick, end } = recording();
  tick(1_000);
  renameSync(folder, `${folder}.away`);
  tick(2_000);
  add(others(1));
  tick(62_000);
  expect(told).toEqual(["REMOVED"]);
  renameSync(`${folder}.away`, folder);
  tick(100_000);
  add(others(2));
  tick(130_000);
  expect(told).toEqual(["REMOVED", { fromMs: 0, toMs: 100_000, why: "removed" }]);
  end(131_000);
  const waits = readSegments(folder).map(({ lines }) => lines.filter(({ type }) => type === "wait"));
  expect(waits).toMatchObject([[], [{ fromMs: 60_000 }, { fromMs: 120_000 }]]);
});

test("a folder that was made for it is made again, with its marker", () => {
  const folder = join(tempFolder(), "made");
  const { told, tick, end } = recording({ folder });
  tick(1_000);
  rmSync(folder, { recursive: true });
  tick(2_000);
  expect(told).toEqual(["REMOVED", { fromMs: 0, toMs: 2_000, why: "removed" }]);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(readdirSync(folder).filter((name) => name.startsWith("."))).toHaveLength(1);
  for (const name of readdirSync(folder)) if (name.startsWith(".")) rmSync(join(folder, name));
  tick(3_000);
  expect(readdirSync(folder).filter((name) => name.startsWith("."))).toHaveLength(1);
  end(4_000);
});

test("a link in the place of the folder is not followed, and the end says that nothing is there", () => {
  const folder = join(tempFolder(), "made");
  const elsewhere = tempFolder();
  const { told, tick, close } = recording({ folder });
  tick(1_000);
  renameSync(folder, `${folder}.away`);
  symlinkSync(elsewhere, folder);
  tick(2_000);
  tick(40_000);
  expect(told).toEqual(["REMOVED"]);
  expect(readdirSync(elsewhere)).toEqual([]);
  close(41_000);
  expect(told).toEqual(["REMOVED"]);
});

test("what was deleted just before the end is a problem", () => {
  const { folder, tick, close } = recording();
  tick(1_000);
  rmSync(live(folder));
  expect(close(1_100)).toMatchObject({ code: "REMOVED" });
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
  const { told, add, tick, end } = recording({ folder });
  tick(199_000);
  add(lockLine({ fromMs: 199_100, toMs: 199_105 }));
  const next = live(folder).replace("-0002.", "-0003.");
  mkdirSync(next);
  tick(200_000, 200_000);
  expect(told).toEqual(["EEXIST"]);
  rmdirSync(next);
  tick(202_000);
  expect(told).toEqual(["EEXIST", { fromMs: 200_000, toMs: 202_000, why: "disk-full" }]);
  end(203_000);
  const gaps = readSegments(folder).flatMap(({ lines }) => lines.filter(({ type }) => type === "gap"));
  expect(gaps).toEqual([{ type: "gap", fromMs: 197_500, toMs: 202_000, lostEvents: null, why: "disk-full" }]);
});
