/** A job of cron that is started again before its last run has ended. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { duration } from "../../../src/text/duration.ts";
import { theFinding } from "../../support/findings.ts";
import { startHolder } from "../../support/holder.ts";
import { connect, newDatabase } from "../../support/sqlite.ts";
import { findingIds, holderOf, lookAt } from "../../support/sqlock.ts";
import { until } from "../../support/until.ts";

/** A shell of its own, as cron starts one for each run. */
const BY_CRON = ["sh", "-c", '"$@"; exit', "sh"];

const START = "c.execute('begin immediate'); c.execute('insert into t values (1)')";

test.each([
  ["runs of one job", BY_CRON, ["likely-waiting", "overlapping-runs"]],
  ["workers of one program", [], ["likely-waiting"]],
])("%s", async (_, through, expected) => {
  const database = newDatabase();
  const first = await startHolder({ through });
  const pid = await first.run(`${connect(database)}\n${START}\nanswer = os.getpid()`);
  await sleep(1100); // as the start times have it: a second or more apart
  const second = await startHolder({ through });
  const secondPid = await second.run(
    `c = sqlite3.connect(${JSON.stringify(database)}, isolation_level=None, timeout=60)\nanswer = os.getpid()`,
  );
  second.begin(START);
  const seen = await until("the second waits", async () => {
    const look = await lookAt(database, ["--stale-after", "10m"]); // nobody is forgotten on a slow machine
    return findingIds(look).includes("likely-waiting") && look;
  });
  expect(findingIds(seen)).toEqual(expected);
  if (through.length > 0) {
    const finding = theFinding(seen, "overlapping-runs");
    expect(finding).toMatchObject({ severity: "info", pids: [pid, secondPid] });
    const [started, secondStarted] = [pid, secondPid].map((each) =>
      Date.parse(holderOf(seen, Number(each)).startedAt ?? ""),
    );
    const apart = duration(Number(secondStarted) - Number(started));
    expect(finding.detail).toContain(`${secondPid} was started ${apart} after ${pid}, which held the lock then.`);
  }
  await first.run("c.execute('commit')");
  await second.answer();
});
