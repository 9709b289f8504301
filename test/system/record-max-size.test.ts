/** The file of a recording stays within --max-size, and has everything at every moment. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { OutputFile } from "../../src/features/record/output-file.ts";
import { RecordingReader } from "../../src/recording/document/reader.ts";
import type { RecordingLine } from "../../src/recording/lines.ts";
import { Tally } from "../../src/recording/summary/tally.ts";
import { lockLine, metaLine, refusalLine } from "../support/recording.ts";
import { tempFolder } from "../support/temp.ts";

function read(path: string): { readonly lines: RecordingLine[]; readonly totals: object } {
  const lines: RecordingLine[] = [];
  const tally = new Tally();
  const reader = new RecordingReader((line) => {
    lines.push(line);
    tally.add(line);
  });
  reader.push(readFileSync(path, "utf8"));
  expect(reader.end()).toMatchObject({ refused: null, problems: [] });
  const { writeHolds, refusals } = tally.summary().totals;
  return { lines, totals: { writeHolds, refusals } };
}

test.each([
  ["locks", (n: number) => lockLine({ fromMs: n * 20, toMs: n * 20 + 15 }), "writeHolds"],
  ["refusals alone", (n: number) => refusalLine({ atMs: n * 20 }), "refusals"],
] as const)("%s", async (_, lineOf, counted) => {
  const folder = tempFolder();
  const path = join(folder, "r.jsonl");
  const maxBytes = 150_000;
  const file = new OutputFile({ path, force: false, maxBytes }, []);
  file.add(`${JSON.stringify(metaLine())}\n`);
  let replaced = 0;
  let inode = 0;
  for (let n = 1; n <= 2_400; n++) {
    file.add(`${JSON.stringify(lineOf(n))}\n`);
    if (n % 100 > 0) continue;
    do {
      expect(file.flush(n * 20)).toBeNull();
      expect(read(path).totals).toMatchObject({ [counted]: n });
      await turn();
    } while (readdirSync(folder).length > 1); // a second file is at work
    expect(read(path).totals).toMatchObject({ [counted]: n });
    const { ino, size, mode } = statSync(path);
    expect(size).toBeLessThanOrEqual(maxBytes);
    expect(mode & 0o777).toBe(0o600);
    if (ino !== inode) replaced++;
    inode = ino;
  }
  expect(file.close(48_000)).toBeNull();
  expect(replaced).toBeGreaterThan(2);
  expect(readdirSync(folder)).toEqual(["r.jsonl"]);
  const { lines } = read(path);
  expect(lines[0]).toEqual(metaLine());
  expect(lines.filter(({ type }) => type === "folded")).toHaveLength(1);
});
