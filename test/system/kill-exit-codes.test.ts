/** `sqlock kill DB … && migrate`: what comes after goes on only where nobody is in its way. */
import { mkdirSync, rmdirSync } from "node:fs";
import { expect, test } from "vitest";
import { killJson } from "../support/kill.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { sqlock } from "../support/sqlock.ts";

const WRITE = `c.execute("begin immediate"); c.execute("insert into t values (1)")`;
const READ = `r = c.execute("select * from t"); r.fetchone()`;

test("--pid of a process that does not hold it, while another one blocks", async () => {
  const database = newDatabase();
  const [writer, stranger] = [await holding(database, WRITE), await holding(newDatabase())];
  const pid = ["--pid", String(stranger.pid), "--yes"];
  const answer = await killJson([database, ...pid]);
  expect(answer).toMatchObject({ code: 1, stillBlocked: true, outcomes: [{ result: "gone" }] });
  const { code, stdout } = await sqlock(["kill", database, ...pid]);
  expect(code).toBe(1);
  expect(stdout.replace(/\s+/g, " ")).toContain(`${writer.pid} (`);
  expect(stdout.replace(/\s+/g, " ")).toContain("still blocks writers: let it finish");
  await writer.run(`c.execute("rollback")`);
  expect(await killJson([database, ...pid])).toMatchObject({ code: 0, stillBlocked: false });
});

test("a reader keeps every commit out, and is nobody that --yes ends", async () => {
  const database = newDatabase();
  const reader = await holding(database, READ);
  expect(await killJson([database, "--yes"])).toMatchObject({
    code: 1,
    outcomes: [],
    stillBlocked: true,
    blockers: [{ pid: reader.pid, effect: "commits" }, { effect: "journal-mode" }],
  });
  expect((await sqlock(["kill", database])).code).toBe(1);
  await reader.run("r.close()");
  expect(await killJson([database, "--yes"])).toMatchObject({ code: 0, stillBlocked: false });
});

test("a lock directory, which names no process", async () => {
  const database = newDatabase();
  mkdirSync(`${database}.lock`);
  const answer = await killJson([database, "--yes"]);
  expect(answer).toMatchObject({ code: 1, stillBlocked: true, lockDirectory: { path: `${database}.lock` } });
  const { code, stdout } = await sqlock(["kill", database, "--yes"]);
  expect(code).toBe(1);
  expect(stdout).toContain(`sqlock who-holds ${database} says which process it may belong to`);
  rmdirSync(`${database}.lock`);
  expect((await sqlock(["kill", database, "--yes"])).code).toBe(0);
});

test("programs at work have their locks for moments: they are in nobody's way", async () => {
  const database = newDatabase();
  const busy = await holding(database, `c.execute("pragma synchronous = off")`);
  busy.begin(`
while True:
    c.execute("insert into t values (1)")
    c.execute("select count(*) from t").fetchall()
    time.sleep(0.02)`);
  busy.answer().catch(() => {}); // the test's end kills it
  const forgotten = await holding(newDatabase());
  for (let i = 0; i < 5; i++)
    expect(await killJson([database, "--pid", String(forgotten.pid), "--yes"])).toMatchObject({ code: 0 });
  expect(await killJson([database, "--stale", "--yes"])).toMatchObject({ code: 0, stillBlocked: false });
});
