/** Findings in programs with better-sqlite3: with their lines, and silent where the same is done right. */
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Traced } from "../../support/call-sites.ts";
import { expectFinding, type Finding, patternsOf, recordProgram } from "../../support/program-findings.ts";
import { ROOT } from "../../support/root.ts";
import { AS_CALLER, NODE } from "../../support/sqlock.ts";

/** As the caller: others may not read its packages. */
function run(...args: readonly string[]): Promise<Traced> {
  const env = { MODULES: join(ROOT, "package.json") };
  return recordProgram("shop_better_sqlite3.cjs", {
    source: "sampled",
    through: [NODE],
    args,
    env,
    options: AS_CALLER,
  });
}

const INSERT = 'db.prepare("INSERT INTO orders (state) VALUES (?)").run(next);';

const FINDINGS: readonly Finding[] = [
  {
    id: "never-closed",
    database: "never_closed.db",
    pattern: { severity: "warning", framework: "better-sqlite3" },
    lines: { openedAt: 'const db = new Database(path.join(__dirname, "never_closed.db"));' },
    says: " opened 40 connections at {openedAt} in neverClosed, and closed none of them: ",
  },
  {
    id: "used-after-close",
    database: "closed.db",
    lines: { closedAt: "if (!isRight) db.close();", usedAt: "read.get();" },
    says: " used a connection after it was closed at {usedAt} in closedTooEarly; opened at ",
  },
  {
    id: "transaction-left-open",
    database: "forgotten.db",
    pattern: { evidence: { ended: "close", writes: 1 } },
    lines: { begunAt: 'db.exec("BEGIN");', endedAt: "db.close();" },
    says: " was rolled back; begun at {begunAt} in leftOpen, ended at {endedAt} in leftOpen, open for ",
  },
  {
    id: "busy-snapshot",
    database: "upgrade.db",
    lines: { readAt: 'const { count } = db.prepare("SELECT count(*) AS count FROM orders").get();', wroteAt: INSERT },
    says: "; read at {readAt} in readThenWrite, refused at {wroteAt} in readThenWrite.",
  },
  {
    id: "think-time",
    database: "network.db",
    lines: {
      begunAt: 'db.exec("BEGIN");',
      "pause.after": "db.exec(\"INSERT INTO orders (state) VALUES ('paying')\");",
      "pause.before": "db.exec(\"UPDATE orders SET state = 'paid'\");",
    },
    says: " after {pause.after} in networkInTransaction (before line ",
  },
  {
    id: "cursor-left-open",
    database: "cursor.db",
    lines: { readAt: "if (!isRight) rows.next();" },
    says: " after the call at {readAt} in unreadCursor had returned: a cursor that was not read to its end",
  },
  {
    id: "timeout-zero",
    database: "timeout.db",
    lines: {
      openedAt: 'const two = new Database(path.join(__dirname, "timeout.db"), isRight ? {} : { timeout: 0 });',
    },
    says: " with a busy timeout of 0 at {openedAt} in noTimeout: ",
  },
  {
    id: "one-transaction-per-row",
    database: "rows.db",
    lines: { changedAt: 'for (let order = 0; order < 300; order++) insert.run("imported");' },
    says: " at {changedAt} in all, and held the write lock for ",
  },
];

test("each finding has its lines", async () => {
  const traced = await run();
  expect(traced).toMatchObject({ code: 0, stdout: "SQLITE_BUSY_SNAPSHOT\nThe database connection is not open\n" });
  for (const finding of FINDINGS) expectFinding(traced, finding);
  expect(patternsOf(traced)).toHaveLength(FINDINGS.length);
});

test("the same done right: no finding", async () => {
  const traced = await run("right");
  expect(traced).toMatchObject({ code: 0, stdout: "" });
  expect(patternsOf(traced)).toEqual([]);
});
