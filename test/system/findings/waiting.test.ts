/** Who waits for a lock: for that of another process, or for its own. */
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { startChild } from "../../support/child.ts";
import { literal } from "../../support/connection.ts";
import { theFinding } from "../../support/findings.ts";
import { startHolder } from "../../support/holder.ts";
import { has, need } from "../../support/skip.ts";
import { connect, holding, newDatabase } from "../../support/sqlite.ts";
import { findingIds, holderOf, lookAt } from "../../support/sqlock.ts";
import { until } from "../../support/until.ts";

const WRITE = `c.execute("begin immediate"); c.execute("insert into t values (1)")`;

/** On a slow machine nobody is called forgotten while the test still waits for another. */
const looked = (database: string) => lookAt(database, ["--stale-after", "10m"]);

async function waitersOf(database: string): Promise<readonly number[]> {
  return (await looked(database)).findings.find((finding) => finding.id === "likely-waiting")?.pids ?? [];
}

test.each(["delete", "wal"] as const)(
  "%s: a Python program that waits for a writer, and gets its lock in the end",
  async (mode) => {
    const database = await newDatabase(mode);
    const writer = await holding(database, WRITE);
    const idle = await holding(database, `c.execute("select count(*) from t").fetchall()`);
    const waiter = await holding(database, `c.execute("pragma busy_timeout=30000")`);
    waiter.begin(`c.execute("begin immediate"); c.execute("commit")`);
    const seen = await until("it is seen to wait", async () => {
      const look = await looked(database);
      return findingIds(look).includes("likely-waiting") && look;
    });
    const finding = theFinding(seen, "likely-waiting");
    expect(finding).toMatchObject({ severity: "info", pids: [waiter.pid] });
    expect(finding.summary).toMatch(new RegExp(`^${waiter.pid} .* is likely waiting for the lock that ${writer.pid} `));
    expect(finding.remedy).toContain(`Deal with ${writer.pid},`);
    expect(holderOf(seen, idle.pid).activity).toBe("idle");

    await writer.run(`c.execute("commit")`);
    await waiter.answer();
    expect(await waitersOf(database)).toEqual([]);
  },
);

const SLEEPERS = {
  "sleeps for long, since a moment ago": "time.sleep(1000)",
  "looks every second whether files have changed": "while True: time.sleep(1)",
  "has a thread that ticks, as Go's programs have": `
def tick():
    while True: time.sleep(0.005)
threading.Thread(target=tick, daemon=True).start()
threading.Event().wait()`,
};

test.each(Object.entries(SLEEPERS))("silent: a program that %s", async (_, sleep) => {
  const database = await newDatabase("wal");
  const writer = await holding(
    database,
    `${WRITE}; d = sqlite3.connect(${literal(database)}); d.execute("select count(*) from t").fetchall()`,
  );
  const reader = await holding(database, `c.execute("select count(*) from t").fetchall()`);
  for (const holder of [writer, reader]) {
    holder.begin(sleep);
    holder.answer().catch(() => {}); // the test's end kills it
  }
  for (let i = 0; i < 3; i++)
    expect((await looked(database)).findings).toMatchObject([{ id: "same-process-contention", severity: "info" }]);
});

test("the sqlite3 shell and better-sqlite3 wait alike", async (context) => {
  need(context, has("sqlite3"), "sqlite3");
  const database = await newDatabase();
  const writer = await holding(database, `c.execute("begin exclusive")`);
  const shell = startChild("sqlite3", ["-cmd", ".timeout 300000", database, "insert into t values (2)"]);
  const better = createRequire(import.meta.url).resolve("better-sqlite3");
  const program =
    `const db = require(${literal(better)})(${literal(database)}, { timeout: 300000 }); db.exec("insert into t ` +
    'values (3)")';
  const node = startChild(process.execPath, ["-e", program]);
  const seen = new Set<number>();
  await until("both are seen to wait", async () => {
    for (const pid of await waitersOf(database)) seen.add(pid);
    return seen.has(shell.pid) && seen.has(node.pid);
  });
  expect(seen).toEqual(new Set([shell.pid, node.pid]));
  await writer.run(`c.execute("commit")`);
  expect([await shell.exitCode, await node.exitCode]).toEqual([0, 0]);
});

