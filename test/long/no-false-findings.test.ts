/** What comes and goes while sqlock looks is no finding. */
import { expect, test } from "vitest";
import { startHolder } from "../support/holder.ts";
import { repetitions } from "../support/soak.ts";
import { newDatabase } from "../support/sqlite.ts";
import { findingIds, lookAt } from "../support/sqlock.ts";

const LOOPS = {
  "connections of a WAL database that are opened and closed": [
    "wal",
    `
while True:
    c = sqlite3.connect(path, isolation_level=None)
    c.execute("select count(*) from t").fetchall()
    c.close()`,
  ],
  "transactions of a rollback database that begin and end": [
    "delete",
    `
c = sqlite3.connect(path, isolation_level=None)
c.execute("pragma synchronous=off")
while True:
    c.execute("insert into t values (1)")
    c.execute("delete from t where a = 1")`,
  ],
  "transactions in truncate mode that begin and end": [
    "delete",
    `
c = sqlite3.connect(path, isolation_level=None)
c.execute("pragma synchronous=off")
c.execute("pragma journal_mode=truncate")
while True:
    c.execute("insert into t values (1)")
    c.execute("delete from t where a = 1")`,
  ],
} as const;

test.each(Object.entries(LOOPS))("%s without a pause are accused of nothing", async (_, [mode, loop]) => {
  const database = await newDatabase(mode);
  const busy = await startHolder();
  busy.begin(`path = ${JSON.stringify(database)}\n${loop}`);
  const failed = busy.answer().then(
    () => undefined,
    (error: Error) => (error.message === "the holder ended" ? undefined : error),
  );
  let met = 0;
  for (let i = 0; i < repetitions(40, 5); i++) {
    const seen = await lookAt(database);
    expect(findingIds(seen)).toEqual([]);
    if (seen.holders.some((holder) => holder.pid === busy.pid)) met++;
  }
  expect(met).toBeGreaterThan(0);
  await busy.end();
  expect(await failed).toBeUndefined();
});
