import { expect, test } from "vitest";
import { progressText } from "../../../../src/render/stress/progress.ts";

test.each([
  [{ commits: 0, errors: 0, elapsedMs: -30 }, "0 commits, 0 errors, 10 s left"],
  [{ commits: 1, errors: 1, elapsedMs: 2500 }, "1 commit, 1 error, 7 s left"],
  [
    { commits: 9, errors: 0, elapsedMs: 2500, trying: { journalMode: "wal" } as const },
    "trying --journal-mode wal, 7 s left",
  ],
  [{ commits: 12_345, errors: 1200, elapsedMs: 9400 }, "12,345 commits, 1,200 errors, verifying"],
])("%o", (progress, text) => {
  expect(progressText({ trying: null, ...progress, totalMs: 10_000 })).toBe(text);
});
