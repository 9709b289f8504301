import { expect, test } from "vitest";
import { KeptLines } from "../../../../src/features/record/kept-lines.ts";
import { metaLine, refusalLine } from "../../../support/recording.ts";

const meta = metaLine();
const refusal = (atMs: number) => refusalLine({ atMs });

test("a flood of refusals becomes counts, and what is left is in its order", () => {
  const kept = new KeptLines(5000);
  kept.add(meta);
  for (let i = 0; i < 30_000; i++) {
    kept.add(refusal(i));
    if (i % 1000 === 0) kept.tidy();
  }
  const lines = kept.end();
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
  for (const line of [meta, refusal(1)]) kept.add(line);
  kept.tidy();
  expect(kept.end()).toEqual([meta, refusal(1)]);
});
