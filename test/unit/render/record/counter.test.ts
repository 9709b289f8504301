import { expect, test } from "vitest";
import { type Counter, counterText } from "../../../../src/render/record/counter.ts";

const at = (width: number) => ({ width, ellipsis: "...", chalk: null });

const COUNTER: Counter = {
  forMs: 12_345,
  waits: 14,
  longestMs: 5851,
  busy: 3,
  waiting: 2,
  waitingMs: 800,
  transactions: 3,
  isAnyLost: false,
};

test("the counter is narrower than the terminal", () => {
  expect(counterText(COUNTER, at(80))).toBe(
    "12.3 s: 14 waits (longest 5.9 s), 3 SQLITE_BUSY, 2 waiting now (800 ms), 3 open",
  );
  expect(counterText({ ...COUNTER, transactions: 1, isAnyLost: true }, at(200))).toBe(
    "12.3 s: at least 14 waits (longest 5.9 s), 3 SQLITE_BUSY, 2 waiting now (800 ms), 1 open transaction. " +
      "Ctrl-C stops recording",
  );
  expect(counterText({ ...COUNTER, waits: 0, busy: 0, waiting: 0 }, at(80))).toBe(
    "12.3 s: 0 waits, 3 open transactions. Ctrl-C stops recording",
  );
});
