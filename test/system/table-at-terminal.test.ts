/** The table of who-holds in a real terminal: one row for each process, and a line on its locks. */
import { expect, test } from "vitest";
import type { Holder } from "../support/holder.ts";
import { has, need } from "../support/skip.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { BIN, NODE, sqlock } from "../support/sqlock.ts";
import { Terminal } from "../support/tmux.ts";

test("at 80 and at 200 columns", async (context) => {
  need(context, has("tmux"), "tmux");
  const database = await newDatabase("wal");
  const holders: readonly Holder[] = await Promise.all(
    [
      `c.execute("begin immediate"); c.execute("insert into t values (1)")`,
      `c.execute("begin"); c.execute("select * from t").fetchall()`,
      `c.execute("select * from t").fetchall()`,
    ].map((each) => holding(database, each)),
  );
  const terminal = new Terminal(80, 50);
  const look = async (options: string, width: number) => {
    terminal.resize(width, 50);
    await terminal.enter(`clear; ${NODE} ${BIN} who-holds ${options} ${database}; echo done at ${width}, $?`);
    const lines = (await terminal.shows(new RegExp(`^done at ${width}, 0$`, "m"))).split("\n");
    const head = lines.findIndex((line) => / *PID +/.test(line));
    return {
      head: lines[head]?.trim().split(/ +/).join(" "),
      rows: lines.slice(head + 1, head + 1 + holders.length),
      lines,
    };
  };
  const pidsOf = (rows: readonly string[]) =>
    rows.map((row) => Number(/^ *(\d+) /.exec(row)?.[1])).sort((a, b) => a - b);
  const pids = holders.map(({ pid }) => pid).sort((a, b) => a - b);

  const narrow = await look("", 80);
  expect(narrow.head).toBe("PID USER COMMAND ACTIVITY LOCKS HELD-FOR BLOCKS");
  expect(pidsOf(narrow.rows)).toEqual(pids);
  expect(narrow.rows[0]).toMatch(/ writing +WRITE, READ\d .* writers$/);
  expect(narrow.lines.filter((line) => /^WRITE: the write lock; READ\d.*: reads /.test(line))).toHaveLength(1);

  const wide = await look("", 200);
  expect(wide.head).toBe("PID USER COMMAND STATE ACTIVITY LOCKS HELD-FOR BLOCKS HANDLES");
  expect(pidsOf(wide.rows)).toEqual(pids);
  expect(wide.rows[0]).toMatch(/ WRITE, READ\d, SHARED, DMS .* writers, checkpoints +database:\d+, wal:\d+, shm:\d+$/);

  const named = await look("--columns PID,LOCKS,HELD,STATE,BLOCKS", 81);
  expect(named.head).toBe("PID LOCKS HELD-FOR STATE BLOCKS");

  const { stdout } = await sqlock(["who-holds", "--explain-locks", database]);
  expect(stdout).toContain("\n\nWRITE   the write lock of WAL mode: ");
  expect((await sqlock(["who-holds", database])).stdout).not.toContain("WRITE: ");
});
