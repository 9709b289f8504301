/** Findings in programs with frameworks: with the lines of the program, in the words of the framework. */
import { expect, type TestContext, test } from "vitest";
import type { Traced } from "../../support/call-sites.ts";
import { expectFinding, type Finding, patternsOf, recordProgram } from "../../support/program-findings.ts";
import { pythonOfUserWith } from "../../support/python.ts";

const DJANGO = ["django/project.py", "django/views.py", "django/right_views.py", "django/tasks.py"];

function run(
  context: TestContext,
  modules: readonly string[],
  path: string,
  args: readonly string[],
  beside: readonly string[] = [],
): Promise<Traced> {
  const through = [pythonOfUserWith(context, ...modules)];
  return recordProgram(path, { source: "sampled", through, args }, beside);
}

function expectOnly(traced: Traced, findings: readonly Finding[]): void {
  expect(traced.code, traced.stderr).toBe(0);
  for (const finding of findings) expectFinding(traced, finding);
  const known = new Set<string>(findings.map(({ id }) => id));
  expect(patternsOf(traced).filter(({ id }) => !known.has(id))).toEqual([]);
}

const VIEWS: readonly Finding[] = [
  {
    id: "think-time",
    database: "slow.db",
    pattern: { framework: "django" },
    lines: {
      begunAt: 'with transaction.atomic("slow"):',
      "pause.after": 'order = Order.objects.using("slow").create(state="new")',
      "pause.before": 'order.save(using="slow")',
    },
    says: "; begun at {begunAt} in checkout (GET /checkout/), nothing for 1.",
  },
  {
    id: "think-time",
    database: "requests.db",
    lines: { begunAt: 'Order.objects.using("requests").create(state="reported")' },
    says: "; begun at {begunAt} in report (GET /report/), nothing for 1.",
  },
  {
    id: "busy-snapshot",
    database: "upgrade.db",
    lines: {
      readAt: 'orders = Order.objects.using("upgrade").count()',
      wroteAt: 'Order.objects.using("upgrade").create(state=f"number {orders}")',
    },
    says: "; read at {readAt} in reserve (GET /reserve/), refused at {wroteAt} in reserve (GET /reserve/).",
  },
  {
    id: "transaction-left-open",
    database: "by_hand.db",
    lines: { begunAt: 'Order.objects.using("by_hand").create(state="new")' },
    says: "; begun at {begunAt} in by_hand (GET /by_hand/)",
  },
  {
    id: "cursor-left-open",
    database: "export.db",
    lines: { readAt: "first = next(orders)" },
    says: " after the call at {readAt} in export (GET /export/",
  },
  {
    id: "never-closed",
    database: "threads.db",
    pattern: { severity: "warning", evidence: { opened: 25 } },
    lines: { openedAt: 'elsewhere(lambda: Order.objects.using("threads").count())' },
    says: " opened 25 connections at {openedAt} in <lambda> (thread worker), and closed none of them: ",
  },
  {
    id: "one-transaction-per-row",
    database: "loop.db",
    lines: { changedAt: 'Order.objects.using("loop").create(state=f"number {number}")' },
    says: " at {changedAt} in loop (GET /loop/), and held the write lock for ",
  },
];

test("Django: views", async (context) => {
  const traced = await run(context, ["django"], "django/server.py", ["views"], DJANGO);
  expectOnly(traced, VIEWS);
  for (const cure of [
    "Do slow work outside of atomic(), and of views under ATOMIC_REQUESTS",
    'Set "transaction_mode": "IMMEDIATE" in OPTIONS of DATABASES',
    "Write inside `with transaction.atomic():`",
    "Read with list(queryset) instead of iterator()",
    "Call connection.close() at the end of each thread of your own",
    "Use bulk_create()",
  ])
    expect(traced.stderr).toContain(cure);
});

