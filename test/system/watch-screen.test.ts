/** The live screen in a real terminal. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type TestContext, test } from "vitest";
import { has, need } from "../support/skip.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { BIN, NODE } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { lastLineOf, Terminal } from "../support/tmux.ts";
import { until } from "../support/until.ts";

const WRITE = `c.execute("begin immediate"); c.execute("insert into t values (1)")`;

interface Scene {
  readonly terminal: Terminal;
  readonly database: string;
  readonly writer: number;
  /** Starts watch once more, and waits until it shows the writer. */
  readonly start: () => Promise<void>;
  /** The terminal is as it was before: its settings, the main screen, the cursor. */
  readonly expectAsBefore: () => Promise<void>;
}

/** A writer that holds WRITE, and watch at a terminal that shows it. */
async function scene(context: TestContext, env: Readonly<Record<string, string>> = {}): Promise<Scene> {
  need(context, has("tmux"), "tmux");
  const database = await newDatabase("wal");
  const writer = await holding(database, WRITE);
  const terminal = new Terminal(100, 24, env);
  const [before, after] = ["before", "after"].map((name) => join(tempFolder(), name)) as [string, string];
  await terminal.settings(before);
  const start = async () => {
    await terminal.enter(`clear; '${NODE}' '${BIN}' watch '${database}'; echo "code=$?"`);
    await terminal.shows(new RegExp(`> +${writer.pid} writing`));
  };
  await start();
  const expectAsBefore = async () => {
    await terminal.settings(after);
    expect(readFileSync(after, "utf8")).toBe(readFileSync(before, "utf8"));
    expect([terminal.flag("alternate_on"), terminal.flag("cursor_flag"), terminal.flag("wrap_flag")]).toEqual([
      "0",
      "1",
      "1",
    ]);
  };
  return { terminal, database, writer: writer.pid, start, expectAsBefore };
}

/** The shell's one child. */
function pidOfWatch(terminal: Terminal): number {
  const shell = terminal.flag("pane_pid");
  const [pid, ...more] = readFileSync(`/proc/${shell}/task/${shell}/children`, "utf8").trim().split(" ").map(Number);
  if (pid === undefined || more.length > 0) throw new Error(`${pid} and ${more} run`);
  return pid;
}

test("holder, lock, for how long, the database, an event; q ends it and prints the summary", async (context) => {
  const { terminal, database, writer, expectAsBefore } = await scene(context);
  // drawn to its end, and after the first look
  const screen = await terminal.shows(
    new RegExp(`${database}: WAL mode.*HELD-FOR.*> +${writer} .*>= \\d.*already holds WRITE`, "s"),
  );
  expect(screen).toMatch(/^write lock .* now \d+$/m);
  expect(screen).toMatch(new RegExp(`> +${writer} writing +>= \\d.* 1 write .* %`));
  await terminal.shows(new RegExp(`^Locked for writers: ${writer} `, "m"));
  await terminal.shows(new RegExp(`^\\d\\d:\\d\\d:\\d\\d ${writer} already holds WRITE$`, "m"));
  expect(terminal.flag("alternate_on")).toBe("1");
  terminal.press("q");
  await terminal.shows(/code=0/);
  expect(terminal.screen()).toMatch(new RegExp(`${writer} .*WRITE +1 +>= `));
  await expectAsBefore();
});

test("another size: drawn anew, down to 40 columns", async (context) => {
  const { terminal, writer } = await scene(context);
  for (const [columns, rows] of [
    [40, 10],
    [60, 30],
    [120, 24],
  ] as const) {
    terminal.resize(columns, rows);
    const screen = await terminal.shows(
      new RegExp(`sqlock watch, for[^]*> +${writer} [^]*q quit {2}p pause {2}x kill${columns > 60 ? ".*help" : ""}`),
    );
    expect(screen.match(/sqlock watch, for/g)).toHaveLength(1);
  }
});

test("p stands still, ? helps, arrows, j and k select, x runs kill at the terminal and comes back", async (context) => {
  const { terminal, database, writer } = await scene(context);
  const other = await holding(database, `c.execute("select 1 from t").fetchall()`);
  await terminal.shows(new RegExp(`${other.pid} .*opened it`)); // seen by a look, and not only by its locks
  const [first, second] = [writer, other.pid];
  terminal.press("Down");
  await terminal.shows(new RegExp(`^> +${second} `, "m"));
  terminal.press("Up");
  await terminal.shows(new RegExp(`^> +${first} `, "m"));
  terminal.press("j");
  await terminal.shows(new RegExp(`^> +${second} `, "m"));
  terminal.press("k");
  await terminal.shows(new RegExp(`^> +${first} `, "m"));
  terminal.press("End");
  await terminal.shows(new RegExp(`^> +${second} `, "m"));
  terminal.press("?");
  await terminal.shows(/Ctrl-Z +suspend/);
  terminal.press("?");
  await terminal.shows(/PID +ACTIVITY/);
  terminal.press("p");
  const paused = await terminal.shows(/PAUSED/);
  await other.end();
  await terminal.shows(/PAUSED/);
  expect(terminal.screen()).toBe(paused);
  terminal.press("x");
  await terminal.shows(/Press a key to continue watching/);
  expect(terminal.flag("alternate_on")).toBe("0");
  terminal.press("x");
  await terminal.shows(/PAUSED/);
  terminal.press("p");
  await terminal.shows(new RegExp(`^\\d\\d:\\d\\d:\\d\\d ${other.pid} .*has ended`, "m"));
  expect(terminal.screen()).toMatch(new RegExp(`^[> ] +${other.pid} ended `, "m"));
});

