/** Who is signalled, who never is, and what is said of it. */
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { type Holder, startHolder } from "../support/holder.ts";
import { killJson, runs } from "../support/kill.ts";
import { NOBODY } from "../support/namespace.ts";
import { isRoot, need } from "../support/skip.ts";
import { connect, holding, insertRows, newDatabase } from "../support/sqlite.ts";
import { BIN, NODE, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { until } from "../support/until.ts";

const WRITE = `c.execute("begin immediate"); c.execute("insert into t values (1)")`;
const READ = `c.execute("begin"); c.execute("select * from t").fetchall()`;
const IDLE = `c.execute("select * from t").fetchall()`;
const DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)";

const resultsOf = (answer: Awaited<ReturnType<typeof killJson>>) =>
  Object.fromEntries(answer.outcomes.map(({ pid, result }) => [pid, result]));

async function rows(database: string): Promise<unknown> {
  const reader = await holding(database);
  const answer = await reader.run(`answer = c.execute("select count(*) from t").fetchone()[0]`);
  await reader.end();
  return answer;
}

test.each(["delete", "wal"] as const)(
  "--yes: those that block readers or writers, and nobody else (%s)",
  async (mode) => {
    const database = await newDatabase(mode);
    const writer = await holding(database, WRITE);
    const reader = await holding(database, READ);
    const idle = await holding(database, IDLE);
    const answer = await killJson([database, "--yes"]);
    expect(answer).toMatchObject({
      code: 0,
      outcomes: [{ pid: writer.pid, result: "exited", signal: "SIGTERM", holds: false }],
      error: null,
    });
    expect(answer.outcomes[0]?.consequences[0]).toContain("open write transaction");
    expect(answer.outcomes[0]?.afterMs).toBeLessThan(5000);
    expect(answer.remaining.map(({ pid }) => pid).sort()).toEqual([reader.pid, idle.pid].sort());
    expect([await runs(writer.pid), await runs(reader.pid), await runs(idle.pid)]).toEqual([false, true, true]);
    for (const each of [reader, idle]) await each.run("c.close()");
    expect(await rows(database)).toBe(100);
  },
);

test("not a terminal and no --yes: nobody is signalled, and the command that is printed does it", async () => {
  const database = await newDatabase();
  const writer = await holding(database, WRITE);
  const { code, stdout, stderr } = await sqlock(["kill", database]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  const command = /to go on: (sqlock kill .* --yes)\n$/.exec(stderr)?.[1];
  expect(command).toBe(`sqlock kill ${database} --pid ${writer.pid} --yes`);
  expect(await runs(writer.pid)).toBe(true);
  expect(await killJson([database])).toMatchObject({
    code: 2,
    error: { code: "confirmation-needed" },
    outcomes: [],
    remaining: [{ pid: writer.pid }],
  });
  const done = await sqlock(String(command).split(" ").slice(1));
  expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining(`${writer.pid} (`) });
  expect(done.stdout).toMatch(/has ended after \d+ ms \(SIGTERM\)/);
  expect(done.stdout).toContain(`Nobody holds ${database} now`);
});

test("--dry-run: who would be, and what that does; nobody is", async () => {
  const database = await newDatabase("wal");
  const writer = await holding(database, WRITE);
  expect(await killJson([database, "--dry-run"])).toMatchObject({
    code: 0,
    dryRun: true,
    outcomes: [{ pid: writer.pid, result: "planned", holds: null }],
  });
  const { stdout } = await sqlock(["kill", "--dry-run", database]);
  expect(stdout).toMatch(
    /would get SIGTERM \(--dry-run\)\.\n {2}It has an open write transaction: its uncommitted changes are lost/,
  );
  expect(await runs(writer.pid)).toBe(true);
});

test("one that ignores SIGTERM gets SIGKILL after the grace; without --yes it would have been asked", async () => {
  const database = await newDatabase();
  const deaf = await holding(database, `${DEAF}\n${WRITE}`);
  const answer = await killJson([database, "--yes", "--grace", "400ms"]);
  expect(answer).toMatchObject({
    code: 0,
    outcomes: [{ pid: deaf.pid, result: "exited", signal: "SIGKILL", holds: false }],
  });
  expect(answer.outcomes[0]?.afterMs).toBeGreaterThanOrEqual(400);
});

