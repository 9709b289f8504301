import { expect, test } from "vitest";
import { stressReport } from "../../../../src/render/stress/report.ts";
import { renderRun } from "../../../../src/render/stress/text.ts";
import { PLAIN } from "../../../../src/render/style.ts";
import { failures, stressResult } from "../../../support/stress-result.ts";

const failed = stressResult({ failures: [failures()], errors: { SQLITE_BUSY: 312 }, transactions: 4000 });

test("one run", () => {
  // long-lines: without a terminal no line is broken
  expect(renderRun({ ...stressReport(failed), verdict: "As it is." }, PLAIN)).toMatchInlineSnapshot(`
    "a throw-away database: rollback journal, pages of 4096; 4 writers, 4 readers; deferred, reads and then writes; busy timeout 5s; 10 s, seed 7

               NUMBER  PER SECOND      P50      P95      P99    MAX
    commits     3,688         369  0.10 ms  1.00 ms  3.00 ms  12 ms
      waiting                      0.10 ms  1.00 ms  3.00 ms  12 ms
      working                      0.10 ms  1.00 ms  3.00 ms  12 ms
    reads       9,000         900  0.10 ms  1.00 ms  3.00 ms  12 ms
      waiting                      0.10 ms  1.00 ms  3.00 ms  12 ms
      working                      0.10 ms  1.00 ms  3.00 ms  12 ms

    ERROR        ROLE    PHASE  NUMBER  TIMED OUT  LONGEST
    SQLITE_BUSY  writer  write     312          0     3 ms

    COMMIT TIME  NUMBER
    < 1ms         3,000  ########################################
    < 3ms           688  #########

    longest wait 120 ms, 0 retries, fairness 0.98 (each writer 900 to 950 commits)

    As it is.
    "
  `);
  // long-lines end
});

test.each<[string, Parameters<typeof stressResult>[0], string]>([
  ["a copy", { settings: { ...failed.settings, database: "app.db" } }, "a copy of app.db: rollback journal"],
  [
    "in place, in WAL mode",
    { settings: { ...failed.settings, database: "app.db", inPlace: true, journalMode: "wal" } },
    "app.db, in place: WAL mode, pages of 4096",
  ],
  [
    "all settings",
    {
      settings: {
        ...failed.settings,
        threads: 4,
        rows: 3,
        holdMs: 300,
        thinkMs: 1500,
        killEveryMs: 200,
        busyTimeoutMs: 0,
        readThenWrite: false,
      },
    },
    "4 readers, 4 per process; deferred; busy timeout 0; 3 rows per transaction; held for 300ms; pauses of 1500ms; " +
      "a worker killed every 200ms; 10 s, seed 7",
  ],
  ["no reads", { reads: 0 }, "\n\nCOMMIT TIME"],
  ["the WAL", { walBytes: 4_194_304, retries: 1 }, "longest wait 120 ms, 1 retry, fairness 0.98"],
  ["its size", { walBytes: 4_194_304 }, "commits), WAL up to 4 MiB"],
])("%s", (_, change, text) => {
  const rendered = renderRun(stressReport(stressResult(change)), PLAIN);
  expect(rendered).toContain(text);
  expect(rendered.includes("\nreads ")).toBe(change?.reads !== 0);
});
