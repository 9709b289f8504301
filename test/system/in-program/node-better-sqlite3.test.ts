/** What the tracer tells of better-sqlite3. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { isComplete, story, told } from "../../support/node-trace.ts";
import { runTraced } from "../../support/program-trace.ts";
import { tempFolder } from "../../support/temp.ts";

const program = (name: string) => join(import.meta.dirname, "node-programs", name);

test("a program with one of everything", async () => {
  const file = join(tempFolder(), "a.db");
  const run = await runTraced([process.execPath, program("synchronous.cjs"), "better-sqlite3", file]);
  expect(run.stderr).toBe("");
  expect(run.stdout).toBe('near "nonsense": syntax error\nTypeError 11\n');
  expect(isComplete(run.messages)).toBe(true);
  expect(run.messages[0]?.slice(3)).toEqual([1, expect.stringMatching(/^\d+$/), "node", process.versions.node, 0]);
  expect(run.messages.at(-1)?.[0]).toBe("bye");
  const events = told(run.messages);
  const inserts = events.filter(({ sql, rest }) => sql === "insert into t values (?)" && /^as?$/.test(String(rest[2])));
  expect(inserts.reduce((sum, { rest }) => sum + (rest[3] as number), 0)).toBe(10);
  expect(story(events.filter((event) => !inserts.includes(event)))).toEqual([
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
  expect(events[0]?.rest.slice(2)).toEqual([
    "better-sqlite3",
    file,
    { timeoutMs: 5000, memory: null, readOnly: false },
  ]);
  expect(events.find(({ type }) => type === "misuse")?.lines).toEqual([27]);
});

test("every event has the line of the program's own code", async () => {
  const file = join(tempFolder(), "a.db");
  const run = await runTraced([process.execPath, program("synchronous.cjs"), "better-sqlite3", file]);
  const events = told(run.messages);
  expect(events.every(({ files, isLibrary }) => files[0]?.includes("/node-programs/") && isLibrary === false)).toBe(
    true,
  );
  const at = (text: string) => events.filter(({ sql }) => sql === text).map(({ lines }) => lines[0]);
  expect(at("begin immediate")).toEqual([8]);
  expect(at("commit")).toEqual([12]);
  expect(at("nonsense")).toEqual([19]);
  expect(events.every(({ thread, tid }) => thread === null && tid === events[0]?.pid)).toBe(true);
});

test("from a module, behind an await", async () => {
  const file = join(tempFolder(), "a.db");
  const run = await runTraced([process.execPath, program("module.mjs"), file]);
  const events = told(run.messages);
  expect(story(events)).toEqual([
    "open",
    "a select 1 as one",
    "b BEGIN IMMEDIATE",
    "w create table t(a)",
    "end commit 1",
  ]);
  expect(events.map(({ lines }) => lines)).toEqual([[9], [6, 10], [11], [11, 11], [11]]);
  expect(events.every(({ files }) => files.every((each) => each === program("module.mjs")))).toBe(true);
});

test("threads and child processes have numbers of their own", async () => {
  const file = join(tempFolder(), "a.db");
  const run = await runTraced([process.execPath, program("workers.cjs"), file]);
  expect(run).toMatchObject({ stdout: "", stderr: "", code: 0 });
  expect(isComplete(run.messages)).toBe(true);
  const events = told(run.messages);
  const inserts = events.filter(({ sql }) => sql?.startsWith("insert"));
  const [main] = events.filter(({ stream }) => stream === 0);
  const [worker, child, last] = inserts;
  expect(worker).toMatchObject({ stream: 1, thread: "worker 1", pid: main?.pid });
  expect(worker?.tid).not.toBe(main?.tid);
  expect(child).toMatchObject({ stream: 0, thread: null });
  expect(child?.pid).not.toBe(main?.pid);
  expect(last).toMatchObject({ stream: 0, thread: null, pid: main?.pid });
  const conns = events.filter(({ type, pid }) => type === "open" && pid === main?.pid).map(({ conn }) => conn);
  expect(new Set(conns).size).toBe(2);
});

test("a connection that is collected has its transaction rolled back", async () => {
  const file = join(tempFolder(), "a.db");
  const run = await runTraced([process.execPath, "--expose-gc", program("collected.cjs"), file]);
  expect(run).toMatchObject({ stderr: "", code: 0 });
  expect(story(told(run.messages)).slice(2)).toEqual(["b begin immediate", "end closed 0", "close collected"]);
});

test("a recorder that does not read loses messages, and the program no time", async () => {
  const file = join(tempFolder(), "a.db");
  const script = `
    const db = new (require("better-sqlite3"))(process.argv[1]);
    db.pragma("synchronous = off");
    db.exec("create table t(a)");
    const one = db.transaction(() => db.exec("insert into t values (1)"));
    for (let i = 0; i < 2000; i += 1) one();
    console.log(db.prepare("select count(*) as n from t").get().n);`;
  const cwd = import.meta.dirname; // where better-sqlite3 is found
  const run = await runTraced([process.execPath, "-e", script, file], { isSlow: true, cwd });
  expect(run).toMatchObject({ stdout: "2000\n", stderr: "", code: 0 });
  expect(run.messages.length).toBeGreaterThan(100);
  expect(run.messages.length).toBeLessThan(5000);
  expect(() => told(run.messages)).not.toThrow();
});