test("a signal after which nothing else is tried: it survives, exit code 1", async () => {
  const database = await newDatabase();
  const stubborn = await holding(database, `import signal; signal.signal(signal.SIGUSR1, lambda *_: None)\n${WRITE}`);
  const answer = await killJson([database, "--yes", "--signal", "usr1", "--grace", "300ms"]);
  expect(answer).toMatchObject({
    code: 1,
    outcomes: [{ pid: stubborn.pid, result: "survived", signal: "SIGUSR1", holds: true, afterMs: null }],
  });
});

test("one that lets the database go and runs on is done with", async () => {
  const database = await newDatabase();
  const polite = await holding(database, WRITE);
  polite.begin(`
import signal, time
def leave(*_): c.rollback(); c.close()
signal.signal(signal.SIGTERM, leave)
time.sleep(60)`);
  await sleep(300);
  const answer = await killJson([database, "--yes", "--grace", "3s"]);
  expect(answer).toMatchObject({
    code: 0,
    outcomes: [{ pid: polite.pid, result: "survived", holds: false, released: true }],
    remaining: [],
  });
  expect(answer.outcomes[0]?.afterMs).toBeLessThan(3000);
  expect(await runs(polite.pid)).toBe(true);
});

test("--pid: those, whatever they do; what does not hold the database is not touched", async () => {
  const database = await newDatabase();
  const idle = await holding(database, IDLE);
  const stranger = await startHolder();
  const answer = await killJson([database, "--yes", "--pid", String(idle.pid), String(stranger.pid), "4000000"]);
  expect(answer.code).toBe(0);
  expect(resultsOf(answer)).toEqual({ [idle.pid]: "exited", [stranger.pid]: "gone", 4000000: "gone" });
  expect(await runs(stranger.pid)).toBe(true);
});

test("--stale: blockers that are stopped or idle in a transaction, nobody else", async () => {
  const database = await newDatabase("wal");
  const fresh = await holding(database, WRITE);
  expect(await killJson([database, "--stale", "--yes"])).toMatchObject({ code: 0, outcomes: [] });
  fresh.kill("SIGSTOP");
  const idle = await holding(database, IDLE);
  await until(
    "it is seen to be stopped",
    async () => (await killJson([database, "--stale", "--dry-run"])).outcomes.length === 1,
  );
  const answer = await killJson([database, "--stale", "--yes", "--grace", "500ms"]); // SIGTERM waits until it goes on
  expect(answer).toMatchObject({
    code: 0,
    outcomes: [{ pid: fresh.pid, result: "exited", signal: "SIGKILL" }],
    remaining: [{ pid: idle.pid }],
  });
  const forgotten = await holding(database, WRITE);
  await sleep(1500);
  expect(await killJson([database, "--stale", "--stale-after", "1s", "--dry-run"])).toMatchObject({
    outcomes: [{ pid: forgotten.pid }],
  });
});

test("EXCLUSIVE in rollback mode without a journal: refused but by name and with --force", async () => {
  const database = await newDatabase();
  const exclusive = await holding(database, `c.execute("begin exclusive")`);
  const refused = await killJson([database, "--yes"]);
  expect(refused).toMatchObject({ code: 2, outcomes: [{ pid: exclusive.pid, result: "refused", holds: true }] });
  expect(refused.outcomes[0]?.reason).toMatch(
    /may be in memory or off .* leaves the database corrupt; if it has to be: --pid \d+ --force/,
  );
  expect(await killJson([database, "--yes", "--pid", String(exclusive.pid)])).toMatchObject({ code: 2 });
  expect(await runs(exclusive.pid)).toBe(true);
  expect(await killJson([database, "--yes", "--pid", String(exclusive.pid), "--force"])).toMatchObject({
    code: 0,
    outcomes: [{ result: "exited" }],
  });
});

