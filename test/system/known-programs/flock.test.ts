/** flock(1) around a command that uses the database: what cron jobs do to keep two runs apart. */
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { literal } from "../../support/connection.ts";
import { theFinding } from "../../support/findings.ts";
import { startHolder } from "../../support/holder.ts";
import { journalMode } from "../../support/journal-mode.ts";
import { startProgram } from "../../support/program.ts";
import { has, need } from "../../support/skip.ts";
import { connect, newDatabase } from "../../support/sqlite.ts";
import { findingIds, holderOf, lookAt } from "../../support/sqlock.ts";
import { until } from "../../support/until.ts";

const WRITE = `c.execute("begin immediate"); c.execute("insert into t values (1)")`;

/** The command is a child that inherits the descriptor, or that has closed it (-o). */
test.each<[string, (database: string) => string[]]>([
  ["flock db command", (database) => ["flock", database]],
  ["flock -s db command", (database) => ["flock", "-s", database]],
  ["flock -o db command", (database) => ["flock", "-o", database]],
  ["exec 9<db; flock 9", (database) => ["sh", "-c", 'exec 9<"$0"; flock 9; "$@"; exit $?', database]],
  ["exec 9<>db; flock 9", (database) => ["sh", "-c", 'exec 9<>"$0"; flock 9; "$@"; exit $?', database]],
  ["exec 9>>db; flock 9", (database) => ["sh", "-c", 'exec 9>>"$0"; flock 9; "$@"; exit $?', database]],
])("%s: the command writes, and is known as one connection whose lock has an age", async (_, through) => {
  const database = await newDatabase();
  const script = await startHolder({ through: through(database) });
  const command = Number(await script.run("answer = os.getpid()"));
  await script.run(`${connect(database)}\n${WRITE}`);
  const seen = await lookAt(database, ["--stale-after", "1ms"]);
  const holder = holderOf(seen, command);
  expect(holder).toMatchObject({ activity: "writing", heldAtLeastMs: expect.any(Number) });
  expect(findingIds(seen)).toEqual(["uncommitted-write", "foreign-lock"]);
  expect(theFinding(seen, "foreign-lock")).toMatchObject({
    severity: "info",
    remedy: expect.stringContaining("Nothing, if it is meant to keep two runs of one job apart"),
  });
});

test("a second run that waits for the flock, and a command without SQLite, are nothing of their own", async () => {
  const database = await newDatabase();
  const [first, second] = [0, 1].map(() => startProgram(["flock", database, "sh", "-c", "echo ready; cat"]));
  await until("one of them has the flock", () => `${first?.output}${second?.output}`.includes("ready"));
  const seen = await lookAt(database);
  expect(findingIds(seen)).toEqual(["foreign-lock"]);
  expect(seen.holders.map(({ activity, blocks }) => [activity, blocks])).toEqual(seen.holders.map(() => ["idle", []]));
});

test("journal-mode does not refuse because of it", async () => {
  const database = await newDatabase();
  await startHolder({ through: ["flock", database] });
  expect(await journalMode([database, "wal"])).toMatchObject({ code: 0, after: "wal" });
});

test("silent next to it: SQLite's locks alone; told of: a flock that may be SQLite's own (unix-flock)", async () => {
  const database = await newDatabase();
  const writer = await startHolder();
  await writer.run(`${connect(database)}\n${WRITE}`);
  expect(findingIds(await lookAt(database))).toEqual([]);
  const other = await startHolder();
  await other.run(`f = os.open(${literal(database)}, os.O_RDWR); fcntl.flock(f, fcntl.LOCK_EX)`);
  expect(theFinding(await lookAt(database), "mixed-lock-apis")).toMatchObject({
    severity: "warning",
    pids: [writer.pid, other.pid],
  });
});

test("by sqlite3 itself", async (context) => {
  need(context, has("sqlite3"), "sqlite3");
  const database = await newDatabase();
  const shell = startProgram(["flock", database, "sqlite3", database]);
  shell.type("begin immediate; insert into t values (1); select 'has it';\n");
  await shell.prints(/has it/);
  expect(findingIds(await lookAt(database))).toEqual(["foreign-lock"]);
  expect(execFileSync("sqlite3", [database, "select 1"], { encoding: "utf8" })).toBe("1\n"); // no reader is kept out
});