test("f and Enter open the findings, j and k scroll, Esc and q close them, and q does not end it", async (context) => {
  const { terminal, writer } = await scene(context);
  process.kill(writer, "SIGSTOP"); // the next look finds that
  terminal.resize(60, 12);
  await terminal.shows(new RegExp(`^error suspended-holder: ${writer} `, "m"));
  terminal.press("f");
  await terminal.shows(/^1 finding at .*^error suspended-holder.*j\/k scroll {2}Esc back {2}1-8 of/ms);
  terminal.press("j");
  await terminal.shows(/Esc back {2}2-9 of/);
  terminal.press("k");
  await terminal.shows(/Esc back {2}1-8 of/);
  terminal.press("G");
  await terminal.shows(/kill -CONT/); // the remedy
  terminal.press("Escape");
  await terminal.shows(/PID +ACTIVITY/);
  terminal.press("Enter");
  await terminal.shows(/Esc back/);
  terminal.press("q");
  await terminal.shows(/PID +ACTIVITY/);
  terminal.press("q");
  await terminal.shows(/code=0/);
});

test("Ctrl-C and signals end it with their code, the summary, and the terminal as it was", async (context) => {
  const { terminal, start, expectAsBefore } = await scene(context);
  terminal.press("C-c");
  expect(await terminal.shows(/code=130/)).toContain("Watched for");
  await expectAsBefore();
  for (const [signal, code] of [
    ["SIGTERM", 143],
    ["SIGINT", 130],
    ["SIGHUP", 129],
    ["SIGQUIT", 131],
  ] as const) {
    await start();
    process.kill(pidOfWatch(terminal), signal);
    expect(await terminal.shows(new RegExp(`code=${code}`))).toContain("Watched for");
    await expectAsBefore();
  }
});

test("a crash leaves the terminal as it was, and its message on it", async (context) => {
  const [crash, now] = [join(tempFolder(), "crash.cjs"), join(tempFolder(), "now")];
  writeFileSync(
    crash,
    `if (require("node:worker_threads").isMainThread) setInterval(() => {
       if (require("node:fs").existsSync(${JSON.stringify(now)})) throw new Error("of the test");
     }, 50).unref();`,
  );
  const { terminal, expectAsBefore } = await scene(context, { NODE_OPTIONS: `--require=${crash}` });
  writeFileSync(now, "");
  expect(await terminal.shows(/code=1/)).toContain("Error: of the test");
  await expectAsBefore();
});

test("Ctrl-Z goes to the shell with the terminal as it was, fg comes back and keys work", async (context) => {
  const { terminal, writer, expectAsBefore } = await scene(context);
  terminal.press("C-z");
  await terminal.shows(/Stopped|code=14[78]/);
  await expectAsBefore();
  await terminal.enter("fg");
  await terminal.shows(new RegExp(`> +${writer} writing`));
  expect(terminal.flag("alternate_on")).toBe("1");
  process.kill(pidOfWatch(terminal), "SIGTSTP"); // and by others
  await terminal.enter("fg");
  await terminal.shows(new RegExp(`> +${writer} writing`));
  terminal.press("q");
  await terminal.shows(/Watched for/);
  await expectAsBefore();
});

test("--for ends the screen as well; a terminal that can do nothing gets lines", async (context) => {
  const { terminal, database, expectAsBefore } = await scene(context);
  terminal.press("q");
  await terminal.shows(/code=0/);
  await terminal.enter(`clear; '${NODE}' '${BIN}' watch --for 1s '${database}'; echo "code=$?"`);
  await terminal.shows(/Watched for.*code=0/s);
  await expectAsBefore();
  await terminal.enter(`clear; TERM=dumb '${NODE}' '${BIN}' watch --for 1s '${database}'; echo "code=$?"`);
  expect(await terminal.shows(/code=0/)).toMatch(/\d\.\d{3} watching /);
});

const lastLine = (terminal: Terminal) => lastLineOf(terminal.screen());

/** Does it once, and waits until it shows: done twice, it would be an answer to what comes next. */
async function answer(terminal: Terminal, prompt: RegExp, how: () => Promise<void> | void): Promise<void> {
  await how();
  await until("the answer was read", () => !prompt.test(lastLine(terminal)));
}

test("x, then Ctrl-Z before the question shows, then fg: the screen does not hide the question", async (context) => {
  const { terminal, writer } = await scene(context);
  terminal.press("x");
  terminal.press("C-z");
  // It stops before the question, or at it, or (Ctrl-Z was too early) not at all.
  await until("kill has asked and was answered", async () => {
    const screen = terminal.screen();
    if (screen.includes("Press a key to continue")) return true;
    const last = lastLine(terminal);
    if (last === "READY>") await answer(terminal, /^READY>$/, () => terminal.enter("fg"));
    else if (last.includes("(y/N)")) {
      expect(terminal.screen()).not.toContain("q quit");
      await answer(terminal, /\(y\/N\)/, () => terminal.press("n"));
    }
    return false;
  });
  terminal.press("C-c");
  await terminal.shows("Watched for");
  expect(readFileSync(`/proc/${writer}/stat`, "utf8")).toContain(") S ");
});

test("stopped by SIGSTOP and continued by fg, its keys work", async (context) => {
  const { terminal } = await scene(context);
  process.kill(pidOfWatch(terminal), "SIGSTOP");
  await terminal.shows(/Stopped/);
  terminal.press("clear", "C-j"); // raw, as it was when it was stopped: Enter is no end of a line
  await terminal.shows(/^READY> *\s*$/); // nothing of the screen is left: what shows next is drawn anew
  terminal.press("fg", "C-j");
  await terminal.shows(/q quit/);
  terminal.press("q");
  await terminal.shows("Watched for");
});
