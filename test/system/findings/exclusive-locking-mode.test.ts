import { expect, test } from "vitest";
import { theFinding } from "../../support/findings.ts";
import { python } from "../../support/python.ts";
import { connect, holding, insertRows, newDatabase } from "../../support/sqlite.ts";
import { findingIds, holderOf, lookAt } from "../../support/sqlock.ts";
import { until } from "../../support/until.ts";

/**
 * Python: a transaction whose pages no longer fit into the cache, so that some are in the database before it is
 * committed.
 */
const SPILLED =
  'c.execute("create index if not exists i on t(a)"); c.execute("pragma cache_size=1"); c.execute("begin"); ' +
  insertRows(500);

/** What is said of a holder that has not run for half a second. */
async function whenIdle(database: string, pid: number) {
  return until(
    "it has been idle for half a second",
    async () => {
      const seen = await lookAt(database, ["--stale-after", "500ms"]);
      const { idleMs } = holderOf(seen, pid);
      if (idleMs === null) throw new Error("how long it is idle cannot be known here");
      return idleMs >= 500 && seen;
    },
    200,
  );
}

const EXCLUSIVE = {
  "locking_mode=EXCLUSIVE between two transactions": [
    "delete",
    `c.execute("pragma locking_mode=exclusive"); c.execute("insert into t values (1)")`,
  ],
  "locking_mode=EXCLUSIVE in WAL mode": [
    "wal",
    `c.execute("pragma locking_mode=exclusive"); c.execute("insert into t values (1)")`,
  ],
  "BEGIN EXCLUSIVE before its first write": ["delete", `c.execute("begin exclusive")`],
  "a transaction with its journal in memory": ["delete", `c.execute("pragma journal_mode=memory"); ${SPILLED}`],
} as const;

test.each(Object.entries(EXCLUSIVE))("%s, of a process that does not run", async (_, [mode, deed]) => {
  const database = await newDatabase(mode);
  const holder = await holding(database, deed);
  expect((await lookAt(database)).findings).toEqual([]); // ran a moment ago
  const seen = await whenIdle(database, holder.pid);
  expect(seen.findings).toMatchObject([{ id: "exclusive-locking-mode", severity: "warning", pids: [holder.pid] }]);
  expect(theFinding(seen, "exclusive-locking-mode").remedy.includes("do not kill it")).toBe(mode === "delete");
  const other = await holding(database);
  await expect(other.run(`c.execute("select count(*) from t").fetchall()`)).rejects.toThrow("database is locked");
});

function integrity(database: string): string {
  return python(`import sqlite3
${connect(database)}
try: print(c.execute("pragma integrity_check").fetchone()[0])
except sqlite3.DatabaseError as error: print(error)`).trim();
}

test(
  "killed with its journal in memory it leaves a corrupt database; silent next to it: the same with a journal, " +
    "which is undone",
  async () => {
    const inMemory = await newDatabase();
    await (await holding(inMemory, `c.execute("pragma journal_mode=memory"); ${SPILLED}`)).end();
    expect(integrity(inMemory)).not.toBe("ok");

    const database = await newDatabase();
    const holder = await holding(database, SPILLED);
    expect(findingIds(await whenIdle(database, holder.pid))).toEqual(["uncommitted-write"]);
    await holder.end();
    expect(integrity(database)).toBe("ok");
  },
);
