/** The readings of /proc/locks, by watch and by a recording from samples. */
import { chmodSync, realpathSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { Sampler } from "../../src/features/watch/sampler.ts";
import { asUser } from "../../src/user/as-user.ts";
import { userOf } from "../../src/user/user.ts";
import { MALLORY, needRoot } from "../support/attacker.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { tempFolder } from "../support/temp.ts";

test("stopped between the readings of one sample, which look for a lock that is missing: that is a gap", async () => {
  const database = realpathSync(newDatabase("wal"));
  const writer = await holding(database, `c.execute("begin immediate")`);
  // with more locks than one reading returns, a lock counts as released once several readings miss it
  await writer.run(`
import fcntl, tempfile
other = tempfile.TemporaryFile()
for byte in range(0, 400, 2): fcntl.lockf(other, fcntl.LOCK_EX, 1, byte)`);
  let [clocks, stoppedMs] = [Number.NEGATIVE_INFINITY, 0];
  const sampler = new Sampler([database], () => {
    clocks += 1;
    if (clocks === 3) stoppedMs = 1000; // after the first reading of the sample
    return performance.now() + stoppedMs;
  });
  onTestFinished(() => sampler.close());
  const sample = (pauseMs: number) => sampler.sample(pauseMs).map(({ event }) => event);
  expect(sample(0)).toContain("held");
  await writer.run(`c.execute("commit")`);
  clocks = 0;
  const whileStopped = sample(1e6);
  expect(clocks).toBeGreaterThanOrEqual(3);
  expect([whileStopped, sample(2)].map((events) => events.includes("gap"))).toEqual([false, true]);
});

test("while it has the rights of another user, who may not look there, no file has gone", async (context) => {
  needRoot(context);
  const folder = tempFolder();
  chmodSync(folder, 0o700);
  const database = realpathSync(newDatabase("wal", folder));
  const writer = await holding(database, `c.execute("begin immediate")`);
  let clock = 0;
  const sampler = new Sampler([database], () => (clock += 60)); // the files are looked at each time
  onTestFinished(() => sampler.close());
  const sample = () => sampler.sample(60).map(({ event }) => event);
  expect(sample()).toContain("held");
  // as the main thread does it when it writes in the folder of that user: all threads have the rights of one
  asUser(userOf(MALLORY), () => expect(sample()).toEqual([]));
  expect(sample()).toEqual([]);
  await writer.run(`c.execute("commit")`);
  expect([...sample(), ...sample(), ...sample()]).toContain("released");
});
