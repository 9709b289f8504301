import {
  closeSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { SegmentOutput } from "../../../../../src/features/record/segments/segment-output.ts";
import { tempFolder } from "../../../../support/temp.ts";
import { until } from "../../../../support/until.ts";

function output(folder: string): SegmentOutput {
  const segments = new SegmentOutput({ path: folder, keepMs: 3_600_000, maxBytes: 1e6 });
  onTestFinished(() => segments.discard());
  segments.add('{"type":"meta"}\n');
  segments.flushHead(0);
  return segments;
}

test("an end while nothing can be written leaves what was written before", async () => {
  const folder = join(tempFolder(), "recording");
  const segments = output(folder);
  renameSync(folder, `${folder}.away`);
  expect(segments.begin(1_000)).toBeNull();
  expect(segments.problem).toMatchObject({ code: "ENOENT" });
  renameSync(`${folder}.away`, folder);
  segments.discard();
  await until("nothing is compressed", () => !readdirSync(folder).some((name) => name.startsWith(".")));
  expect(readdirSync(folder)).toEqual([expect.stringMatching(/-0001\.jsonl$/)]);
});

test("what goes for the size is not compressed first: anybody's file may be as large as he likes", () => {
  const folder = tempFolder();
  for (const name of ["sqlock-20200101T000000000Z-0001.jsonl", "sqlock-20990101T000000000Z-0001.jsonl"]) {
    writeFileSync(join(folder, name), "");
    truncateSync(join(folder, name), 1e12); // takes no room
    utimesSync(join(folder, name), 1_700_000_000, 1_700_000_000); // nobody writes it any more
  }
  output(folder).tidy(1_000);
  expect(readdirSync(folder).filter((name) => !name.endsWith("-0001.jsonl"))).toEqual([
    expect.stringMatching(/^\.sqlock-\d{8}T\d{9}Z\.[0-9a-f-]+\.tmp$/),
  ]);
  expect(readdirSync(folder).filter((name) => /^sqlock-20[29][09]01/.test(name))).toEqual([]);
});

/** What is written to the open segment fails from now on, as on a full disk. */
function fillDisk(folder: string, number: string): void {
  const fd = readdirSync("/proc/self/fd").find((each) => {
    const path = statSync(`/proc/self/fd/${each}`, { throwIfNoEntry: false }) && readlinkSync(`/proc/self/fd/${each}`);
    return path?.startsWith(folder) === true && path.endsWith(`-${number}.jsonl`);
  });
  closeSync(Number(fd));
  const others: number[] = [];
  for (;;) {
    const full = openSync("/dev/full", "w");
    if (full === Number(fd)) break;
    others.push(full);
  }
  for (const other of others) closeSync(other);
}

test("a segment that could not be begun has no number: none is missing afterwards", () => {
  const folder = tempFolder();
  const segments = output(folder);
  for (const atMs of [1_000, 2_000, 4_000]) {
    segments.begin(atMs);
    expect(segments.number).toBe(2);
    fillDisk(folder, "0002");
    segments.add('{"type":"meta"}\n');
    segments.flushHead(atMs);
    expect(segments.problem).toMatchObject({ code: "ENOSPC" });
    expect(readdirSync(folder).filter((name) => name.endsWith("-0002.jsonl"))).toEqual([]);
  }
  expect(segments.begin(8_000)).toEqual({ fromMs: 0, toMs: 8_000, why: "disk-full" });
  segments.add('{"type":"meta"}\n');
  segments.flushHead(8_000);
  expect({ problem: segments.problem, number: segments.number }).toEqual({ problem: null, number: 2 });
});
