/** What happened in each block, by process. */
import { expect, test } from "vitest";
import { Collector } from "../../../../../src/features/report/comparison/collect.ts";
import { lockLine, processLine } from "../../../../support/recording.ts";

test("as many names as processes: only those that are asked for take memory for each block", () => {
  const collector = new Collector(0, 2_000, 1_000);
  for (let i = 0; i < 20_000; i++) {
    const who = { pid: 1_000 + i, startTicks: String(i) };
    collector.add(processLine({ ...who, commandLine: ["job", String(i)] }));
    collector.add(lockLine({ ...who, tid: who.pid, fromMs: i * 100, toMs: i * 100 + 20 }));
  }
  const [database] = collector.databases;
  expect(database?.groups.size).toBe(20_000);
  const group = database?.groups.get("job 15");
  expect([group?.size, group?.activity().holds.counts[1]]).toEqual([1, 1]);
  expect(process.memoryUsage().heapUsed).toBeLessThan(1_000_000_000);
});
