/** How exact the counts of watch are, beside a writer that knows its own. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { repetitions, SOAK } from "../support/soak.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { until } from "../support/until.ts";
import { holderIn, startWatch } from "../support/watch.ts";

/**
 * What the kernel gives of /proc/locks in one piece. Longer, it takes much longer to read, and the counts are rougher:
 * other tests make it so.
 */
const PAGE_BYTES = 4096;

/** Holds the write lock `times` times for `heldMs`; answers with how long it had it in all, by its own clock, in ms. */
const WRITES = (times: number, heldMs: number, pauseMs: number) => `
total = 0
for i in range(${times}):
    c.execute("begin immediate")
    taken = time.perf_counter()
    c.execute("insert into t values (1)")
    while time.perf_counter() - taken < ${heldMs / 1000}: time.sleep(0.001)
    c.execute("commit")
    total += time.perf_counter() - taken
    time.sleep(${pauseMs / 1000})
answer = total * 1000`;

const HOLDS = repetitions(200, 40);

/** As shares. The short run is for a busy machine as well, where the thread waits for a CPU as long as a hold lasts. */
const MAX_COUNT_ERROR = SOAK ? 0.025 : 0.2;
const MAX_TOTAL_ERROR = SOAK ? 0.05 : 0.2;

test.each([
  ["wal", "WRITE"],
  ["delete", "RESERVED"],
] as const)(
  `%s: ${HOLDS} holds of 20 ms of %s are counted, and their total is right`,
  // A machine that keeps the thread off its CPU for longer than a hold makes it miss one.
  { retry: 3, timeout: 120_000 },
  async (mode, lock) => {
    const database = await newDatabase(mode);
    const writer = await holding(database, `c.execute("pragma synchronous=off")`);
    await until("few locks are taken by others", () => readFileSync("/proc/locks").length < PAGE_BYTES);
    const watcher = await startWatch(database);
    await watcher.sees({ event: "open", pid: writer.pid });
    const trueMs = Number(await writer.run(WRITES(HOLDS, 20, 12)));
    const { code, summary, events } = await watcher.ends("SIGINT");
    expect(code).toBe(130);
    const counted = holderIn(summary, writer.pid, lock);
    console.log(
      `${mode}: ${counted.times} of ${HOLDS}, ${counted.totalMs} ms of ${trueMs.toFixed(0)}, read every ` +
        `${(summary.watchedMs / summary.readings).toFixed(2)} ms, longest gap ${summary.longestGapMs} ms`,
    );
    expect(Math.abs(counted.times - HOLDS)).toBeLessThanOrEqual(HOLDS * MAX_COUNT_ERROR);
    expect(Math.abs(counted.totalMs / trueMs - 1)).toBeLessThan(MAX_TOTAL_ERROR);
    expect(counted.longestMs).toBeLessThan(500);
    expect(counted.share).toBeCloseTo(counted.totalMs / summary.watchedMs, 2);
    const released = events.filter((each) => each.event === "released" && each.lock === lock);
    expect(released).toHaveLength(counted.times);
    expect(released.reduce((sum, { heldMs }) => sum + (heldMs ?? 0), 0)).toBeCloseTo(counted.totalMs, -2);
  },
);
