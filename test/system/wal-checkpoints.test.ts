import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Holder } from "../support/holder.ts";
import { killJson } from "../support/kill.ts";
import { holding, insertRows, newDatabase } from "../support/sqlite.ts";
import { holderOf, lockNames, lookAt, sqlock } from "../support/sqlock.ts";
import { until } from "../support/until.ts";

test("WAL: locking_mode=EXCLUSIVE set before the first read needs no -shm", async () => {
  const database = await newDatabase("wal");
  const holder = await holding(
    database,
    `c.execute("pragma locking_mode=exclusive"); c.execute("insert into t values (1)")`,
  );
  const seen = await lookAt(database);
  const found = holderOf(seen, holder.pid);
  expect(found).toMatchObject({ activity: "exclusive", blocks: ["readers", "writers", "journal-mode"] });
  expect(lockNames(found)).toContain("EXCLUSIVE:write");
  expect(found.handles.map((handle) => handle.role).sort()).toEqual(["database", "wal"]);
  expect(seen.files.map((file) => file.role)).toEqual(["database", "wal"]);
  expect(seen.findings).toEqual([]);
  // Nobody keeps a wal-index: the frames are counted in the file.
  expect(seen.wal?.frames).toBeGreaterThan(0);
  expect(seen.wal).toMatchObject({ uncommittedFrames: 0, checkpointedKnown: false });
  // Idle or in a transaction: the locks are the same, and nobody says that it is the one or the other.
  const both = "whether it has a transaction open cannot be seen from outside";
  expect(seen.summary).toMatchObject([expect.stringContaining(both)]);
  const plan = await killJson([database, "--yes", "--dry-run"]);
  expect(plan.outcomes[0]?.consequences[0]).toContain(both);
  const { stdout } = await sqlock(["integrity", "--wait", "0", database]);
  expect(stdout).toContain("end the transaction there, or close the connection if there is none");

  await holder.run(`c.execute("pragma cache_size=1"); c.execute("begin"); ${insertRows(500)}`);
  const writing = await lookAt(database);
  expect(writing.wal?.frames).toBe(seen.wal?.frames);
  expect(writing.wal?.uncommittedFrames).toBeGreaterThan(100);
  const likely = "it likely has a write transaction open";
  expect(writing.summary).toMatchObject([expect.stringContaining(likely)]);
  expect((await killJson([database, "--yes", "--dry-run"])).outcomes[0]?.consequences[0]).toContain(likely);
});

test("WAL: locking_mode=EXCLUSIVE set later keeps the -shm", async () => {
  const database = await newDatabase("wal");
  const holder = await holding(
    database,
    `
c.execute("select count(*) from t").fetchall()
c.execute("pragma locking_mode=exclusive")
c.execute("insert into t values (1)")`,
  );
  const seen = await lookAt(database);
  const found = holderOf(seen, holder.pid);
  expect(found).toMatchObject({ activity: "exclusive" });
  expect(found.blocks).toEqual(expect.arrayContaining(["readers", "writers", "journal-mode"]));
  expect(lockNames(found)).toEqual(expect.arrayContaining(["EXCLUSIVE:write", "DMS:read"]));
  expect(found.handles.map((handle) => handle.role).sort()).toEqual(["database", "shm", "wal"]);
  expect(seen.findings).toEqual([]);
});

test.each(["full", "restart", "truncate"])(
  "WAL: a %s checkpoint that waits for a reader keeps writers out",
  async (mode) => {
    const database = await newDatabase("wal");
    const checkpointer = await holding(database, `${insertRows(10)}; c.execute("pragma busy_timeout=60000")`);
    const reader = await holding(database, `cursor = c.execute("select a from t"); cursor.fetchone()`);
    await checkpointer.run(insertRows(10));
    checkpointer.begin(`answer = c.execute("pragma wal_checkpoint(${mode})").fetchone()`);
    const seen = await until("the checkpoint holds its locks", async () => {
      const look = await lookAt(database);
      return holderOf(look, checkpointer.pid).locks.some((lock) => lock.name === "WRITE") && look;
    });
    const found = holderOf(seen, checkpointer.pid);
    expect(found).toMatchObject({ activity: "checkpointing", blocks: ["writers", "checkpoints", "journal-mode"] });
    expect(lockNames(found)).toEqual(["CKPT:write", "DMS:read", "SHARED:read", "WRITE:write"]);
    expect(holderOf(seen, reader.pid)).toMatchObject({ activity: "reading", blocks: ["checkpoints", "journal-mode"] });
    // The reader is the cause.
    expect(seen.waits).toMatchObject([
      { pid: checkpointer.pid, for: "checkpoint", blockedBy: [reader.pid], sure: "proved" },
    ]);
    expect(seen.blockers.find(({ effect }) => effect === "writers")?.waitsFor).toEqual([reader.pid]);
    expect(seen.summary[0]).toContain(`Its checkpoint waits for the read of ${reader.pid} (`);
    const plan = await killJson([database, "--yes", "--dry-run"]);
    expect(plan.outcomes).toMatchObject([{ pid: reader.pid, result: "planned" }]);
    expect(plan.outcomes[0]?.consequences.join(" ")).toContain(
      `The checkpoint of ${checkpointer.pid} is waiting for it, and keeps others out until this process has ended.`,
    );
    await reader.run("cursor.close()");
    expect(await checkpointer.answer()).toEqual([0, expect.any(Number), expect.any(Number)]);
    expect(holderOf(await lookAt(database), checkpointer.pid)).toMatchObject({
      activity: "idle",
      blocks: ["journal-mode"],
    });
  },
);

test("WAL: a passive checkpoint, stopped in the middle of its copying", async () => {
  const database = await newDatabase("wal");
  const holder = await holding(database, `c.execute("pragma wal_autocheckpoint=0")`);
  await until("a checkpoint could be stopped while it copied", () => stoppedInCheckpoint(holder));
  const seen = await lookAt(database);
  const found = holderOf(seen, holder.pid);
  expect(found).toMatchObject({
    activity: "checkpointing",
    blocks: ["checkpoints", "journal-mode"],
    state: "stopped",
    readMark: null,
  });
  expect(lockNames(found)).toEqual(["CKPT:write", "DMS:read", "READ0:write", "SHARED:read"]);
  expect(seen.findings).toMatchObject([{ id: "suspended-holder", pids: [holder.pid] }]);
});

/** Stops the process when it is seen to copy frames back; false when it was faster than that. */
async function stoppedInCheckpoint(holder: Holder): Promise<boolean> {
  await holder.run(insertRows(20_000));
  let done = false;
  holder.begin(`answer = c.execute("pragma wal_checkpoint(passive)").fetchone()`);
  const ends = () => {
    done = true;
  };
  const answer = holder.answer().then(ends, ends); // the test's end kills it
  const copies = () =>
    new RegExp(`WRITE ${holder.pid} \\S+ (121 121|123 123|121 123)$`, "m").test(readFileSync("/proc/locks", "utf8"));
  await until("the checkpoint begins or ends", () => done || copies());
  holder.kill("SIGSTOP");
  await until("it has stopped", () => /\) T /.test(readFileSync(`/proc/${holder.pid}/stat`, "utf8")));
  if (new RegExp(`WRITE ${holder.pid} \\S+ 123 123$`, "m").test(readFileSync("/proc/locks", "utf8"))) return true;
  holder.kill("SIGCONT");
  await answer;
  return false;
}
