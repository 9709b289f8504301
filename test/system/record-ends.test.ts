/** Ends of processes that the kernel's events name late or never: what is known of each is forgotten again. */
import { execFileSync } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { KernelSource } from "../../src/features/kernel-source/kernel-source.ts";
import type { SourceEvent } from "../../src/recording/source-event.ts";
import { spawnHolder } from "../support/hold.ts";
import { connect, newDatabase } from "../support/sqlite.ts";
import { needTracing } from "../support/tracefs.ts";

test("a process that only closed the file, and one that had its lock before: each end is told", async (context) => {
  needTracing(context);
  const path = await newDatabase("wal");
  const holder = await spawnHolder();
  onTestFinished(() => holder.end());
  await holder.run(`${connect(path)}; c.execute("begin"); c.execute("select * from t").fetchall()`);
  const source = KernelSource.open({ paths: [path], statements: false, literals: false, holders: async () => [] });
  onTestFinished(() => source.abandon());
  await source.ready;
  const events: SourceEvent[] = [];
  source.drain((event) => events.push(event));
  for (let i = 0; i < 3; i += 1) execFileSync("cat", [path], { stdio: "ignore" });
  await holder.end();
  await source.stop((event) => events.push(event));
  const met = events.flatMap((event) => (event.kind === "process" ? [event.process.pid] : []));
  // others on this disk end as well: nothing is known of them
  const ended = events.flatMap((event) => (event.kind === "ended" && met.includes(event.pid) ? [event.pid] : []));
  expect(met).toHaveLength(4);
  expect(met).toContain(holder.pid);
  expect(ended.sort()).toEqual(met.sort());
});
