import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { locksOfPasses } from "../../src/proc/locks.ts";
import { LocksFile } from "../../src/proc/locks-file.ts";
import { startHolder } from "../support/holder.ts";
import { isRoot, need } from "../support/skip.ts";
import { repetitions } from "../support/soak.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { holderOf, lockNames, lookAt } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { until } from "../support/until.ts";

/** All of them take some minutes. */
const LOOKS = repetitions(10_000, 200);
const PARALLEL = 10;

/**
 * Some processes that take and drop fcntl locks on many files without a pause, so that /proc/locks fills pages and
 * never rests.
 */
async function churn(): Promise<void> {
  const folder = tempFolder();
  for (let i = 0; i < 2; i++) {
    const holder = await startHolder();
    holder.begin(`
os.nice(5)
files = [os.open(os.path.join(${JSON.stringify(folder)}, "${i}-" + str(k)), os.O_RDWR | os.O_CREAT) for k in range(90)]
for f in files[::2]:
    fcntl.lockf(f, fcntl.LOCK_EX, 10, 0)
while True:
    for f in files:
        fcntl.lockf(f, fcntl.LOCK_EX, 10, 100)
    for f in files:
        fcntl.lockf(f, fcntl.LOCK_UN, 10, 100)`);
    holder.answer().catch(() => {}); // it never answers: the test's end kills it
  }
  await until("/proc/locks is longer than a page", async () => {
    const reading = await new LocksFile("/proc").read();
    return reading.kind === "ok" && reading.value.passes.every((pass) => pass.length > 2 * 4096);
  });
}

test(`churn: in ${LOOKS} looks at /proc/locks no lock that is held all the time is missed`, async () => {
  const database = await newDatabase();
  const holder = await holding(database, `c.execute("begin immediate")`);
  await churn();
  const inode = String(statSync(database, { bigint: true }).ino);
  let missed = 0;
  let inPart = 0; // there was no time for enough passes, which the reading says
  let singlePasses = 0;
  let missedByOnePass = 0;
  const look = async () => {
    const reading = await new LocksFile("/proc").read();
    if (reading.kind !== "ok") throw new Error("no /proc/locks");
    const held = (passes: readonly string[]) =>
      locksOfPasses(passes, (each) => each === inode).locks.filter((lock) => lock.pid === holder.pid);
    if (!reading.value.complete) inPart++;
    else if (held(reading.value.passes).length !== 2) missed++;
    for (const pass of reading.value.passes) {
      singlePasses++;
      if (held([pass]).length !== 2) missedByOnePass++;
    }
  };
  const started = performance.now();
  for (let i = 0; i < LOOKS; i += PARALLEL) await Promise.all(Array.from({ length: PARALLEL }, look));
  console.log(
    `${missedByOnePass} of ${singlePasses} single passes missed a lock; ` +
      `${missed} of ${LOOKS} looks, ${inPart} in part; ` +
      `${Math.round(performance.now() - started)} ms`,
  );
  expect(missed).toBe(0);
  expect(inPart).toBeLessThan(LOOKS);
});

test("churn: --locks-only as an ordinary user names the holder every time", async (context) => {
  need(context, isRoot, "root, to become another user");
  const database = await newDatabase();
  const holder = await holding(database, `c.execute("begin immediate")`);
  await churn();
  for (let i = 0; i < repetitions(40, 5); i++) {
    const seen = await lookAt(database, ["--locks-only"], { uid: 65534, cwd: join(database, "..") });
    const found = holderOf(seen, holder.pid);
    expect(lockNames(found)).toEqual(["RESERVED:write", "SHARED:read"]);
    expect(found).toMatchObject({ activity: "writing", complete: false, handles: [] });
  }
});