/**
 * Python: a second connection `d` of the same thread waits for its own process, again and again until the file is there
 * that ends it: it is seen to wait by chance. The answer is how that went, and how long it took, each time.
 */
const WAITS_FOR_ITSELF = (end: string) => `
d = sqlite3.connect(path, isolation_level=None, timeout=3)
answer = []
while not os.path.exists(${literal(end)}):
    started = time.monotonic()
    try:
        d.execute("begin immediate")
    except sqlite3.OperationalError as error:
        answer.append([str(error), time.monotonic() - started])`;

test.each(["delete", "wal"] as const)(
  "%s: two connections on one thread: the second waits its whole timeout for the first",
  async (mode) => {
    const database = await newDatabase(mode);
    const holder = await holding(database, `path = ${literal(database)}\n${WRITE}`);
    const end = `${database}.end`;
    holder.begin(WAITS_FOR_ITSELF(end));
    const seen = await until("it is seen to wait", async () => {
      const look = await looked(database);
      return look.findings.some((finding) => finding.severity === "warning") && look;
    });
    expect(seen.findings).toMatchObject([{ id: "same-process-contention", severity: "warning", pids: [holder.pid] }]);
    const finding = theFinding(seen, "same-process-contention");
    expect(finding.summary).toContain(`has ${mode === "wal" ? "" : "likely "}2 connections`);
    expect(finding.detail).toContain("it is likely waiting for its other connection");
    writeFileSync(end, "");
    for (const [error, waited] of (await holder.answer()) as [string, number][]) {
      expect(error).toBe("database is locked");
      expect(waited).toBeGreaterThan(2.9);
      expect(waited).toBeLessThan(6);
    }

    await holder.run("d.close()");
    // One connection that writes; in rollback mode SQLite keeps the descriptor of the other until the first has no
    // lock.
    expect((await looked(database)).findings).toMatchObject(
      mode === "wal" ? [] : [{ id: "same-process-contention", severity: "info" }],
    );
    await holder.run(`c.execute("commit"); c.execute("begin immediate")`);
    expect((await looked(database)).findings).toEqual([]);
  },
);

test("two connections on two threads: one waits for the other, and may succeed", async () => {
  const database = await newDatabase("wal");
  const holder = await startHolder();
  await holder.run(`
${connect(database)}
${WRITE}
def wait():
    d = sqlite3.connect(${literal(database)}, isolation_level=None, timeout=30)
    d.execute("begin immediate")
    d.execute("commit")
    d.close()
thread = threading.Thread(target=wait)
thread.start()`);
  const seen = await until("it is seen to wait", async () => {
    const look = await looked(database);
    return look.findings.some((finding) => finding.severity === "warning") && look;
  });
  expect(seen.findings).toMatchObject([{ id: "same-process-contention", pids: [holder.pid] }]);
  await holder.run(`c.execute("commit"); thread.join()`);
  expect((await looked(database)).findings).toEqual([]);
});

test("silent: two connections of one process that only read; a pool whose writer writes is no warning", async () => {
  for (const mode of ["delete", "wal"] as const) {
    const database = await newDatabase(mode);
    const read = `.execute("select a from t"); cursors.append(x)`;
    const holder = await holding(
      database,
      `cursors = []; x = c${read}; d = sqlite3.connect(${literal(database)}, isolation_level=None); x = d${read}`,
    );
    expect((await looked(database)).findings).toEqual([]);
    await holder.run(`cursors = x = None; ${WRITE}`);
    expect((await looked(database)).findings).toMatchObject([
      { id: "same-process-contention", severity: "info", pids: [holder.pid] },
    ]);
  }
});
