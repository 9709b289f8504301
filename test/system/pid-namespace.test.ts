import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bareReserved, connection, ROLLBACK, WAL, WRITE } from "../support/connection.ts";
import { startHolder } from "../support/holder.ts";
import { isRoot, need } from "../support/skip.ts";
import { holderOf, lockNames, lookAt, sqlock, whoHolds } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

/** A cache of one page: what is changed spills into the database, so that the journal is synced and valid. */
const SPILL = [
  "pragma cache_size=1",
  "begin immediate",
  "insert into t select randomblob(4000) from (values (1),(2),(3),(4),(5),(6))",
];

/** unshare(1) starts the program as its child, which is pid 1 in there and another number out here. */
const CHILD_NAMESPACE = ["unshare", "-pf", "--kill-child", "--mount-proc"];

function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim());
}

test("a holder in a child pid namespace is seen from outside, with the pid that it has there", async (context) => {
  need(context, isRoot, "root");
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder({ through: CHILD_NAMESPACE });
  expect(await holder.run("answer = os.getpid()")).toBe(1);
  await holder.run(connection(database, ...WAL, ...WRITE));
  for (const args of [[], ["--locks-only"]]) {
    const report = await lookAt(database, args);
    expect(report.holders).toHaveLength(1);
    expect(lockNames(holderOf(report, childOf(holder.pid)))).toEqual([
      "DMS:read",
      "READ1:read",
      "SHARED:read",
      "WRITE:write",
    ]);
  }
});

test("from inside, holders outside are not seen, and a journal may be hot or not", async (context) => {
  need(context, isRoot, "root");
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder();
  await holder.run(connection(database, ...ROLLBACK, ...SPILL));
  expect(lockNames(holderOf(await lookAt(database), holder.pid))).toContain("EXCLUSIVE:write");

  const inside = await whoHolds([database], { through: CHILD_NAMESPACE });
  expect(inside.databases).toMatchObject([
    { holders: [], journal: { hot: null }, findings: [{ id: "other-namespace", severity: "info", pids: [] }] },
  ]);
  expect(inside.unseen).toMatchObject({
    processes: null,
    reason: expect.stringContaining("in other pid namespaces"),
    remedy: "run sqlock on the host",
  });
  const { code, stdout, stderr } = await sqlock(["who-holds", "--exit-code", database], { through: CHILD_NAMESPACE });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^Unknown: a -journal lies beside it, /);
  expect(stdout).toContain("journal (hot?)");
  const wait = await sqlock(["who-holds", "--wait", "50s", "-q", database], { through: CHILD_NAMESPACE });
  expect(wait).toMatchObject({ code: 2, stdout: "" });
  expect(wait.stderr).toMatch(/^sqlock: .*: Unknown: .*\n$/);
});

test("a hot journal is hot from outside; from inside that is unknown, as a holder may be outside", async (context) => {
  need(context, isRoot, "root");
  const database = join(tempFolder(), "db.sqlite3");
  const writer = await startHolder();
  await writer.run(connection(database, ...ROLLBACK, ...SPILL));
  await writer.end();
  expect((await lookAt(database)).journal).toMatchObject({ hot: true });
  expect((await lookAt(database, [], { through: CHILD_NAMESPACE })).journal).toMatchObject({ hot: null });
});

test("holders in the same child namespace are seen from inside it", async (context) => {
  need(context, isRoot, "root");
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder({ through: CHILD_NAMESPACE });
  await holder.run(connection(database, ...ROLLBACK, ...WRITE));
  const report = await lookAt(database, [], {
    through: ["nsenter", "-t", String(childOf(holder.pid)), "-m", "-p", "--"],
  });
  expect(lockNames(holderOf(report, 1))).toEqual(["RESERVED:write", "SHARED:read"]);
});

test("a /proc of the outer namespace, seen from the inner one, still tells the truth", async (context) => {
  need(context, isRoot, "root");
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder();
  await holder.run(bareReserved(database));
  const report = await lookAt(database, [], { through: ["unshare", "-pf", "--kill-child"] });
  expect(lockNames(holderOf(report, holder.pid))).toEqual(["RESERVED:write"]);
});
