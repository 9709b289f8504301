/** A recording is true: no mismatch. With SQLOCK_TEST_TRUTH=FILE, what was compared is added to that file. */
import { appendFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import type { Result } from "./world.ts";

export function expectTruth(driver: string, { lines, calls, ...truth }: Result): void {
  const file = process.env["SQLOCK_TEST_TRUTH"];
  const test = expect.getState().currentTestName;
  if (file !== undefined) {
    const { besidesMs, ...counts } = truth;
    const at = (share: number) => besidesMs[Math.floor(share * (besidesMs.length - 1))] ?? null;
    const besides = { half: at(0.5), most: at(0.95), worst: at(1), over2: besidesMs.filter((ms) => ms > 2).length };
    appendFileSync(
      file,
      `${JSON.stringify({ driver, test, ...counts, besides, calls: calls.length, lines: lines.length })}\n`,
    );
  }
  if (file !== undefined && truth.mismatches.length > 0)
    writeFileSync(`${file}.${test?.replace(/\W+/g, "-")}.json`, JSON.stringify({ calls, lines, ...truth }));
  expect(truth.mismatches).toEqual([]);
}
