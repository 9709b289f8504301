/** The real program in a real terminal. */
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

async function start(terminal: Terminal, database: string, ...args: readonly string[]): Promise<void> {
  await terminal.enter(`clear; ${NODE} ${BIN} kill ${database} ${args.join(" ")}; echo "code $?."`);
}

async function fiveHolders() {
  const database = await newDatabase("wal");
  const [writer, ...readers] = await Promise.all(
    [WRITE, READ, READ, IDLE, IDLE].map((each) => holding(database, each)),
  );
  if (writer === undefined) throw new Error("no writer");
  return { database, writer, readers };
}

test("two of five are picked and confirmed; the others run on", async () => {
  const { database, writer, readers } = await fiveHolders();
  const terminal = new Terminal(100, 50);
  await start(terminal, database);
  const list = await terminal.shows("Space mark");
  expect(list).toMatch(new RegExp(`Which processes should be ended\\?\\n> \\[ \\] ${writer.pid} blocks writers`));
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
  expect(end.match(/has ended after \d+ m?s( \d+ s)? \(SIGTERM\)/g)).toHaveLength(2);
  const alive = await Promise.all([writer, ...readers].map(async ({ pid }) => ((await runs(pid)) ? [] : [pid])));
  expect(alive.flat().sort()).toEqual([writer.pid, second].sort());
});

type Step = { readonly press: string } | { readonly shows: RegExp | string };
const press = (key: string): Step => ({ press: key });
const shows = (what: RegExp | string): Step => ({ shows: what });

test("no, Escape, Ctrl-C and Ctrl-D: no process is signalled, and the terminal is as it was", async () => {
  const { database, writer } = await fiveHolders();
  const terminal = new Terminal(100, 50);
  const asked = [press("Enter"), shows(`Send SIGTERM to ${writer.pid}?`)]; // Enter takes the one at the cursor
  const rounds: readonly (readonly Step[])[] = [
    [...asked, press("n")],
    [press("Escape")],
    [press("Space"), shows("[x]"), press("C-c")],
    [...asked, press("C-c")],
    [...asked, press("C-d")],
    [press("/"), press("w"), shows("/w_"), press("Escape"), shows("? keys"), press("Escape")],
  ];
  for (const steps of rounds) {
    await start(terminal, database);
    await terminal.shows("Space mark");
    for (const step of steps) {
      if ("press" in step) terminal.press(step.press);
      else await terminal.shows(step.shows);
    }
    expect(await terminal.shows("code 130.")).toContain("No process was signalled.");
    expect(terminal.flag("cursor_flag")).toBe("1");
    await terminal.enter("echo it$((1+1))"); // the shell echoes what is typed
    await terminal.shows("it2");
  }
  expect(await runs(writer.pid)).toBe(true);
});

test("one that ignores SIGTERM: after the grace it is asked for SIGKILL", async () => {
  const database = await newDatabase();
  const writer = await holding(database, `import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n${WRITE}`);
  const terminal = new Terminal(100, 50);
  await start(terminal, database, "--grace", "500ms");
  await terminal.shows("Space mark");
  terminal.press("Enter");
  await terminal.shows("Send SIGTERM to");
  terminal.press("y");
  await terminal.shows("Send SIGKILL?");
  expect(await runs(writer.pid)).toBe(true);
  terminal.press("y");
  await terminal.shows("code 0.");
  expect(terminal.screen()).toMatch(/has ended after \d+ (ms|s) \(SIGKILL\)/);
});

test("a stopped one may be let go on", async () => {
  const database = await newDatabase("wal");
  const writer = await holding(database, WRITE);
  writer.kill("SIGSTOP");
  writer.begin(`c.execute("commit")`); // it does that when it goes on
  const terminal = new Terminal(100, 50);
  await start(terminal, database);
  await terminal.shows("let it continue (kill -CONT)");
  terminal.press("Enter");
  await terminal.shows(`Let ${writer.pid} continue?`);
  terminal.press("y");
  await terminal.shows("code 0.");
  expect(await runs(writer.pid)).toBe(true);
  expect(terminal.screen()).toMatch(/it is still running/);
});

