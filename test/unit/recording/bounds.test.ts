/** What programs that only look like SQLite can make the interpreter remember: so much, and nothing of another. */
import { describe, expect, it } from "vitest";
import { Interpreter } from "../../../src/recording/interpreter.ts";
import type { RecordingLine, WaitLine } from "../../../src/recording/lines.ts";
import type { SourceEvent } from "../../../src/recording/source-event.ts";
import { notLinear } from "../../support/linear.ts";
import {
  call,
  lock,
  PENDING,
  READ1,
  RESERVED,
  refused,
  returns,
  SHARED,
  start,
  WRITE,
} from "../../support/source-events.ts";

function interpreter(): {
  next: (...events: SourceEvent[]) => void;
  lines: RecordingLine[];
  size: Interpreter["size"];
} {
  const lines: RecordingLine[] = [];
  const made = new Interpreter({ databases: ["/app.db"] }, (line) => lines.push(line));
  for (const event of start()) made.next(event);
  return { next: (...events) => events.forEach((each) => void made.next(each)), lines, size: () => made.size() };
}

const ended = (atMs: number, pid: number): SourceEvent => ({ kind: "ended", atMs, pid });

describe("bounds", () => {
  it("a process names a new connection in each call: the last thousand are remembered", () => {
    const { next, size } = interpreter();
    for (let i = 1; i <= 5_000; i++) {
      next(call(i, 7, "step", "begin", { connection: i * 8 }), lock(i, 7, "write", WRITE), returns(i, 7, "step", 101));
    }
    expect(size().connections).toBe(1_000);
  });

  it("many processes do that: each keeps some, and those of an honest one stay", () => {
    const { next, size, lines } = interpreter();
    next(call(1, 7, "step", "begin immediate"), lock(1, 7, "read", READ1));
    next(lock(1, 7, "write", WRITE), returns(1, 7, "step", 101));
    for (let i = 0; i < 100_000; i++) {
      const pid = 100 + (i % 200);
      next(call(2, pid, "step", "select 1", { connection: i * 8 }), returns(2, pid, "step", 101));
    }
    expect(size().connections).toBeLessThan(50_000 + 200 * 16);
    next(call(3, 7, "step", "commit"), lock(3, 7, "unlock", WRITE), returns(3, 7, "step", 101));
    expect(lines).toContainEqual(
      expect.objectContaining({ type: "transaction", pid: 7, outcome: "commit", fromMs: 1, toMs: 3 }),
    );
    for (let pid = 100; pid < 300; pid++) next(ended(4, pid));
    next(call(2_000, 7, "step", "select 1"));
    expect(size()).toMatchObject({ connections: 1, processes: 1, threads: 1 });
  });

  it("a call that never returns is entered again and again, deeper each time", () => {
    const { next, lines } = interpreter();
    for (let i = 0; i < 100_000; i++) next(call(1, 7, "step", "select 1", { stackPointer: 1e9 - i * 8 }));
    next(ended(2, 7));
    expect(lines.filter(({ type }) => type !== "lock")).toEqual([]);
  });

  it.each(["read", "write"] as const)("a call is refused and granted a lock to %s without an end: linear", (type) => {
    const refusals = (text: string) => {
      const { next, lines } = interpreter();
      next(lock(1, 8, "write", WRITE), call(1, 7, "step", "begin immediate"));
      for (let i = 0; i < text.length; i++)
        next(refused(2 + i / 1000, 7, type, READ1), lock(2 + i / 1000, 7, type, READ1));
      next(refused(200, 7, "write", WRITE), returns(201, 7, "step", 5));
      return lines;
    };
    expect(notLinear(refusals, "a")).toBeNull();
    expect(refusals("a".repeat(1000))).toContainEqual(
      expect.objectContaining({ type: "wait", pid: 7, outcome: "gave-up", lock: "WRITE" }),
    );
  });
});

it("a call that is refused the lock to read 2,000 times, and granted it in between, is one wait from its start", () => {
  const { next, lines } = interpreter();
  next(call(10, 7, "step", "begin immediate"), lock(10, 8, "write", RESERVED));
  for (let i = 0; i < 2_000; i++) {
    const atMs = 11 + i * 4;
    next(refused(atMs, 7, "read", PENDING), lock(atMs + 1, 7, "read", SHARED), refused(atMs + 2, 7, "write", RESERVED));
    next(lock(atMs + 3, 7, "unlock", SHARED));
  }
  next(returns(9_000, 7, "step", 5));
  const waits = lines.filter((line): line is WaitLine => line.type === "wait");
  expect(waits).toMatchObject([{ pid: 7, fromMs: 11, attempts: 4_000, outcome: "gave-up", lock: "RESERVED" }]);
});

describe("a number that is used again", () => {
  it("by a process, after one that was never met and was killed in a call: nothing of it is the other's", () => {
    const { next, lines } = interpreter();
    const high = { stackPointer: 9_000 };
    next(call(1, 7, "step", "insert into secrets values (?)", high), ended(2, 7));
    next(call(3, 7, "step", "begin immediate"), lock(3, 7, "read", READ1));
    next(lock(3, 7, "write", WRITE), returns(3, 7, "step", 101));
    next(call(9, 7, "step", "commit"), lock(9, 7, "unlock", WRITE), returns(9, 7, "step", 101));
    expect(JSON.stringify(lines)).not.toContain("secrets");
    expect(lines).toContainEqual(
      expect.objectContaining({ type: "transaction", pid: 7, outcome: "commit", fromMs: 3 }),
    );
  });

  it("by a thread of another process", () => {
    const { next, lines } = interpreter();
    next(call(1, 7, "step", "insert into secrets values (?)", { stackPointer: 9_000 }));
    const other = { ...call(3, 7, "step"), pid: 70 } as SourceEvent; // its texts are not verified
    next(other, lock(3, 70, "write", WRITE, { tid: 7 }), returns(3, 7, "step", 101));
    next(lock(9, 70, "unlock", WRITE, { tid: 7 }));
    expect(JSON.stringify(lines)).not.toContain("secrets");
    expect(lines).toContainEqual(expect.objectContaining({ type: "lock", pid: 70, lock: "WRITE", sql: null }));
  });
});
