import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { literal } from "../support/connection.ts";
import { startHolder } from "../support/holder.ts";
import { mountFuse, mountNamespace } from "../support/namespace.ts";
import { has, isRoot, need } from "../support/skip.ts";
import { SOAK } from "../support/soak.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { lookAt, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

test("a mount that is dead, with a file open on it: lsof is told to leave it alone, or given up", async (context) => {
  need(context, has("lsof"), "lsof");
  need(context, isRoot && has("bindfs"), "root and bindfs (FUSE)");
  const folder = tempFolder();
  const [source, point] = [join(folder, "source"), join(folder, "mnt")];
  for (const each of [source, point]) mkdirSync(each);
  const space = await mountNamespace();
  // The kernel keeps nothing of the files: every stat(2) asks the daemon.
  const daemon = await mountFuse(space, source, point, ["-o", "attr_timeout=0,entry_timeout=0"]);
  const other = await startHolder({ through: space.through });
  await other.run(`f = os.open(${literal(join(point, "file"))}, os.O_RDWR | os.O_CREAT)`);
  const database = await newDatabase();
  const holder = await holding(database, `c.execute("select * from t").fetchone()`);
  const alive = await lookAt(join(point, "file"), ["--source", "lsof"], { through: space.through });
  // the mount of a database that was asked for is looked at
  expect(alive.holders.map(({ pid }) => pid)).toEqual([other.pid]);
  onTestFinished(() => void process.kill(daemon, "SIGKILL"));
  process.kill(daemon, "SIGSTOP");
  const started = performance.now();
  const seen = await lookAt(database, ["--source", "lsof"], { through: space.through });
  expect(seen.holders.map(({ pid }) => pid)).toEqual([holder.pid]);
  expect(performance.now() - started).toBeLessThan(20_000);
  if (!SOAK) return; // it takes 30 s; source-lsof.test.ts has an lsof of its own that does not finish
  // outside, where the mount does not show
  const { stderr, code } = await sqlock(["who-holds", "--source", "lsof", database]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^sqlock: lsof has not finished in 30 s; see whether a network mount is dead.*\n$/);
});
