import { expect, test } from "vitest";
import { KeptLines } from "../../../../src/features/record/kept-lines.ts";
import type { RecordingLine } from "../../../../src/recording/lines.ts";
import { metaLine, refusalLine } from "../../../support/recording.ts";

const meta = metaLine();
const refusal = (atMs: number) => refusalLine({ atMs });

function linesOf(kept: KeptLines): RecordingLine[] {
  return kept.end().map((json) => JSON.parse(json));
}

test("a flood of refusals becomes counts, and what is left is in its order", () => {
  const kept = new KeptLines(5000 * JSON.stringify(refusal(1)).length);
  kept.add(JSON.stringify(meta));
  for (let i = 0; i < 30_000; i++) {
    kept.add(JSON.stringify(refusal(i)));
    if (i % 1000 === 0) kept.tidy();
  }
  const lines = linesOf(kept);
  expect(lines.length).toBeLessThan(8000);
  expect(lines[0]).toEqual(meta);
  expect(lines.at(-1)).toEqual(refusal(29_999));
  expect(lines.filter(({ type }) => type === "folded")).toHaveLength(1);
  const counted = lines.reduce((sum, line) => {
    if (line.type === "folded") return sum + line.lines;
    return line.type === "refusal" ? sum + 1 : sum;
  }, 0);
  expect(counted).toBe(30_000);
});

test("few lines stay as they are", () => {
  const kept = new KeptLines();
  for (const line of [meta, refusal(1)]) kept.add(JSON.stringify(line));
  kept.tidy();
  expect(linesOf(kept)).toEqual([meta, refusal(1)]);
});
