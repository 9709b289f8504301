import { expect, test } from "vitest";
import { holding, newDatabase } from "../support/sqlite.ts";
import { findingIds, holderOf, lookAt, sqlock } from "../support/sqlock.ts";
import { SELDOM_MS, until } from "../support/until.ts";

const WRITE = `c.execute("begin immediate"); c.execute("insert into t values (1)")`;

test.each(["delete", "wal"] as const)("%s: a writer that is suspended, and one that was continued", async (mode) => {
  const database = await newDatabase(mode);
  const writer = await holding(database, WRITE);
  const look = async (state: string) =>
    until(`it is ${state}`, async () => {
      const seen = await lookAt(database);
      return holderOf(seen, writer.pid).state === state && seen;
    });
  writer.kill("SIGSTOP");
  const suspended = await look("stopped");
  expect(holderOf(suspended, writer.pid)).toMatchObject({ activity: "writing", stale: ["stopped"] });
  expect(suspended.findings).toMatchObject([{ id: "suspended-holder", severity: "error", pids: [writer.pid] }]);
  expect(suspended.findings[0]?.remedy).toContain(`kill -CONT ${writer.pid}`);

  writer.kill("SIGCONT");
  const continued = await look("sleeping");
  expect(holderOf(continued, writer.pid)).toMatchObject({ activity: "writing", stale: [] });
  expect(findingIds(continued)).toEqual([]);
});

test("a suspended process that blocks nobody is no finding", async () => {
  const database = await newDatabase("wal");
  const reader = await holding(database, `c.execute("select count(*) from t").fetchall()`);
  reader.kill("SIGSTOP");
  const seen = await until("it has stopped", async () => {
    const look = await lookAt(database);
    return holderOf(look, reader.pid).state === "stopped" && look;
  });
  expect(holderOf(seen, reader.pid).stale).toEqual(["stopped"]);
  expect(findingIds(seen)).toEqual([]);
});

/** The threshold in these tests; ten seconds unless told. */
const STALE_AFTER_MS = 1000;
const STALE_AFTER = ["--stale-after", `${STALE_AFTER_MS}ms`];

test("a write transaction that nobody has worked on for a while; one whose program works on is none", async () => {
  const [database, other] = [await newDatabase(), await newDatabase("wal")];
  const taken = performance.now();
  const writer = await holding(database, WRITE);
  const busy = await holding(other, WRITE);
  busy.begin(`
while True:
    time.sleep(0.1)`);
  busy.answer().catch(() => {}); // the test's end kills it
  const seen = await until(
    "it has been idle for long enough",
    async () => {
      const look = await lookAt(database, STALE_AFTER);
      const { idleMs } = holderOf(look, writer.pid);
      if (idleMs === null) throw new Error("how long it is idle cannot be known here");
      expect(idleMs).toBeLessThanOrEqual(performance.now() - taken);
      if (idleMs < STALE_AFTER_MS / 2) expect(findingIds(look)).toEqual([]);
      return idleMs >= STALE_AFTER_MS && look;
    },
    SELDOM_MS,
  );
  expect(findingIds(await lookAt(database))).toEqual([]); // ten seconds unless told
  const found = holderOf(seen, writer.pid);
  expect(found.heldAtLeastMs).toBe(found.idleMs);
  expect(found.stale).toEqual(["idle-in-transaction"]);
  expect(seen.findings).toMatchObject([{ id: "uncommitted-write", severity: "error", pids: [writer.pid] }]);
  expect(seen.findings[0]?.detail).toMatch(/^It has held RESERVED and SHARED for at least [1-9]/);
  expect((await sqlock(["who-holds", ...STALE_AFTER, database])).stdout).toMatch(
    /error uncommitted-write: .* holds the write lock, asleep for [1-9][\d.]* s/,
  );

  const awake = await lookAt(other, STALE_AFTER);
  expect(holderOf(awake, busy.pid)).toMatchObject({ activity: "writing", stale: [] });
  expect(findingIds(awake)).toEqual([]);

  await writer.run(`c.execute("commit")`);
  const after = await lookAt(database, STALE_AFTER);
  expect(findingIds(after)).toEqual([]);
  expect(holderOf(after, writer.pid)).toMatchObject({ activity: "idle", heldAtLeastMs: null, stale: [] });
});