test("a spilled writer with its journal on disk may be ended: the hot journal is told, and it is rolled back", async () => {
  const database = await newDatabase();
  const writer = await holding(database, `c.execute("pragma cache_size=1"); c.execute("begin"); ${insertRows(500)}`);
  const answer = await killJson([database, "--yes", "--signal", "KILL"]);
  expect(answer).toMatchObject({
    code: 0,
    outcomes: [{ pid: writer.pid, result: "exited", signal: "SIGKILL" }],
    findings: [{ id: "hot-journal" }],
  });
  expect(await rows(database)).toBe(100);
});

test("EXCLUSIVE in WAL mode loses nothing", async () => {
  const database = await newDatabase("wal");
  const exclusive = await holding(
    database,
    `c.execute("pragma locking_mode=exclusive"); c.execute("insert into t values (1)")`,
  );
  expect(await killJson([database, "--yes"])).toMatchObject({
    code: 0,
    outcomes: [{ pid: exclusive.pid, result: "exited" }],
  });
  expect(await rows(database)).toBe(101);
});

test("a holder of a deleted file: the rescue is told, and --force is needed", async () => {
  const database = await newDatabase("wal");
  const lost = await holding(database, WRITE);
  const fresh = await newDatabase("wal");
  renameSync(database, `${database}.old`);
  rmSync(`${database}.old`);
  renameSync(fresh, database);
  const named = [database, "--yes", "--pid", String(lost.pid)];
  const refused = await sqlock(["kill", ...named]);
  expect(refused.code).toBe(2);
  expect(refused.stdout).toMatch(/exists nowhere else; rescue that first/);
  expect(refused.stdout).toMatch(new RegExp(`cp /proc/${lost.pid}/fd/`));
  expect(await killJson([database, "--stale", "--yes"])).toMatchObject({ outcomes: [] });
  expect(await killJson([...named, "--force"])).toMatchObject({ code: 0, outcomes: [{ result: "exited" }] });
});

test("never its own ancestors", async () => {
  const database = await newDatabase();
  const parent = await holding(database, WRITE);
  const out = await parent.run(`
import subprocess
done = subprocess.run([${JSON.stringify(NODE)}, ${JSON.stringify(BIN)}, "kill", "--json", "--yes", ${JSON.stringify(database)}], capture_output=True, text=True)
answer = [done.returncode, done.stdout]`);
  const [code, text] = out as [number, string];
  expect(code).toBe(2);
  expect(JSON.parse(text).outcomes).toMatchObject([
    { pid: parent.pid, result: "refused", reason: expect.stringContaining("sqlock was started from it") },
  ]);
  expect(await runs(parent.pid)).toBe(true);
});

test("another user's process: the exact command with sudo", async (context) => {
  need(context, isRoot, "root, to be somebody else");
  const database = await newDatabase();
  chmodSync(dirname(database), 0o755);
  const owner = await holding(database, WRITE);
  const answer = await killJson([database, "--yes"], { uid: NOBODY });
  expect(answer).toMatchObject({ code: 2, outcomes: [{ pid: owner.pid, result: "refused" }] });
  expect(answer.outcomes[0]?.reason).toContain(`sudo sqlock kill ${database} --pid ${owner.pid}`);
  expect(await runs(owner.pid)).toBe(true);
});

/** A supervisor in Python that starts its child again whenever it ends. */
async function supervised(database: string): Promise<Holder> {
  const program = join(tempFolder(), "worker.py");
  writeFileSync(
    program,
    `import sqlite3, time\n${connect(database)}\nc.execute("begin immediate"); c.execute("insert into t values ` +
      '(1)")\ntime.sleep(600)\n',
  );
  const supervisor = await startHolder();
  await supervisor.run(`
import subprocess, sys, threading, time
children, ending = [], False
def watch():
    while not ending:
        child = subprocess.Popen([sys.executable, "-S", ${JSON.stringify(program)}])
        children.append(child)
        child.wait()
threading.Thread(target=watch, daemon=True).start()
def stop():
    global ending
    ending = True
    children[-1].kill()`);
  return supervisor;
}

