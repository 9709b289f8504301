/** `sqlock kill DB --yes && migrate`, `sqlock who-holds -q --wait 30s DB && migrate`: not beside a writer unseen. */
import { expect, test } from "vitest";
import { literal } from "../support/connection.ts";
import { startHolder } from "../support/holder.ts";
import { killJson } from "../support/kill.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { sqlock } from "../support/sqlock.ts";

const WAIT = ["who-holds", "-q", "--wait", "0"];

test("a writer of unix-none whose cache has spilled blocks nobody: still not free", async () => {
  const database = newDatabase();
  const writer = await startHolder();
  const uri = literal(`file:${database}?vfs=unix-none`);
  await writer.run(
    `c = sqlite3.connect(${uri}, uri=True, isolation_level=None); c.execute("pragma cache_size=1"); ` +
      `c.execute("begin"); c.execute("update t set a = randomblob(1000)")`,
  );
  const [killed, text, waited] = await Promise.all([
    killJson([database, "--yes"]),
    sqlock(["kill", database, "--stale"]),
    sqlock([...WAIT, database]),
  ]);
  const refused = { code: 1, stillBlocked: true, unsafeToOpen: ["lost-locks"], outcomes: [], blockers: [] };
  expect(killed).toMatchObject(refused);
  expect(text.code).toBe(1);
  expect(text.stdout.replace(/\s+/g, " ")).toMatch(
    new RegExp(
      `The database is not safe to open now, although no lock shows that \\(lost-locks of ${writer.pid} .* To ` +
        `do: Let it finish`,
    ),
  );
  expect(waited).toMatchObject({ code: 1, stdout: "" });

  await writer.run(`c.execute("commit"); c.close()`);
  expect(await sqlock([...WAIT, database])).toMatchObject({ code: 0 });
});

test("idle connections are safe to go on beside, and so is a journal that is rolled back", async () => {
  const wal = newDatabase("wal");
  await holding(wal, `c.execute("insert into t values (1)")`);
  const hot = newDatabase();
  await (await holding(hot, `c.execute("pragma cache_size=1"); c.execute("begin"); c.execute("delete from t")`)).end();
  await holding(hot, "");
  const answers = await Promise.all([killJson([wal, "--yes"]), killJson([hot, "--yes"]), sqlock([...WAIT, wal, hot])]);
  const safe = { code: 0, stillBlocked: false, unsafeToOpen: [] };
  expect(answers).toMatchObject([safe, safe, { code: 0 }]);
});
