import { expect, test } from "vitest";
import { Interpreter } from "../../../src/recording/interpreter.ts";
import type { SourceEvent } from "../../../src/recording/source-event.ts";

const file = { device: 1, inode: 10 };

function interpreted(): { interpreter: Interpreter; send: (event: object) => void } {
  const interpreter = new Interpreter({ databases: ["/data/a.db"] }, () => undefined);
  let atMs = 0;
  const send = (event: object) => {
    atMs += 0.01;
    interpreter.next({ atMs, ...event } as SourceEvent);
  };
  send({ kind: "file", database: 0, role: "database", ...file });
  send({ kind: "held", fromMs: 0, locks: [], complete: true });
  return { interpreter, send };
}

function step(send: (event: object) => void, pid: number, connection: number): void {
  const call = { tid: pid, call: "step", library: 0 };
  send({ kind: "call", pid, stackPointer: 100, connection, statement: 7, sql: null, ...call });
  const lock = { kind: "lock", tid: pid, pid, ...file, owner: pid, start: 1_073_741_826, end: 1_073_742_335 };
  const facts = { api: "posix", closes: false, outcome: "granted" };
  send({ ...lock, ...facts, operation: "read" });
  send({ ...lock, ...facts, operation: "unlock" });
  send({ kind: "return", code: 101, ...call });
}

test("of processes that come and go nothing is left", () => {
  const { interpreter, send } = interpreted();
  for (let pid = 100; pid < 3_100; pid++) {
    if (pid % 2 === 0) step(send, pid, 8 * pid);
    else send({ kind: "call", tid: pid, pid, call: "step", library: 0, stackPointer: 1, connection: 8, statement: 7 });
    send({ kind: "ended", pid });
  }
  interpreter.end(60_000);
  expect(interpreter.size()).toEqual({ processes: 0, threads: 0, connections: 0, held: 0, waits: 0 });
});

test("connections whose end is not seen are forgotten, the oldest first", () => {
  const { interpreter, send } = interpreted();
  for (let connection = 1; connection <= 5_000; connection++) step(send, 100, 8 * connection);
  expect(interpreter.size()).toMatchObject({ processes: 1, connections: 1_000 });
});
