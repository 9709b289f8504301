/** Alerts of real locks, and the command that they run. */
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { startHolder } from "../support/holder.ts";
import { has, need } from "../support/skip.ts";
import { connect, holding, newDatabase } from "../support/sqlite.ts";
import { BIN, NODE, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { Terminal } from "../support/tmux.ts";
import { until } from "../support/until.ts";
import { Watcher } from "../support/watch.ts";

const WRITE = `c.execute("begin immediate"); c.execute("insert into t values (1)")`;

/** A watch with this command; what it and the command say on stderr is in a file. */
async function watchWith(command: string, ...args: readonly string[]) {
  const file = join(tempFolder(), "stderr");
  const fd = openSync(file, "a");
  const watcher = new Watcher(["--interval", "100ms", "--alert", "300ms", "--run", command, ...args], fd);
  closeSync(fd);
  await watcher.sees({ event: "watching" });
  return { watcher, stderr: () => readFileSync(file, "utf8") };
}

/** What a command has written with `>>`, when it has so many lines. */
function linesIn(file: string, count = 1): Promise<string[]> {
  return until(`${file} has ${count} lines`, () => {
    const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
    return lines.length >= count && lines;
  });
}

test("once an episode, with the facts in the environment, whatever a process calls itself", async () => {
  const database = newDatabase("wal");
  const folder = dirname(database);
  const out = join(folder, "out");
  const evil = "x; touch evil-name $(touch evil-name)";
  const writer = await startHolder({ argv0: evil });
  await writer.run(connect(database));
  const command = `echo "$SQLOCK_PID $SQLOCK_LOCK $SQLOCK_BLOCKS $SQLOCK_DATABASE $SQLOCK_COMMAND" >> '${out}'`;
  const { watcher, stderr } = await watchWith(command, database);
  await writer.run(WRITE);
  const alert = await watcher.sees({ event: "alert", pid: writer.pid });
  expect(alert).toMatchObject({
    lock: "WRITE",
    atLeast: watcher.exact,
    alert: { blocks: ["writers"], uid: process.getuid?.() },
  });
  expect(alert.heldMs).toBeGreaterThanOrEqual(300);
  const [line] = await linesIn(out);
  expect(line).toMatch(new RegExp(`^${writer.pid} WRITE writers ${database} `));
  expect(line).toContain(evil);
  await writer.run(`c.execute("commit")`);
  await watcher.sees({ event: "released", pid: writer.pid, lock: "WRITE" });
  await writer.run(WRITE);
  await linesIn(out, 2);
  const { events } = await watcher.ends("SIGTERM");
  expect(events.filter(({ event }) => event === "alert")).toHaveLength(2);
  expect(stderr()).toBe("");
  expect([...readdirSync("."), ...readdirSync(folder)]).not.toContain("evil-name");
});

test("older than the watching: at least; a lock directory has no process; each database has its own", async () => {
  const [one, two] = [newDatabase(), newDatabase()];
  const reader = await holding(one, `c.execute("begin"); c.execute("select 1 from t").fetchall()`);
  mkdirSync(`${two}.lock`);
  const out = join(dirname(one), "out");
  const { watcher } = await watchWith(
    `echo "$SQLOCK_DATABASE|$SQLOCK_PID|$SQLOCK_LOCK_DIRECTORY" >> '${out}'`,
    one,
    two,
  );
  expect(await watcher.sees({ event: "alert", path: one })).toMatchObject({
    pid: reader.pid,
    lock: "SHARED",
    atLeast: true,
    alert: { blocks: ["commits"] },
  });
  await watcher.sees({ event: "alert", path: two, pid: null, lock: null });
  expect((await linesIn(out, 2)).sort()).toEqual([`${one}|${reader.pid}|`, `${two}||${two}.lock`].sort());
  await watcher.ends("SIGTERM");
});

test("a command that hangs stops nothing; the next one of its database waits for its end", async () => {
  const [one, two] = [newDatabase(), newDatabase()];
  const pids = join(dirname(one), "pids");
  const gates = [1, 2, 3].map((n) => join(dirname(one), `gate${n}`));
  const command =
    `echo "$$ $SQLOCK_PID" >> '${pids}'; n=$(wc -l < '${pids}'); ` +
    `until [ -e '${join(dirname(one), "gate")}'$n ] || [ ! -e '${pids}' ]; do sleep 0.05; done`; // ends with the folder
  const { watcher, stderr } = await watchWith(command, one, two);
  const writer = await holding(one, WRITE);
  await linesIn(pids);
  await writer.run(`c.execute("commit")`);
  const isReleased = () => {
    const last = watcher.events.findLast(({ event, lock }) => event !== "alert" && lock === "RESERVED");
    return last?.event === "released";
  };
  await until("it is released", isReleased); // two holds without a reading between them would be one
  await writer.run(WRITE);
  const alerts = (count: number) =>
    until(`${count} alerts`, () => watcher.events.filter(({ event }) => event === "alert").length === count);
  await alerts(2); // waits
  await writer.run(`c.execute("commit")`);
  await until("it is released again", isReleased);
  mkdirSync(gates[0] ?? "");
  const notRun = `--run for process ${writer.pid} was skipped: the lock was released`;
  await until("it is left out", () => stderr().includes(notRun));
  await writer.run(WRITE);
  await linesIn(pids, 2);
  const other = await holding(two, WRITE);
  const lines = await linesIn(pids, 3); // of the other database: at once
  expect(lines[2]).toMatch(new RegExp(` ${other.pid}$`));
  await watcher.ends("SIGTERM");
  const left = lines.slice(1).map((line) => Number(line.split(" ")[0]));
  for (const pid of left) expect(stderr()).toContain(`is still running, as process ${pid}; it was not ended`);
  for (const pid of left) expect(existsSync(`/proc/${pid}`)).toBe(true);
});

test("a command that fails is one line on stderr, and the watching goes on", async () => {
  const [one, two] = [newDatabase("wal"), newDatabase()];
  const [writer, other] = await Promise.all([holding(one, WRITE), holding(two, WRITE)]);
  const { watcher, stderr } = await watchWith(`[ "$SQLOCK_LOCK" = WRITE ] && exit 3; kill -KILL $$`, one, two);
  const line = (pid: number, message: string) => `sqlock: --run for process ${pid} ${message}\n`;
  await until("the lines", () => stderr().includes(line(writer.pid, "failed with exit code 3")));
  await until("the lines", () => stderr().includes(line(other.pid, "was ended by SIGKILL")));
  await writer.run(`c.execute("commit")`);
  await watcher.sees({ event: "released", pid: writer.pid, lock: "WRITE" });
  expect((await watcher.ends("SIGTERM")).code).toBe(143);
});

test("processes that take turns, and one that commits without a pause: no alert of a hold that was not", async () => {
  const [turns, loop] = [newDatabase("wal"), newDatabase()];
  const holders = await Promise.all([turns, turns, loop].map((database) => holding(database)));
  const watcher = new Watcher(["--interval", "100ms", "--alert", "1s", turns, loop]);
  await watcher.sees({ event: "watching", path: loop });
  // The longest hold: on a busy machine a process may wait for a CPU with its lock.
  const work = (sleep: number) => `
import time
c.execute("pragma busy_timeout = 10000")
end, answer = time.monotonic() + 2.2, 0
while time.monotonic() < end:
    began = time.monotonic()
    c.execute("begin immediate"); c.execute("insert into t values (1)")
    time.sleep(${sleep})
    c.execute("commit")
    answer = max(answer, time.monotonic() - began)`;
  for (const [i, holder] of holders.entries()) holder.begin(work(i < 2 ? 0.02 : 0));
  const longestMs = 1000 * Math.max(...(await Promise.all(holders.map((each) => each.answer()))).map(Number));
  const { events, summary } = await watcher.ends("SIGTERM");
  const held = summary.holders.filter(({ lock }) => lock === "WRITE").reduce((sum, { totalMs }) => sum + totalMs, 0);
  expect(held).toBeGreaterThan(1000); // readings join holds whose pauses are short
  expect(events.filter(({ event, heldMs }) => event === "alert" && Number(heldMs) > longestMs)).toEqual([]);
});

test("wrong use is one line, and for people an alert is a line", async () => {
  const database = newDatabase("wal");
  for (const args of [
    ["--run", "true"],
    ["--alert", "0"],
    ["--alert", "5s", "--run", ""],
  ]) {
    const { code, stdout, stderr } = await sqlock(["watch", ...args, database]);
    expect([code, stdout, stderr.split("\n").length]).toEqual([2, "", 2]);
  }
  const writer = await holding(database, WRITE);
  const { code, stdout } = await sqlock(["watch", "--alert", "200ms", "--run", "kill -TERM $PPID", database]);
  expect(code).toBe(143);
  expect(stdout).toMatch(
    new RegExp(`^[\\d:.]{12} ALERT ${writer.pid} \\(.*hold\\.py\\) has held WRITE for .*: others`, "m"),
  );
});

test("on the live screen: the alert, what became of the command, and nothing of its output", async (context) => {
  need(context, has("tmux"), "tmux");
  const database = newDatabase("wal");
  const writer = await holding(database, WRITE);
  const terminal = new Terminal(100, 24);
  const done = join(dirname(database), "done");
  const command = `echo SCRIBBLE; echo SCRIBBLE >&2; echo SCRIBBLE > /dev/tty; touch ${done}; exit 3`;
  await terminal.enter(`clear; '${NODE}' '${BIN}' watch --alert 200ms --run '${command}' '${database}' && echo over`);
  const screen = await terminal.shows(/exit code 3/);
  expect(screen).toMatch(new RegExp(`ALERT ${writer.pid} `));
  expect(existsSync(done)).toBe(true);
  terminal.press("q");
  await terminal.shows(/over/);
  expect(terminal.screen().replace(/^.*--run.*$/gm, "")).not.toContain("SCRIBBLE");
});
