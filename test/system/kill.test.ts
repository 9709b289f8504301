/** What kill does to real processes, one test an outcome; tables prove who is selected (test/unit/features/kill). */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startHolder } from "../support/holder.ts";
import { killJson, runs } from "../support/kill.ts";
import { NOBODY } from "../support/namespace.ts";
import { isRoot, need } from "../support/skip.ts";
import { connect, holding, insertRows, newDatabase } from "../support/sqlite.ts";
import { BIN, NODE, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { SELDOM_MS, until } from "../support/until.ts";

const WRITE = `c.execute("begin immediate"); c.execute("insert into t values (1)")`;
const READ = `c.execute("begin"); c.execute("select * from t").fetchall()`;
const IDLE = `c.execute("select * from t").fetchall()`;

/** Python: what a signal does instead of ending the process; `signals` counts them. */
const onSignal = (name: string, python: string) => `
import signal
signals = 0
def on_signal(*_):
    global signals
    signals += 1
    ${python}
signal.signal(signal.${name}, on_signal)`;

const IGNORES_SIGTERM = onSignal("SIGTERM", "pass");

async function rows(database: string): Promise<unknown> {
  const reader = await holding(database);
  return reader.run(`answer = c.execute("select count(*) from t").fetchone()[0]`);
}

test("--yes: those that block readers or writers end, and no other", async () => {
  const database = await newDatabase("wal");
  const [writer, reader, idle] = await Promise.all([
    holding(database, WRITE),
    holding(database, READ),
    holding(database, IDLE),
  ]);
  const answer = await killJson([database, "--yes"]);
  expect(answer).toMatchObject({
    code: 0,
    outcomes: [{ pid: writer.pid, result: "exited", signal: "SIGTERM", holds: false, dangers: [] }],
    error: null,
  });
  expect(answer.outcomes[0]?.afterMs).toBeLessThan(60_000); // it is not waited for to the end
  expect(answer.remaining.map(({ pid }) => pid).sort()).toEqual([reader.pid, idle.pid].sort());
  expect([await runs(writer.pid), await runs(reader.pid), await runs(idle.pid)]).toEqual([false, true, true]);
  expect(await rows(database)).toBe(100);
});

test("not a terminal and no --yes: no process is signalled, and the command that is printed does it", async () => {
  const database = await newDatabase();
  const writer = await holding(database, WRITE);
  const { code, stdout, stderr } = await sqlock(["who-holds", "--kill", database]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  const command = /to continue: (sqlock kill .* --yes)\n$/.exec(stderr)?.[1];
  expect(command).toBe(`sqlock kill ${database} --pid ${writer.pid} --yes`);
  expect(await runs(writer.pid)).toBe(true);
  expect(await killJson([database])).toMatchObject({
    code: 2,
    error: { code: "confirmation-needed" },
    outcomes: [],
    remaining: [{ pid: writer.pid }],
  });
  const done = await sqlock([...String(command).split(" ").slice(1), "--grace", "1m"]); // a busy machine takes long
  expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining(`${writer.pid} (`) });
  expect(done.stdout).toMatch(/has ended after \d+ m?s( \d+ s)? \(SIGTERM\)/);
  expect(done.stdout).toContain(`No process holds ${database} now`);
});

test("one that ignores SIGTERM gets SIGKILL after the grace", async () => {
  const database = await newDatabase();
  const writer = await holding(database, `${IGNORES_SIGTERM}\n${WRITE}`);
  const answer = await killJson([database, "--yes", "--grace", "400ms"]);
  expect(answer).toMatchObject({
    code: 0,
    outcomes: [{ pid: writer.pid, result: "exited", signal: "SIGKILL", holds: false }],
  });
  expect(answer.outcomes[0]?.afterMs).toBeGreaterThanOrEqual(400);
});

test("a signal after which nothing else is tried: it survives, exit code 1", async () => {
  const database = await newDatabase();
  const writer = await holding(database, `${onSignal("SIGUSR1", "pass")}\n${WRITE}`);
  expect(await killJson([database, "--yes", "--signal", "usr1", "--grace", "300ms"])).toMatchObject({
    code: 1,
    outcomes: [{ pid: writer.pid, result: "survived", signal: "SIGUSR1", holds: true, afterMs: null }],
  });
});

test.each([
  ["closes the database", "c.rollback(); c.close()", false],
  ["releases its locks and keeps the connection", "c.rollback()", true],
])("one that %s on SIGTERM, and runs on, gets no SIGKILL", async (_, python, holds) => {
  const database = await newDatabase();
  const writer = await holding(database, `${WRITE}\n${onSignal("SIGTERM", python)}`);
  const answer = await killJson([database, "--yes"]);
  expect(answer).toMatchObject({
    code: 0,
    outcomes: [{ pid: writer.pid, result: "survived", signal: "SIGTERM", holds, released: true }],
    remaining: holds ? [{ pid: writer.pid }] : [],
  });
  expect(answer.outcomes[0]?.afterMs).toBeLessThan(60_000);
  expect(await runs(writer.pid)).toBe(true);
});