test("what was picked is looked at again, before the question and after the answer", async () => {
  const database = await newDatabase();
  const writer = await holding(database, WRITE);
  const terminal = new Terminal(100, 50);
  await start(terminal, database);
  await terminal.shows("Space mark");
  await writer.run(`c.execute("commit")`);
  terminal.press("Enter");
  const plan = await terminal.shows("(y/N)");
  expect(plan).toContain("It has the database open without a lock, so it has no transaction");
  await writer.run(WRITE);
  terminal.press("y");
  expect(await terminal.shows("The processes have changed in the meantime")).toContain(
    "It has an open write transaction",
  );
  terminal.press("n");
  await terminal.shows("code 130.");
  expect(await runs(writer.pid)).toBe(true);
});

test("what is typed between two questions does not show, and answers nothing; Ctrl-C there ends it", async () => {
  const { database, writer } = await fiveHolders();
  const terminal = new Terminal(100, 50);
  const pick = async () => {
    await start(terminal, database, "--grace", "1m");
    await terminal.shows("Space mark");
    terminal.press("Enter");
  };
  await pick();
  while (!terminal.screen().includes("(y/N)")) terminal.type("x"); // no answer, wherever it arrives
  expect(terminal.screen()).toMatch(new RegExp(`^${writer.pid} \\(.* will get SIGTERM\\.$`, "m"));
  expect(terminal.screen()).not.toMatch(/xx/);
  terminal.press("n");
  await terminal.shows("code 130.");
  writer.kill("SIGSTOP"); // SIGTERM waits
  await pick();
  await terminal.shows("(y/N)"); // the finding above says "continue", too
  terminal.press("C-c");
  await terminal.shows("code 130.");
  await terminal.enter("echo it$((1+1))");
  await terminal.shows("it2");
});

/** Where the shell reads, and the terminal is as it is for the shell: what is typed is echoed, the cursor shows. */
async function inShell(terminal: Terminal): Promise<void> {
  await terminal.shows(/Stopped/);
  expect(terminal.flag("cursor_flag")).toBe("1");
  await terminal.enter("clear; echo it$((1+1)); stty | grep -c -- -echo");
  await terminal.shows(/^it2\n0$/m);
}

test("Ctrl-Z stops it, at the list and at the question; after fg nothing is picked by what was typed", async () => {
  const { database, writer } = await fiveHolders();
  const terminal = new Terminal(100, 50);
  await start(terminal, database);
  await terminal.shows("Space mark");
  terminal.press("C-z", "Enter", "y"); // read at once: none of the two is for the list, which is not there
  await inShell(terminal);
  terminal.type("fg\n\n"); // typed ahead: Enter would take the row at >
  expect(await terminal.shows("Space mark")).not.toContain("(y/N)");
  terminal.press("Enter");
  await terminal.shows(`Send SIGTERM to ${writer.pid}?`);
  terminal.press("C-z");
  await inShell(terminal);
  terminal.type("fg\ny");
  await terminal.shows(`Send SIGTERM to ${writer.pid}? (y/N)`);
  terminal.press("n");
  await terminal.shows("No process was signalled.");
  expect(await runs(writer.pid)).toBe(true);
});

test("after a resize the list and the question are there, once, and nothing of the old width", async () => {
  const { database, writer } = await fiveHolders();
  const terminal = new Terminal(100, 50);
  await start(terminal, database);
  await terminal.shows("Space mark");
  for (const [columns, rows] of [
    [40, 50],
    [120, 20],
    [60, 12],
  ] as const) {
    terminal.resize(columns, rows);
    const drawn = /Which processes should be ended\?\n> \[ \] .*\n( {2}\[ \] .*\n){4}Space mark.*\n*$/;
    const screen = await terminal.shows(drawn);
    expect(screen.match(/Space mark|Which processes|\[ \]/g)).toHaveLength(7);
  }
  terminal.press("?");
  await terminal.shows(/^Press any key/m);
  terminal.press("Enter");
  expect(await terminal.shows("Space mark")).not.toMatch(/Press any key|\(y\/N\)/);
  terminal.press("Enter");
  await terminal.shows("(y/N)");
  terminal.resize(24, 20); // narrower than the question
  const question = await terminal.shows(new RegExp(`^Send SIGTERM to\\s${writer.pid}\\?\\s\\(y/N\\)\\s*$`, "m"));
  expect(question.match(/Send SIGTERM/g)).toHaveLength(1);
  terminal.press("n");
  await terminal.shows("code 130.");
});
