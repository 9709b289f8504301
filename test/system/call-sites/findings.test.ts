/** Findings in programs with Python's sqlite3: with their lines, and silent where the same is done right. */
import { expect, type TestContext, test } from "vitest";
import type { Source } from "../../support/call-sites.ts";
import { expectFinding, type Finding, patternsOf, recordProgram } from "../../support/program-findings.ts";
import { needTracing } from "../../support/tracefs.ts";

function needSource(context: TestContext, source: Source): void {
  if (source === "kernel") needTracing(context);
}

const NETWORK = "db.execute(\"UPDATE orders SET state = 'paying' WHERE id = 1\")";

const FINDINGS: readonly Finding[] = [
  {
    id: "never-closed",
    database: "never_closed.db",
    pattern: { severity: "warning", framework: "sqlite3", evidence: { opened: 40 } },
    lines: { openedAt: "with sqlite3.connect(path) as db:  # ends the transaction, not the connection" },
    says: "opened 40 connections at {openedAt} in state_of, and closed none of them: ",
  },
  {
    id: "wrong-thread",
    database: "wrong_thread.db",
    lines: {
      openedAt: 'db = sqlite3.connect(database("wrong_thread.db"))',
      usedAt: 'db.execute("SELECT count(*) FROM orders")',
    },
    says:
      "used a connection in another thread than its own: made in the main thread at {openedAt} in wrong_thread, " +
      "used in thread worker-1 at {usedAt} in worker.",
  },
  {
    id: "used-after-close",
    database: "used_after_close.db",
    lines: { openedAt: "db = sqlite3.connect(path)", closedAt: "db.close()", usedAt: "return cursor.fetchall()" },
    says:
      "used a connection after it was closed at {usedAt} in all_rows; opened at {openedAt} in all_rows and closed " +
      "at {closedAt} in all_rows.",
  },
  {
    id: "transaction-left-open",
    database: "left_open.db",
    pattern: { evidence: { ended: "thread", writes: 1 } },
    lines: { begunAt: "db.execute(\"UPDATE orders SET state = 'sent' WHERE id = 1\")" },
    says: "had a write transaction open when a thread ended; begun at {begunAt} in job (thread job), open for ",
  },
  {
    id: "busy-snapshot",
    database: "read_then_write.db",
    pattern: { evidence: { refused: 1 } },
    lines: {
      readAt: "new = one.execute(\"SELECT count(*) FROM orders WHERE state = 'new'\").fetchone()",
      wroteAt: 'one.execute("INSERT INTO orders (state) VALUES (?)", new)',
    },
    says: "once; read at {readAt} in read_then_write, refused at {wroteAt} in read_then_write.",
  },
  {
    id: "read-then-write",
    database: "deadlock.db",
    pattern: { evidence: { refused: 1 } },
    lines: {
      readAt: 'new = one.execute("SELECT count(*) FROM orders").fetchone()',
      wroteAt: 'one.execute("INSERT INTO orders (state) VALUES (?)", new)',
    },
    says: "read first and wrote later, and were refused at once, ",
  },
  {
    id: "think-time",
    database: "network.db",
    lines: {
      begunAt: NETWORK,
      "pause.after": NETWORK,
      "pause.before": 'db.execute("UPDATE orders SET state = ? WHERE id = 1", (state,))',
    },
    says: "after {pause.after} in network_in_transaction (thread network) (before line ",
  },
  {
    id: "cursor-left-open",
    database: "unread_cursor.db",
    lines: { readAt: 'cursor = db.execute("SELECT * FROM orders")' },
    says: "after the call at {readAt} in unread_cursor (thread reader",
  },
  {
    id: "timeout-zero",
    database: "no_timeout.db",
    lines: { openedAt: "no_wait = sqlite3.connect(path, timeout=0)" },
    says: "opened 1 connection with a busy timeout of 0 at {openedAt} in no_timeout: ",
  },
  {
    id: "shared-memory-database",
    database: "shop_test",
    lines: { openedAt: 'return sqlite3.connect("file:shop_test?mode=memory&cache=shared", uri=True)' },
    says: "share the database in memory `shop_test`, opened at {openedAt} in connect: ",
  },
  {
    id: "one-transaction-per-row",
    database: "commit_each.db",
    lines: { changedAt: "db.execute(\"INSERT INTO orders (state) VALUES ('imported')\")" },
    says: " at {changedAt} in commit_each, and held the write lock for ",
  },
];

test.for<Source>(["sampled", "kernel"])("%s: each finding has its lines", async (source, context) => {
  needSource(context, source);
  const traced = await recordProgram("shop_sqlite3.py", { source });
  expect(traced.code).toBe(0);
  for (const finding of FINDINGS) expectFinding(traced, finding);
  expect(patternsOf(traced).map(({ id }) => id)).not.toContain("no-busy-timeout");
});

test("the same done right: no finding", async () => {
  const traced = await recordProgram("shop_sqlite3_right.py", { source: "sampled" }, ["shop_sqlite3.py"]);
  expect(traced.code).toBe(0);
  expect(patternsOf(traced)).toEqual([]);
});