test("--pid: those, whatever they do; what does not hold the database is not touched", async () => {
  const database = await newDatabase();
  const idle = await holding(database, IDLE);
  const stranger = await startHolder();
  const answer = await killJson([database, "--yes", "--pid", String(idle.pid), String(stranger.pid)]);
  expect(answer.code).toBe(0);
  expect(Object.fromEntries(answer.outcomes.map(({ pid, result }) => [pid, result]))).toEqual({
    [idle.pid]: "exited",
    [stranger.pid]: "gone",
  });
  expect(await runs(stranger.pid)).toBe(true);
});

test("--stale: a writer that is idle in its transaction, and one that is stopped", async () => {
  const database = await newDatabase("wal");
  const writer = await holding(database, WRITE);
  const idle = await holding(database, IDLE);
  // it is not stale, and it is in the way: what comes after `&&` must not run
  const notStale = ["--stale", "--stale-after", "10m"];
  expect(await killJson([database, ...notStale, "--yes"])).toMatchObject({
    code: 1,
    outcomes: [],
    stillBlocked: true,
    blockers: [{ pid: writer.pid, effect: "writers" }, { effect: "checkpoints" }, { effect: "journal-mode" }, {}],
  });
  const text = await sqlock(["kill", database, ...notStale]);
  expect(text).toMatchObject({ code: 1, stderr: "" });
  expect(text.stdout).toContain(`${writer.pid} (`);
  expect(text.stdout).toContain(`sqlock kill ${database} --pid ${writer.pid} --dry-run`);
  await until(
    "it has been idle for half a second",
    async () => {
      const { outcomes } = await killJson([database, "--stale", "--stale-after", "500ms", "--dry-run"]);
      return outcomes.length === 1 && outcomes[0]?.pid === writer.pid;
    },
    SELDOM_MS,
  );
  writer.kill("SIGSTOP");
  await until("it is stopped", () => readFileSync(`/proc/${writer.pid}/stat`, "utf8").includes(") T "));
  const answer = await killJson([database, "--stale", "--yes", "--grace", "300ms"]); // SIGTERM waits for SIGCONT
  expect(answer).toMatchObject({
    code: 0,
    outcomes: [{ pid: writer.pid, result: "exited", signal: "SIGKILL" }],
    remaining: [{ pid: idle.pid }],
  });
});

test("a spilled writer with its journal on disk ends: the hot journal is reported, and rolled back", async () => {
  const database = await newDatabase();
  const writer = await holding(database, `c.execute("pragma cache_size=1"); c.execute("begin"); ${insertRows(500)}`);
  expect(await killJson([database, "--yes", "--signal", "KILL"])).toMatchObject({
    code: 0,
    outcomes: [{ pid: writer.pid, result: "exited", signal: "SIGKILL" }],
    findings: [{ id: "hot-journal" }],
  });
  expect(await rows(database)).toBe(100);
});

test("a spilled writer with its journal in memory: refused without --force, and then to be checked", async () => {
  const database = await newDatabase();
  const writer = await holding(
    database,
    `c.execute("pragma journal_mode=memory"); c.execute("pragma cache_size=1"); c.execute("begin"); ${insertRows(500)}`,
  );
  expect(await killJson([database, "--yes"])).toMatchObject({
    code: 2,
    outcomes: [{ pid: writer.pid, result: "refused", holds: true, dangers: [{ kind: "no-journal", pid: writer.pid }] }],
  });
  expect(await runs(writer.pid)).toBe(true);
  const { code, stdout } = await sqlock([
    "kill",
    "--yes",
    "--grace",
    "1m",
    database,
    "--pid",
    String(writer.pid),
    "--force",
  ]);
  expect(code).toBe(0);
  expect(stdout).toContain(`sqlock integrity ${database}`);
});

test("a holder of a deleted file: the rescue is printed, and --force is needed", async () => {
  const database = await newDatabase("wal");
  const writer = await holding(database, WRITE);
  const another = await newDatabase("wal");
  rmSync(database);
  renameSync(another, database);
  const named = [database, "--yes", "--pid", String(writer.pid)];
  const refused = await sqlock(["kill", ...named]);
  expect(refused.code).toBe(2);
  expect(refused.stdout).toMatch(/exists nowhere else; rescue that first/);
  expect(refused.stdout).toMatch(new RegExp(`cp /proc/${writer.pid}/fd/`));
  expect(await killJson([...named, "--force"])).toMatchObject({
    code: 0,
    outcomes: [{ result: "exited", dangers: [{ kind: "lost-file", pid: writer.pid }] }],
  });
});

