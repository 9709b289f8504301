/** A WAL that grows for more than a minute, since a read stays open. */
import { statfsSync, statSync } from "node:fs";
import { expect, test } from "vitest";
import { holding, newDatabase } from "../support/sqlite.ts";
import { startWatch } from "../support/watch.ts";

test("told after a minute, with its rate and an estimate of when the disk is full; the summary has it", async () => {
  const database = await newDatabase("wal");
  await holding(database, `c.execute("begin"); c.execute("select * from t").fetchall()`);
  const writer = await holding(database, "");
  const watcher = await startWatch(database);
  const before = statSync(`${database}-wal`).size;
  const grow = writer.run(`
end = time.time() + 70
while time.time() < end:
    c.execute("insert into t values (zeroblob(40000))")
    time.sleep(0.2)`);
  await grow;
  const told = await watcher.sees({ event: "wal-growth", path: database });
  const after = statSync(`${database}-wal`).size;
  const perMinute = ((after - before) / 70) * 60;
  expect(told.wal?.measuredMs).toBeGreaterThanOrEqual(60_000);
  expect((told.wal?.perMinuteBytes ?? 0) / perMinute).toBeCloseTo(1, 0);
  const { bavail, bfree, bsize } = statfsSync(database);
  const full = ((told.wal?.diskFullInMs ?? 0) / 60_000) * (told.wal?.perMinuteBytes ?? 0);
  expect(full).toBeGreaterThan(0.5 * bsize * bavail);
  expect(full).toBeLessThan(2 * bsize * bfree);
  const { summary } = await watcher.ends("SIGINT");
  const [wal] = summary.wal; // as of the last look
  expect(wal).toMatchObject({ path: database, largestBytes: wal?.sizeBytes });
  expect((wal?.sizeBytes ?? 0) / after).toBeCloseTo(1, 0);
}, 120_000);