test("Django: ten tasks, each with a connection of its own, inside one transaction", async (context) => {
  const traced = await run(context, ["django"], "django/run_tasks.py", ["import_all"], DJANGO);
  expectOnly(traced, [
    {
      id: "tasks-with-own-connections",
      database: "shop.db",
      pattern: { severity: "warning", framework: "django", evidence: { tasks: 11, connections: 11, refused: 10 } },
      lines: {
        usedAt: 'Order.objects.using("shop").create(state=f"number {number}")',
        heldAt: 'Order.objects.using("shop").all().delete()',
      },
      says: ", because of the transaction that wrote at {heldAt} in import_all (task Task-1): while SQLite waits in",
    },
  ]);
  expect(traced.stderr).toContain("Write through one sync_to_async function");
});

test("Flask: a response after its connection was closed, and connections that no request closes", async (context) => {
  const traced = await run(context, ["flask"], "shop_flask.py", []);
  expect(traced.stdout).toBe("Cannot operate on a closed database.\n");
  expectOnly(traced, [
    {
      id: "used-after-close",
      database: "stream.db",
      pattern: { framework: "flask" },
      lines: {
        openedAt: "g.db = sqlite3.connect(STREAM)",
        closedAt: "db.close()",
        usedAt: 'yield str(g_db.execute("SELECT count(*) FROM orders").fetchone())',
      },
      says: "after it was closed at {usedAt} in rows; opened at {openedAt} in stream",
    },
    {
      id: "never-closed",
      database: "requests.db",
      pattern: { evidence: { opened: 40 } },
      lines: { openedAt: "return sqlite3.connect(REQUESTS)" },
      says: " opened 40 connections at {openedAt} in get_db",
    },
  ]);
  expect(traced.stderr).toContain("Keep the connection in flask.g, and close it in a function with");
});

test("SQLAlchemy: sessions", async (context) => {
  const traced = await run(context, ["sqlalchemy"], "shop_sqlalchemy.py", []);
  expectOnly(traced, [
    {
      id: "think-time",
      database: "slow.db",
      pattern: { framework: "sqlalchemy" },
      lines: { "pause.after": "session.commit() if IS_RIGHT else session.flush()", "pause.before": "session.commit()" },
      says: " after {pause.after} in pay (thread payments) (before line ",
    },
    {
      id: "transaction-left-open",
      database: "forgotten.db",
      lines: { begunAt: "session.flush()" },
      says: " had a write transaction open when a thread ended; begun at {begunAt} in job (thread job)",
    },
    {
      id: "one-transaction-per-row",
      database: "rows.db",
      lines: { changedAt: "session.commit()" },
      says: " at {changedAt} in commit_each, and held the write lock for ",
    },
    {
      id: "busy-snapshot",
      database: "upgrade.db",
      lines: { readAt: "order = session.get(Order, 1)", wroteAt: "session.commit()" },
      says: "; read at {readAt} in refused, refused at {wroteAt} in refused.",
    },
  ]);
});

test("aiosqlite: a connection for each task, and a task that does not commit", async (context) => {
  const traced = await run(context, ["aiosqlite"], "shop_aiosqlite.py", []);
  expectOnly(traced, [
    {
      id: "tasks-with-own-connections",
      database: "shop.db",
      pattern: { framework: "aiosqlite", evidence: { tasks: 5, connections: 5, refused: 4 } },
      lines: {
        usedAt: 'await db.execute("INSERT INTO orders VALUES (?)", (number,))',
        heldAt: 'await db.execute("INSERT INTO orders VALUES (?)", (number,))',
      },
      says: ", because of the transaction that wrote at {heldAt} in order (task Task-",
    },
    {
      id: "transaction-left-open",
      database: "forgotten.db",
      pattern: { evidence: { ended: "task" } },
      lines: { begunAt: 'await db.execute("INSERT INTO orders VALUES (0)")' },
      says: " had a write transaction open when a task ended; begun at {begunAt} in job (task Task-",
    },
  ]);
});

test.for<[string, string, string, readonly string[]]>([
  ["django", "django/server.py", "right_views", DJANGO],
  ["django", "django/run_tasks.py", "gather_all", DJANGO],
  ["flask", "shop_flask.py", "right", []],
  ["sqlalchemy", "shop_sqlalchemy.py", "right", []],
  ["aiosqlite", "shop_aiosqlite.py", "right", []],
])("%s, %s %s: the same done right has no finding", async ([module, path, how, beside], context) => {
  expectOnly(await run(context, [module], path, [how], beside), []);
});