test("never its own ancestors", async () => {
  const database = await newDatabase();
  const parent = await holding(database, WRITE);
  const out = await parent.run(`
import subprocess
command = ${JSON.stringify([NODE, BIN, "kill", "--json", "--yes", database])}
done = subprocess.run(command, capture_output=True, text=True)
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
  for (const options of [["--yes", "--dry-run"], ["--yes"]]) {
    const answer = await killJson([database, ...options], { uid: NOBODY });
    expect(answer).toMatchObject({ code: 2, outcomes: [{ pid: owner.pid, result: "refused", signal: null }] });
    expect(answer.outcomes[0]?.reason).toContain(`sudo sqlock kill ${database} --pid ${owner.pid}`);
  }
  expect(await runs(owner.pid)).toBe(true);
});

test("a supervisor that starts it again is reported", async () => {
  const database = await newDatabase();
  const program = join(tempFolder(), "worker.py");
  writeFileSync(
    program,
    `import sqlite3, time\n${connect(database)}\n${WRITE}\nprint("holds", flush=True)\ntime.sleep(600)\n`,
  );
  const supervisor = await startHolder();
  // It answers when the first child holds the lock.
  const first = await supervisor.run(`
import subprocess, sys, threading
children, ending, holds = [], False, threading.Event()
def supervise():
    while not ending:
        child = subprocess.Popen([sys.executable, "-S", ${JSON.stringify(program)}], stdout=subprocess.PIPE)
        children.append(child)
        child.stdout.readline()
        holds.set()
        child.wait()
def stop():
    global ending
    ending = True
    children[-1].kill()
threading.Thread(target=supervise, daemon=True).start()
holds.wait()
answer = children[0].pid`);
  const answer = await killJson([database, "--yes"]);
  await supervisor.run("stop()");
  expect(answer).toMatchObject({ outcomes: [{ pid: first, result: "exited" }] });
  expect(answer.restarted).toHaveLength(1);
  expect(answer.restarted).not.toContain(first);
});

test("no process holds it", async () => {
  const database = await newDatabase();
  expect(await sqlock(["kill", "--yes", "--grace", "1m", database])).toMatchObject({
    code: 0,
    stdout: `No process was signalled (${database}): no process holds it.\n`,
  });
});

test("bad input: one line, exit code 2", async () => {
  const database = await newDatabase();
  const text = join(tempFolder(), "text");
  writeFileSync(text, "Dear reader\n");
  const bad: readonly (readonly string[])[] = [
    [join(tempFolder(), "none")],
    [text],
    [database, "--pid", "0"],
    [database, "--signal", "stop"],
    [database, "--force"],
    [database, "--stale", "--pid", "1"],
    [],
  ];
  for (const args of bad) {
    const { code, stdout, stderr } = await sqlock(["kill", ...args]);
    expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: "" });
    expect(stderr).toMatch(/^sqlock: [^\n]+; [^\n]+\n$/);
  }
  expect(await killJson([text, "--yes"])).toMatchObject({ code: 2, error: { code: "not-a-database" } });
});

test("pid 1 of a container is refused", async (context) => {
  need(context, isRoot, "root, to make a pid namespace");
  const database = await newDatabase();
  const keeper = await startHolder();
  const program = `import sqlite3, time
${connect(database)}
c.execute("begin immediate")
print("holds", flush=True)
time.sleep(600)`;
  await keeper.run(`
import subprocess, sys
command = ["unshare", "-p", "-f", "--kill-child", sys.executable, "-S", "-c", ${JSON.stringify(program)}]
inside = subprocess.Popen(command, stdout=subprocess.PIPE)
inside.stdout.readline()`);
  const refused = await killJson([database, "--yes"]);
  expect(refused).toMatchObject({
    code: 2,
    outcomes: [{ result: "refused", reason: expect.stringContaining("pid 1 of its container") }],
  });
  await keeper.run("inside.kill()");
});

test("a process whose main thread has ended, and which holds on, is still ended", async () => {
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

test("a child that it forked is not one that was started again", async () => {
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
  // The shell that starts sqlock is gone by then, so that its parent is another process.
  const program =
    'exec 7<>"$1"; ( { "$2" "$3" kill "$1" --pid $$ --yes --json > "$4" 2>&1; touch "$4.done"; } & ); ' +
    'until [ -e "$4.done" ]; do sleep 0.05; done; echo survived';
  const text = execFileSync("setsid", ["-w", "bash", "-c", program, "bash", database, NODE, BIN, out], {
    encoding: "utf8",
    timeout: 30_000,
  });
  expect(text).toBe("survived\n");
  expect(JSON.parse(readFileSync(out, "utf8")).outcomes).toMatchObject([
    { result: "refused", reason: expect.stringContaining("sqlock was started from it") },
  ]);
});

test("Ctrl-C after the signals: what has happened until then is reported, and 130", async () => {
  const database = await newDatabase();
  const writer = await holding(database, `${IGNORES_SIGTERM}\n${WRITE}`);
  const child = spawn(NODE, [BIN, "kill", "--json", "--yes", "--grace", "30s", database], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  const closed = once(child, "close");
  await until("SIGTERM was sent", async () => Number(await writer.run("answer = signals")) > 0);
  child.kill("SIGINT");
  expect(await closed).toEqual([130, null]);
  expect(JSON.parse(stdout).outcomes).toMatchObject([
    { pid: writer.pid, result: "survived", signal: "SIGTERM", holds: true },
  ]);
  expect(await runs(writer.pid)).toBe(true);
});
