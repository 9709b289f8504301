/** The real program in a real terminal. */
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, expect, test } from "vitest";
import { runs } from "../support/kill.ts";
import { has, need } from "../support/skip.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { BIN, NODE } from "../support/sqlock.ts";
import { Terminal } from "../support/tmux.ts";

const READ = `c.execute("begin"); c.execute("select * from t").fetchall()`;
const WRITE = `c.execute("begin immediate"); c.execute("insert into t values (1)")`;
const IDLE = `c.execute("select * from t").fetchall()`;

beforeEach((context) => need(context, has("tmux"), "tmux"));

function start(terminal: Terminal, database: string, ...args: readonly string[]): void {
  terminal.enter(`clear; ${NODE} ${BIN} kill ${database} ${args.join(" ")}; echo "code $?."`);
}

async function fiveHolders() {
  const database = await newDatabase("wal");
  const readers = [];
  for (let i = 0; i < 4; i++) readers.push(await holding(database, i < 2 ? READ : IDLE));
  return { database, writer: await holding(database, WRITE), readers };
}

test("two of five are picked and confirmed; the others run on", async () => {
  const { database, writer, readers } = await fiveHolders();
  const terminal = new Terminal(100, 50);
  start(terminal, database);
  const list = await terminal.shows("Space marks");
  expect(list).toMatch(new RegExp(`Who is to be ended\\?\\n> \\[ \\] ${writer.pid} blocks writers`));
  expect(list).not.toContain("[x]");
  terminal.press("Space");
  terminal.press("Down");
  terminal.press("Space");
  const marked = await terminal.shows(/\[x\][\s\S]*\[x\]/);
  const second = Number(/> \[x\] (\d+)/.exec(marked)?.[1]);
  terminal.press("Enter");
  const plan = await terminal.shows(/Send SIGTERM to \d+, \d+\?/);
  expect(plan).toContain("It has an open write transaction");
  terminal.press("y");
  const end = await terminal.shows("code 0.");
  expect(end.match(/has ended after \d+ ms/g)).toHaveLength(2);
  const alive = await Promise.all([writer, ...readers].map(async ({ pid }) => ((await runs(pid)) ? [] : [pid])));
  expect(alive.flat().sort()).toEqual([writer.pid, second].sort());
});

test("Enter takes the one under the cursor; no is no", async () => {
  const { database, writer } = await fiveHolders();
  const terminal = new Terminal(80, 50);
  start(terminal, database);
  await terminal.shows("Space marks");
  terminal.press("Enter");
  await terminal.shows(`Send SIGTERM to ${writer.pid}?`);
  terminal.press("n");
  await terminal.shows("code 130.");
  expect(terminal.screen()).toContain("Nobody was signalled.");
  expect(await runs(writer.pid)).toBe(true);
});

test("a filter finds one", async () => {
  const { database, readers } = await fiveHolders();
  const idle = readers[3]?.pid ?? 0;
  const terminal = new Terminal(80, 50);
  start(terminal, database);
  await terminal.shows("Space marks");
  terminal.press("/");
  terminal.press(String(idle));
  await terminal.shows(`/${idle}`);
  terminal.press("Enter");
  await terminal.shows("Space marks");
  terminal.press("Enter");
  await terminal.shows(`Send SIGTERM to ${idle}?`);
  terminal.press("y");
  await terminal.shows("code 0.");
  expect(await runs(idle)).toBe(false);
});

test("one that ignores SIGTERM: after the grace it is asked for SIGKILL", async () => {
  const database = await newDatabase();
  const deaf = await holding(database, `import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n${WRITE}`);
  const terminal = new Terminal(100, 50);
  start(terminal, database, "--grace", "500ms");
  await terminal.shows("Space marks");
  terminal.press("Enter");
  await terminal.shows("Send SIGTERM to");
  terminal.press("y");
  await terminal.shows("Send SIGKILL?");
  expect(await runs(deaf.pid)).toBe(true);
  terminal.press("y");
  await terminal.shows("code 0.");
  expect(terminal.screen()).toMatch(/has ended after \d+ (ms|s) \(SIGKILL\)/);
});

test("a stopped one may be let go on", async () => {
  const database = await newDatabase("wal");
  const writer = await holding(database, WRITE);
  writer.begin(`c.execute("commit"); c.close()`);
  await writer.answer();
  await writer.run(`c = sqlite3.connect(${JSON.stringify(database)}, isolation_level=None); ${WRITE}`);
  writer.kill("SIGSTOP");
  writer.begin(`c.execute("commit")`); // it does that when it goes on
  await sleep(300);
  const terminal = new Terminal(100, 50);
  start(terminal, database);
  await terminal.shows("let it go on (kill -CONT)");
  terminal.press("Enter");
  await terminal.shows(`Let ${writer.pid} go on?`);
  terminal.press("y");
  await terminal.shows("code 0.");
  expect(await runs(writer.pid)).toBe(true);
  expect(terminal.screen()).toMatch(/runs on/);
});

test("what was picked is looked at again: nobody is told of a transaction that has ended", async () => {
  const database = await newDatabase();
  const writer = await holding(database, WRITE);
  const terminal = new Terminal(100, 50);
  start(terminal, database);
  await terminal.shows("Space marks");
  await writer.run(`c.execute("commit")`);
  terminal.press("Enter");
  const plan = await terminal.shows("(y/N)");
  expect(plan).toContain("It has the database open and no transaction");
  await writer.run(WRITE);
  terminal.press("y");
  expect(await terminal.shows("What it does has changed meanwhile")).toContain("It has an open write transaction");
  terminal.press("n");
  await terminal.shows("code 130.");
  expect(await runs(writer.pid)).toBe(true);
});

test("Ctrl-Z does nothing to a question, Ctrl-D is a no", async () => {
  const { database, writer } = await fiveHolders();
  const terminal = new Terminal(100, 50);
  start(terminal, database);
  await terminal.shows("Space marks");
  terminal.press("C-z");
  await sleep(300);
  terminal.press("Enter");
  await terminal.shows("(y/N)");
  terminal.press("C-z");
  await sleep(300);
  terminal.press("C-d");
  await terminal.shows("code 130.");
  expect(terminal.flag("cursor_flag")).toBe("1");
  expect(await runs(writer.pid)).toBe(true);
});

test("Ctrl-C in the list, and at the question: nobody is signalled, and the terminal is as it was", async () => {
  const { database, writer } = await fiveHolders();
  const terminal = new Terminal(80, 50);
  for (const keys of [["Space", "C-c"], ["Escape"], ["Enter", "C-c"]] as const) {
    start(terminal, database);
    await terminal.shows("Space marks");
    for (const key of keys) {
      terminal.press(key);
      await sleep(400);
    }
    await terminal.shows("code 130.");
    terminal.enter("echo it$((1+1))"); // the shell echoes what is typed, and the cursor is there
    await terminal.shows("it2");
  }
  expect(await runs(writer.pid)).toBe(true);
});
