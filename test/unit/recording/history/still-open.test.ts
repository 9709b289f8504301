import { expect, test } from "vitest";
import { StillOpen } from "../../../../src/recording/history/still-open.ts";
import { lockLine } from "../../../support/recording.ts";

test("what is open has no more lines than a recorder writes", () => {
  const open = new StillOpen();
  const locks = Array.from({ length: 5_000 }, (_, i) => lockLine({ fromMs: i, toMs: null, atLeast: true }));
  open.set({ type: "open", atMs: 9_000, locks, waits: [], transactions: [] });
  open.ended(lockLine({ fromMs: 3, toMs: 8_000 }));
  expect(open.brokenOff({ atMs: 10_000, isLast: true, minMs: 0 })).toHaveLength(999);
});