test("a supervisor that starts it anew is told", async () => {
  const database = await newDatabase();
  const supervisor = await supervised(database);
  const current = async () => (await killJson([database, "--dry-run"])).outcomes.map(({ pid }) => pid)[0];
  await until("it holds the lock", async () => (await current()) !== undefined);
  const first = await current();
  const answer = await killJson([database, "--yes"]);
  expect(answer).toMatchObject({ outcomes: [{ pid: first, result: "exited" }] });
  expect(answer.restarted).toHaveLength(1);
  expect(answer.restarted).not.toContain(first);
  await supervisor.run("stop()");
});

test("who-holds --kill is the same thing", async () => {
  const database = await newDatabase();
  const writer = await holding(database, WRITE);
  const { code, stderr } = await sqlock(["who-holds", "--kill", database]);
  expect(code).toBe(2);
  expect(stderr).toContain(`sqlock kill ${database} --pid ${writer.pid} --yes`);
  expect((await sqlock(["who-holds", "--kill", database, database])).stderr).toContain("--kill is for one database");
});

test("nobody holds it, or nobody is in the way", async () => {
  const database = await newDatabase();
  expect(await sqlock(["kill", "--yes", database])).toMatchObject({
    code: 0,
    stdout: `Nobody was signalled: nobody holds it (${database}).\n`,
  });
  await holding(database, IDLE);
  for (const yes of [[], ["--yes"]]) {
    const { code, stdout } = await sqlock(["kill", ...yes, database]);
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("1 process holds it, and none of them blocks anything"),
    });
  }
  await holding(database, WRITE);
  expect((await sqlock(["kill", "--stale", database])).stdout).toContain(
    "none of those that block others is stopped, idle in a transaction or left over",
  );
});

test("bad input: one line, exit code 2", async () => {
  const database = await newDatabase();
  const text = join(tempFolder(), "text");
  writeFileSync(text, "Dear reader\n");
  const bad: readonly (readonly string[])[] = [
    [join(tempFolder(), "none")],
    [text],
    [dirname(text)],
    [database, "--pid", "abc"],
    [database, "--pid", "0"],
    [database, "--signal", "stop"],
    [database, "--signal", "nonsense"],
    [database, "--grace", "soon"],
    [database, "--force"],
    [database, "--stale", "--pid", "1"],
    [database, "--yse"],
    [],
  ];
  for (const args of bad) {
    const { code, stdout, stderr } = await sqlock(["kill", ...args]);
    expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: "" });
    expect(stderr).toMatch(/^sqlock: [^\n]+; [^\n]+\n$/);
  }
  expect(await killJson([text, "--yes"])).toMatchObject({ code: 2, error: { code: "not-a-database" } });
});

test("one that releases its locks and keeps the connection is not shot", async () => {
  const database = await newDatabase();
  const polite = await holding(database, WRITE);
  polite.begin(`
import signal, time
signal.signal(signal.SIGTERM, lambda *_: c.rollback())
time.sleep(60)`);
  await sleep(300);
  const answer = await killJson([database, "--yes", "--grace", "2s"]);
  expect(answer).toMatchObject({
    code: 0,
    outcomes: [{ pid: polite.pid, result: "survived", signal: "SIGTERM", holds: true, released: true }],
  });
  expect(await runs(polite.pid)).toBe(true);
});

test("what may corrupt or lose is said of it, by name and with --force as well", async () => {
  const database = await newDatabase();
  const memory = await holding(
    database,
    `c.execute("pragma journal_mode=memory"); c.execute("pragma cache_size=1"); c.execute("begin"); ${insertRows(500)}`,
  );
  const named = [database, "--pid", String(memory.pid), "--force"];
  const dry = await sqlock(["kill", "--dry-run", ...named]);
  expect(dry.stdout).toMatch(/Danger: it holds the database exclusively, and no -journal could undo/);
  expect(dry.stdout).not.toContain("rolled back by the next program");
  const { code, stdout } = await sqlock(["kill", "--yes", ...named]);
  expect(code).toBe(0);
  expect(stdout).toContain(`sqlock integrity ${database}`);
});

