/** What takes long: a worker that hangs is ended after ten seconds; switches beside programs that come and go. */
import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { journalMode, modeOfFile, untilWorkerOn } from "../support/journal-mode.ts";
import { holding, newDatabase } from "../support/sqlite.ts";

test("a worker that is stopped: an end, a reason, and the mode is unchanged", { timeout: 120_000 }, async () => {
  const database = await newDatabase();
  const reader = await holding(database, `c.execute("begin"); c.execute("select * from t").fetchall()`);
  const switching = journalMode([database, "wal", "--wait", "1s"]);
  process.kill(await untilWorkerOn(database), "SIGSTOP");
  const answer = await switching;
  expect(answer).toMatchObject({
    code: 1,
    changed: false,
    reason: expect.stringMatching(/was ended: it did nothing for 10 s/),
  });
  expect(answer.holders).toMatchObject([{ pid: reader.pid }]);
  expect(modeOfFile(database)).toBe("delete");
});

/** A machine that is busy with other things makes fewer in the time. */
const SWITCHES = 20;
const MIN_SWITCHES = 3;
const LONGEST_MS = 300_000;

/** Of one call, which waits for half a minute at most: on such a machine its processes take long to start. */
const CALL_MS = 180_000;

test("programs that connect, commit and leave, all the time: each switch is proved, and no row is lost", {
  timeout: LONGEST_MS + 3 * CALL_MS,
}, async () => {
  const database = await newDatabase("wal");
  const busy = await holding(database, "c.close()");
  await busy.run(`
import threading, time
rows, failed, going = [], [], True
def commit():
    while going:
        try:
            c = sqlite3.connect(${JSON.stringify(database)}, isolation_level=None, timeout=60)
            c.execute("insert into t values (7)"); rows.append(1)
            c.close(); time.sleep(0.005)
        except BaseException as error: failed.append(repr(error)); return
threads = [threading.Thread(target=commit) for _ in range(2)]
for each in threads: each.start()`);
  let left = 0;
  const reasons: string[] = [];
  for (const end = performance.now() + LONGEST_MS; left < SWITCHES && performance.now() < end; ) {
    const leave = await journalMode([database, "delete", "--wait", "30s"], { timeoutMs: CALL_MS });
    const enter = await journalMode([database, "wal", "--wait", "30s"], { timeoutMs: CALL_MS });
    if (leave.changed && leave.proof !== null) left++;
    reasons.push(...[leave, enter].flatMap(({ reason, blockedBy }) => (blockedBy.length > 0 ? [] : (reason ?? []))));
  }
  expect(left).toBeGreaterThanOrEqual(MIN_SWITCHES);
  const { rows, failed } = (await busy.run(`
going = False
for each in threads: each.join()
answer = {"rows": len(rows), "failed": failed}`)) as { rows: number; failed: string[] };
  expect(failed).toEqual([]);
  const reader = await holding(database);
  expect(await reader.run(`answer = c.execute("select count(*) from t where a = 7").fetchone()[0]`)).toBe(rows);
  expect(await reader.run(`answer = c.execute("pragma integrity_check").fetchone()[0]`)).toBe("ok");
  // Last, so that the rows tell first whether anything is lost. A blocker may be gone when it is looked for.
  expect(reasons.filter((reason) => !reason.includes("gone by now"))).toEqual([]);
  expect(readdirSync(dirname(database)).filter((name) => name.includes("kept"))).toEqual([]);
});
