/**
 * A driver's six tests: WAL and rollback mode, each with a read transaction, a write transaction and an idle
 * connection. Its program takes DATABASE MODE ACTION, makes that state through the driver, prints `ready` with the
 * version of SQLite, waits for the end of its stdin, ends the transaction and closes. Where the driver cannot do the
 * mode, it ends with an error: "the journal mode is X, not Y".
 */
import { describe, expect, type TestContext, test } from "vitest";
import type { LockApi } from "../../src/sqlite/locks.ts";
import { type Holder, startHolder } from "../support/holder.ts";
import { type Program, startProgram } from "../support/program.ts";
import { connect, newDatabase } from "../support/sqlite.ts";
import { findingIds, lockNames, lookAt } from "../support/sqlock.ts";
import { ACTIONS, type Action, type Deviation, expectedOf, MODES, type Mode } from "./expected.ts";

export interface Command {
  /** The program; DATABASE MODE ACTION follow. */
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Driver {
  /** As its users call it. */
  readonly name: string;
  /** What to start: fetched or built first, where it has to be. Skips the test where something is missing. */
  readonly command: (context: TestContext) => Command | Promise<Command>;
  /** How it takes its locks; `posix` where it is left out. */
  readonly api?: LockApi;
  /** How it takes those on the -shm file, where that is another way. */
  readonly shmApi?: LockApi;
  /** The companion file that it locks in WAL mode; `shm` where it is left out. */
  readonly lockedInWal?: "shm" | "wal";
  readonly deviations?: readonly Deviation[];
  /** The modes that it refuses, and why: its program must fail there. */
  readonly refuses?: Partial<Record<Mode, string>>;
}

export function testDrivers(drivers: readonly Driver[]): void {
  describe.each(drivers)("$name", (driver) => {
    for (const mode of MODES) {
      const why = driver.refuses?.[mode];
      if (why === undefined)
        for (const action of ACTIONS) test(`${mode}, ${action}`, (context) => testCell(context, driver, mode, action));
      else test(`${mode} is refused: ${why}`, (context) => testRefusal(context, driver, mode));
    }
  });
}

async function testCell(context: TestContext, driver: Driver, mode: Mode, action: Action): Promise<void> {
  const { database, program } = await begin(context, driver, mode, action);
  const [, sqlite] = await program.prints(/^ready(.*)$/m);
  const other = await startHolder();
  if (mode === "wal" && action === "read") await commitRow(other, database);

  const seen = await lookAt(database);
  const found = seen.holders.map((holder) => ({
    pid: holder.pid,
    activity: holder.activity,
    blocks: holder.blocks,
    locks: lockNames(holder).map((name) => name.replace(/^READ\d/, "READ")),
    files: [...new Set(holder.handles.map(({ role }) => role))].sort(),
  }));
  const apis = Object.fromEntries(seen.holders.flatMap(({ locks }) => locks.map(({ role, api }) => [role, api])));
  const { findings, refuses, ...expected } = expectedOf(mode, action, driver.deviations);
  expect(
    { journalMode: seen.journalMode, holders: found, findings: findingIds(seen), apis },
    `of ${driver.name}, SQLite${sqlite}`,
  ).toEqual({
    journalMode: mode === "wal" ? "wal" : "rollback",
    holders: [{ pid: program.pid, ...expected }],
    findings,
    apis: expected.locks.length === 0 ? {} : apisOf(driver, mode),
  });
  expect(await refusedTo(other, database, mode), "what SQLite refuses to another connection").toEqual(refuses);

  program.endInput();
  await program.ends();
  expect(program.exitCode, program.output).toBe(0);
  expect((await lookAt(database)).holders).toEqual([]);
}

function apisOf({ api = "posix", shmApi = api, lockedInWal = "shm" }: Driver, mode: Mode): Record<string, LockApi> {
  return { database: api, ...(mode === "wal" ? { [lockedInWal]: shmApi } : {}) };
}

async function testRefusal(context: TestContext, driver: Driver, mode: Mode): Promise<void> {
  const { program } = await begin(context, driver, mode, "idle");
  program.endInput();
  await program.ends();
  expect(program.output).toMatch(/the journal mode is \w+, not \w+/);
  expect(program.exitCode, program.output).not.toBe(0);
}

async function begin(
  context: TestContext,
  driver: Driver,
  mode: Mode,
  action: Action,
): Promise<{ database: string; program: Program }> {
  const { argv, env = {} } = await driver.command(context);
  const database = newDatabase();
  return { database, program: startProgram([...argv, database, mode, action], { env }) };
}

/** So that a reader in WAL mode keeps a frame from being copied back, unless it keeps writers out. */
async function commitRow(other: Holder, database: string): Promise<void> {
  await other.run(`
${connect(database)}
try:
    c.execute("insert into t values (2)")
except sqlite3.OperationalError as error:
    if "locked" not in str(error): raise
c.close()`);
}

/** What a connection of another process cannot do now. The journal mode comes last: it may change. */
async function refusedTo(other: Holder, database: string, mode: Mode): Promise<unknown> {
  const target = mode === "wal" ? "delete" : "wal";
  return other.run(`
${connect(database)}
answer = []
def attempt(effect, *statements):
    try:
        for statement in statements: rows = c.execute(statement).fetchall()
        if effect == "checkpoints" and rows[0][0] == 1: answer.append(effect)
    except sqlite3.OperationalError as error:
        if "locked" not in str(error): raise
        answer.append(effect)
    if c.in_transaction: c.execute("rollback")
attempt("readers", "select count(*) from t")
attempt("writers", "begin immediate")
${mode === "wal" ? "" : 'attempt("commits", "begin immediate", "insert into t values (3)", "commit")'}
${mode === "wal" ? 'attempt("checkpoints", "pragma wal_checkpoint(truncate)")' : ""}
attempt("journal-mode", "pragma journal_mode = ${target}")
c.close()`);
}
