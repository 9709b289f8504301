/** A waiter in the kernel, as SQLite itself makes it: a build with SQLITE_ENABLE_SETLK_TIMEOUT. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { ROOT } from "../support/root.ts";
import { has, need } from "../support/skip.ts";
import { newDatabase } from "../support/sqlite.ts";
import { holderOf, lockNames, lookAt, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { until } from "../support/until.ts";

/** The SQLite that better-sqlite3 is built from. */
const SOURCE = join(ROOT, "node_modules/better-sqlite3/deps/sqlite3");

function compiled(): string {
  const program = join(tempFolder(), "setlk-timeout");
  const options = ["-w", "-DSQLITE_ENABLE_SETLK_TIMEOUT=1", "-DSQLITE_OMIT_LOAD_EXTENSION", `-I${SOURCE}`];
  const sources = [join(SOURCE, "sqlite3.c"), join(ROOT, "test/programs/setlk-timeout.c")];
  execFileSync("cc", [...options, "-o", program, ...sources, "-lpthread", "-lm"]);
  return program;
}

function start(program: string, what: "hold" | "read", database: string) {
  const child = spawn(program, [what, database], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  });
  if (child.pid === undefined) throw new Error("it did not start");
  return { child, pid: child.pid, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

test("a reader that waits in F_SETLKW is shown with who keeps the lock; then nobody waits", async (context) => {
  need(context, has("cc"), "a C compiler");
  const program = compiled();
  const database = newDatabase("wal");
  const owner = start(program, "hold", database);
  expect((await owner.lines.next()).value).toBe("holds: not an error");
  const reader = start(program, "read", database);
  const seen = await until("the lock is waited for", async () => {
    const look = await lookAt(database);
    return look.waits.length > 0 && look;
  });
  expect(seen.waits).toEqual([
    { pid: reader.pid, for: "lock", lock: "SHARED", blockedBy: [owner.pid], byUnknown: false, sure: "proved" },
  ]);
  expect(lockNames(holderOf(seen, owner.pid))).toEqual(["EXCLUSIVE:write"]);
  expect(holderOf(seen, reader.pid).locks.filter(({ waiting }) => waiting)).toMatchObject([{ name: "SHARED" }]);
  expect((await sqlock(["who-holds", database])).stdout).toContain(`${reader.pid} (`);

  owner.child.stdin.end();
  expect((await reader.lines.next()).value).toBe("has read: not an error");
  expect((await lookAt(database)).waits).toEqual([]);
});
