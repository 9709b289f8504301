/** Writers that take turns, and holders that are stuck: what tells them apart is progress. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Holder } from "../support/holder.ts";
import { killJson, runs } from "../support/kill.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { holderOf, lookAt } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { until } from "../support/until.ts";

/** Begins a loop of short transactions; the file that is returned, once written, ends it. */
function beginCommits(holder: Holder, begin = "begin immediate"): string {
  const end = join(tempFolder(), "end");
  holder.begin(`
while not os.path.exists(${JSON.stringify(end)}):
    c.execute("${begin}")
    c.execute("insert into t values (1)")
    time.sleep(0.004)
    c.execute("commit")`);
  return end;
}

/** A look that finds the writer with a lock that keeps others out. */
async function lookAtWriter(database: string, pid: number) {
  return until("it is seen writing", async () => {
    const seen = await lookAt(database);
    return holderOf(seen, pid).blocks.includes("writers") && seen;
  });
}

test.each(["wal", "delete", "truncate"])(
  "%s: a writer that commits every few milliseconds is contention; silent next to it: one that is in one transaction",
  async (mode) => {
    const database = newDatabase(mode === "wal" ? "wal" : "delete");
    const writer = await holding(
      database,
      `c.execute("pragma journal_mode=${mode}"); c.execute("pragma synchronous=off")`,
    );
    const end = beginCommits(writer);
    const seen = await until("it is seen writing, and to have committed by the next look", async () => {
      const look = await lookAtWriter(database, writer.pid);
      return (look.progress?.commits ?? 0) > 0 && look;
    });
    expect(seen.progress?.withinMs).toBeGreaterThanOrEqual(50);
    expect(seen.summary).toMatchObject([expect.stringMatching(/ at this moment; the lock was released in between /)]);
    const spared = await until("kill meets it writing", async () => {
      const answer = await killJson([database, "--yes", "--dry-run"]);
      return answer.spared.length > 0 && answer;
    });
    expect(spared).toMatchObject({ code: 0, outcomes: [], spared: [{ pid: writer.pid, reasonKind: "takes-turns" }] });
    expect(await killJson([database, "--yes", "--dry-run", "--pid", String(writer.pid)])).toMatchObject({
      outcomes: [{ pid: writer.pid, result: "planned" }],
      spared: [],
    });
    writeFileSync(end, "");
    await writer.answer();

    // It runs all the time, and does not get on.
    writer.begin(`
c.execute("begin immediate")
c.execute("insert into t values (1)")
while not os.path.exists(${JSON.stringify(`${end}2`)}): sum(range(1000))`);
    const stuck = await lookAtWriter(database, writer.pid);
    expect(stuck.progress).toMatchObject({ commits: 0 });
    expect(stuck.summary[0]).toContain("active within the last second: every other writer gets 'database is locked'");
    expect(await killJson([database, "--yes", "--dry-run"])).toMatchObject({
      outcomes: [{ pid: writer.pid, result: "planned" }],
      spared: [],
    });
    writeFileSync(`${end}2`, "");
    await writer.answer();
  },
);

test.each(["wal", "delete"] as const)(
  "%s: a writer of ordinary transactions, of a fraction of a second each, is busy; silent: one that never lets go",
  async (mode) => {
    const database = newDatabase(mode);
    const writer = await holding(database);
    const end = join(tempFolder(), "end");
    writer.begin(`
while not os.path.exists(${JSON.stringify(end)}):
    c.execute("begin immediate")
    c.execute("insert into t values (1)")
    time.sleep(0.2)
    c.execute("commit")
    time.sleep(0.05)`);
    const seen = await until("a look begins while it writes", async () => {
      const look = await lookAt(database);
      return holderOf(look, writer.pid).blocks.includes("writers") && look;
    });
    expect(seen.verdict).toMatchObject({ state: "busy", pids: [writer.pid] });
    writeFileSync(end, "");
    await writer.answer();

    writer.begin(`
c.execute("begin immediate")
while not os.path.exists(${JSON.stringify(`${end}2`)}): time.sleep(0.01)`);
    const stuck = await until("it holds its lock in every look", async () => {
      const look = await lookAt(database);
      return look.progress?.inEachLook !== undefined && look;
    });
    expect(stuck.verdict.state).toBe("blocked");
    expect(stuck.verdict.sentence).toMatch(
      / has held the write lock (in each of \d+ checks within|for at least) [\d.]+ s\.$/,
    );
    expect(stuck.progress).toMatchObject({ commits: 0, inEachLook: [writer.pid] });
    writeFileSync(`${end}2`, "");
    await writer.answer();
  },
);

test.each(["wal", "delete"] as const)(
  "%s: in locking_mode=EXCLUSIVE nobody gets in between two commits",
  async (mode) => {
    const database = newDatabase(mode);
    // In WAL mode set after the first read: the wal-index counts the commits.
    const writer = await holding(
      database,
      `
c.execute("select * from t").fetchall()
for pragma in ("locking_mode=exclusive", "synchronous=off"): c.execute("pragma " + pragma)
c.execute("insert into t values (1)")`,
    );
    const end = beginCommits(writer);
    const seen = await until("it has EXCLUSIVE", async () => {
      const look = await lookAt(database);
      return holderOf(look, writer.pid).blocks.includes("readers") && look;
    });
    expect(seen.progress).toMatchObject({ commits: 0 });
    expect(seen.summary[0]).toContain("every other reader and writer gets 'database is locked'");
    writeFileSync(end, "");
    await writer.answer();
  },
);

test("kill --yes ends the reader that a checkpoint waits for, and not the checkpoint, which goes on", async () => {
  const database = newDatabase("wal");
  const checkpointer = await holding(
    database,
    `c.execute("insert into t values (1)"); c.execute("pragma busy_timeout=60000")`,
  );
  const reader = await holding(database, `cursor = c.execute("select a from t"); cursor.fetchone()`);
  checkpointer.begin(`answer = c.execute("pragma wal_checkpoint(truncate)").fetchone()`);
  await until("the checkpoint waits", async () => (await lookAt(database)).waits.length > 0);
  const answer = await killJson([database, "--yes"]);
  expect(answer).toMatchObject({ code: 0, outcomes: [{ pid: reader.pid, result: "exited" }] });
  expect(await checkpointer.answer()).toEqual([0, 0, 0]);
  expect(await runs(checkpointer.pid)).toBe(true);
});
