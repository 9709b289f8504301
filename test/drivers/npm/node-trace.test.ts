/** What the tracer inside of the program tells of the drivers that the machine's own Node.js does not have. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, type TestContext, test } from "vitest";
import { isComplete, story, told } from "../../support/node-trace.ts";
import { runTraced } from "../../support/program-trace.ts";
import { tempFolder } from "../../support/temp.ts";
import { NODE_22, program, withPackages } from "./install.ts";

const SYNCHRONOUS = join(import.meta.dirname, "../../system/in-program/node-programs/synchronous.cjs");

test("node:sqlite, by require()", async (context) => {
  const { argv } = await withPackages(context, "node-sqlite.cjs", NODE_22);
  const file = join(tempFolder(), "a.db");
  const run = await runTraced([argv[0] ?? "", "--no-warnings", SYNCHRONOUS, "node:sqlite", file]);
  expect(run).toMatchObject({ stderr: "", stdout: 'near "nonsense": syntax error\nERR_INVALID_STATE 11\n', code: 0 });
  expect(isComplete(run.messages)).toBe(true);
  const events = told(run.messages);
  expect(
    story(events.filter(({ sql, rest }) => !(sql?.includes("(?)") === true && /^as?$/.test(`${rest[2]}`)))),
  ).toEqual([
    "open",
    "a create table t(a)",
    "b begin immediate",
    "w insert into t values (?)",
    "r select count(*) as n from t",
    "end commit 3",
    "bw begin; insert into t values (5)",
    "end rollback 1",
    "b savepoint s",
    "w insert into t values (?)",
    "end commit 1",
    "ae nonsense SQLITE_ERROR",
    "b begin",
    "w insert into t values (?)",
    "end closed 1",
    "close closed",
    "misuse",
  ]);
});

test("node:sqlite, by import: the class is the same, and its warning comes once", async (context) => {
  const { argv } = await withPackages(context, "node-sqlite.cjs", NODE_22);
  const command = [argv[0] ?? "", program("traced/module.mjs")] as const;
  const plain = spawnSync(command[0], [command[1], join(tempFolder(), "a.db")], { encoding: "utf8" });
  const run = await runTraced([...command, join(tempFolder(), "a.db")]);
  const same = (text: string) => text.replace(/\(node:\d+\)/g, "(node)");
  expect([run.stdout, same(run.stderr), run.code]).toEqual([plain.stdout, same(plain.stderr), plain.status]);
  expect(plain.stdout).toBe("true true\n");
  const events = told(run.messages);
  expect(story(events)).toEqual([
    ...["open", "b begin immediate", "w create table t(a)", "end commit 1", "close closed"],
    ...["open", "a select a from t"],
  ]);
  expect(events.map(({ lines }) => lines[0])).toEqual([5, 6, 7, 8, 9, 10, 11]);
});

test("without SQLite nothing of it is loaded", async (context) => {
  const { argv } = await withPackages(context, "node-sqlite.cjs", NODE_22);
  const script = "console.log(process.moduleLoadList.filter((name) => /sqlite/.test(name)).length)";
  const run = await runTraced([argv[0] ?? "", "-e", script]);
  expect(run).toMatchObject({ stdout: "0\n", stderr: "", code: 0, messages: [] });
});

async function bothWithSqlite3(context: TestContext, how: string) {
  const { argv, env } = await withPackages(context, "sqlite3.cjs", NODE_22);
  const variables = { ...process.env, ...env };
  const command = [argv[0] ?? "", program("traced/sqlite3.cjs")] as const;
  const args = [command[1], join(tempFolder(), "a.db"), how];
  const plain = spawnSync(command[0], args, { encoding: "utf8", env: variables });
  const run = await runTraced([...command, join(tempFolder(), "a.db"), how], { env: variables });
  expect([run.stdout, run.stderr, run.code]).toEqual([plain.stdout, plain.stderr, plain.status]);
  expect(plain.stdout.split("\n").length).toBeGreaterThan(5);
  return run;
}

test("node-sqlite3: a failure that nobody handles ends the program as before", async (context) => {
  const run = await bothWithSqlite3(context, "uncaught");
  expect(run.code).not.toBe(0);
  expect(run.stderr).toContain("Emitted 'error' event on Statement instance");
});

test("node-sqlite3, with callbacks and without", async (context) => {
  const run = await bothWithSqlite3(context, "handled");
  expect(run.stderr).toBe("");
  expect(isComplete(run.messages)).toBe(true);
  const events = told(run.messages);
  expect(story(events)).toEqual([
    "open",
    "a create table t(a)",
    "b begin immediate",
    "w insert into t values (?)",
    "r select a from t",
    "end commit 3",
    "ae nonsense SQLITE_ERROR",
    "ae insert into missing values (1) SQLITE_ERROR",
    "close closed",
    "misuse",
  ]);
  expect(events.find(({ type }) => type === "end")?.lines[0]).toBe(19);
  expect(events.slice(0, -2).every(({ tid }) => tid === 0)).toBe(true);
});