test("pid 1 of a container is refused but by name and with --force", async (context) => {
  need(context, isRoot, "root, to make a pid namespace");
  const database = await newDatabase();
  const keeper = await startHolder();
  await keeper.run(`
import subprocess, sys
program = ${JSON.stringify(`import sqlite3, time\n${connect("PATH")}\nc.execute('begin immediate')\nprint('ok', flush=True)\ntime.sleep(600)`)}.replace("PATH", ${JSON.stringify(database)})
inside = subprocess.Popen(["unshare", "-p", "-f", "--kill-child", sys.executable, "-S", "-c", program], stdout=subprocess.PIPE)
inside.stdout.readline()`);
  const refused = await killJson([database, "--yes"]);
  expect(refused).toMatchObject({
    code: 2,
    outcomes: [{ result: "refused", reason: expect.stringContaining("pid 1 of its container") }],
  });
  await keeper.run("inside.kill()");
});

test("a process whose main thread has ended, and which holds on, is no process that is gone", async () => {
  const database = await newDatabase();
  const holder = await holding(database, WRITE);
  holder.begin(`
import ctypes, threading, time
threading.Thread(target=lambda: time.sleep(60)).start()
ctypes.CDLL(None).syscall(60, 0)`);
  await until("its main thread has ended", () => readFileSync(`/proc/${holder.pid}/stat`, "utf8").includes(") Z "));
  const answer = await killJson([database, "--yes", "--grace", "500ms"]);
  expect(answer.outcomes).toMatchObject([{ pid: holder.pid, result: "exited" }]);
  expect(answer.remaining).toEqual([]);
});

test("a child that it forked is not one that was started anew", async () => {
  const database = await newDatabase();
  const parent = await holding(
    database,
    `child = os.fork()
if child == 0:
    c2 = sqlite3.connect(${JSON.stringify(database)})
    c2.execute("select * from t").fetchall()
    import time; time.sleep(60)`,
  );
  await parent.run(WRITE);
  const child = Number(await parent.run("answer = child"));
  try {
    const answer = await killJson([database, "--yes"]);
    expect(answer).toMatchObject({ outcomes: [{ pid: parent.pid, result: "exited" }], restarted: [] });
  } finally {
    process.kill(child, "SIGKILL");
  }
});

test("the leader of its own session is spared where the chain of parents is broken", async () => {
  const database = await newDatabase();
  const out = join(tempFolder(), "out");
  const program = `exec 7<>"$1"; ( "$2" "$3" kill "$1" --pid $$ --yes --json > "$4" 2>&1 & ); sleep 3; echo survived`;
  const text = execFileSync("setsid", ["-w", "bash", "-c", program, "bash", database, NODE, BIN, out], {
    encoding: "utf8",
  });
  expect(text).toBe("survived\n");
  expect(JSON.parse(readFileSync(out, "utf8")).outcomes).toMatchObject([
    { result: "refused", reason: expect.stringContaining("sqlock was started from it") },
  ]);
});

test("Ctrl-C after the signals: what has happened until then is told, and 130", async () => {
  const database = await newDatabase();
  const deaf = await holding(database, `${DEAF}\n${WRITE}`);
  const run = sqlock(["kill", "--json", "--yes", "--grace", "30s", database], {
    through: ["timeout", "--preserve-status", "-s", "INT", "2"],
  });
  const { code, stdout } = await run;
  expect(code).toBe(130);
  expect(JSON.parse(stdout).outcomes).toMatchObject([
    { pid: deaf.pid, result: "survived", signal: "SIGTERM", holds: true },
  ]);
  expect(await runs(deaf.pid)).toBe(true);
});

test("the command that is printed is the whole of it", async () => {
  const database = await newDatabase();
  const writer = await holding(database, WRITE);
  const { stderr } = await sqlock([
    "kill",
    database,
    "--pid",
    String(writer.pid),
    "--force",
    "--grace",
    "2s",
    "--signal",
    "INT",
  ]);
  expect(stderr).toContain(
    `to go on: sqlock kill ${database} --pid ${writer.pid} --signal INT --grace 2000ms --force --yes\n`,
  );
});
