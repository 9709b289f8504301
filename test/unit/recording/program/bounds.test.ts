/** Whatever a program writes, the memory of the recorder has a limit, and so has its time. */
import { expect, test } from "vitest";
import type { RecordingLine } from "../../../../src/recording/lines.ts";
import { Joiner } from "../../../../src/recording/program/joiner.ts";
import { parseMessage } from "../../../../src/recording/program/message.ts";
import { lockLine } from "../../../support/recording.ts";
import { DATABASE, Told } from "../../../support/told.ts";

function megabytes(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().heapUsed / 1e6;
}

test("150,000 messages of everything new: sites, texts, threads, connections, transactions", () => {
  const told = new Told();
  const program = told.process(42);
  const before = megabytes();
  for (let i = 100; i < 25_100; i++) {
    program.send("site", i, [[`/srv/app/${i}.py`, i, "save"]], false);
    program.send("who", i, i, `thread ${i}`, `task ${i}`);
    program.send("sql", i, `select ${i} ${"x".repeat(200)}`, 0);
    program.send("open", i, i, i, i * 1000, i * 1000, "sqlite3", DATABASE, { timeoutMs: i });
    program.send("call", i, i, i, i, i * 1000, i * 1000 + 5, "bw", 1, 5, null);
    program.send("misuse", "wrong-thread", i, i, i, i * 1000, null);
    told.lines.length = 0;
    told.alone.length = 0;
  }
  expect(megabytes() - before).toBeLessThan(150);
});

test("hello of 20,000 processes, and numbers that jump", () => {
  const told = new Told();
  for (let pid = 1; pid <= 20_000; pid++) {
    told.programs.begin(pid, "1");
    const message = parseMessage(JSON.stringify(["bye", pid, pid * 2 ** 32]));
    if (message !== null) told.programs.next(message);
  }
  expect(told.programs.size).toBe(5_000);
  expect(told.programs.dropped.messages).toBe(0);
});

test("looking up 5,000 locks of a thread with 30,000 calls takes less than two seconds", () => {
  const told = new Told();
  const program = told.process(42);
  program.open(1, 10, 0);
  for (let i = 0; i < 30_000; i++) {
    program.call(1, 20, "bw", "INSERT 1", i, i + 0.5);
    program.end(1, 21, "commit", i + 0.6, i + 0.7);
  }
  const lines: RecordingLine[] = [];
  const options = { programs: told.programs, exact: true, needsProgram: () => false, isWal: () => true };
  const joiner = new Joiner({ ...options, heldNow: () => [] }, (line) => lines.push(line));
  const began = performance.now();
  for (let i = 25_000; i < 30_000; i++)
    joiner.add(lockLine({ pid: 42, startTicks: "100", tid: 42, path: DATABASE, fromMs: i + 0.2, toMs: i + 0.7 }), 0);
  joiner.end();
  expect(performance.now() - began).toBeLessThan(2_000);
  expect(lines.at(-1)).toMatchObject({ callSite: { line: 20 } });
});
