/**
 * Recordings of real programs: the kernel's events, and beside them what the programs themselves logged of each
 * statement (Python's sqlite3, SQLite 3.40.1). Times in ms since the start of the recording.
 */
import { readFileSync } from "node:fs";
import { Interpreter } from "../../src/recording/interpreter.ts";
import type { LockLine, RecordingLine, RefusalLine, TransactionLine, WaitLine } from "../../src/recording/lines.ts";
import type { CallName, LockEvent, SourceEvent } from "../../src/recording/source-event.ts";

const FOLDER = new URL("../fixtures/recording/", import.meta.url);
const DEVICE = 1;

/** What a program logged of one statement. */
export interface Logged {
  readonly what: "ok" | "busy" | "error" | "ckpt";
  readonly sql: string | null;
  readonly fromMs: number;
  readonly toMs: number;
  readonly pid: number;
  readonly tid: number;
}

export interface Recorded {
  readonly databases: readonly string[];
  readonly events: readonly SourceEvent[];
  readonly program: readonly Logged[];
}

type Row =
  | ["file", number, number, "database" | "shm", number | null]
  | ["held", number, number]
  | ["ended", number, number]
  | [
      "lock",
      number,
      number,
      number,
      number,
      number,
      LockEvent["operation"],
      number,
      number | null,
      `${LockEvent["outcome"]}${"" | " close"}`,
    ]
  | ["call", number, number, number, CallName, number, number | null, number | null, number | null]
  | ["return", number, number, CallName, number];

interface Fixture {
  readonly databases: readonly string[];
  readonly texts: readonly string[];
  readonly program: readonly Logged[];
  readonly events: readonly Row[];
}

export function recorded(name: string): Recorded {
  const { databases, texts, program, events } = JSON.parse(
    readFileSync(new URL(`${name}.json`, FOLDER), "utf8"),
  ) as Fixture;
  return { databases, program, events: events.map((row) => eventOf(row, texts)) };
}

function eventOf(row: Row, texts: readonly string[]): SourceEvent {
  switch (row[0]) {
    case "file":
      return { kind: "file", atMs: row[1], database: row[2], role: row[3], device: DEVICE, inode: row[4] };
    case "held":
      return { kind: "held", fromMs: row[1], atMs: row[2], locks: [], complete: true };
    case "ended":
      return { kind: "ended", atMs: row[1], pid: row[2] };
    case "lock": {
      const [, atMs, tid, pid, inode, owner, operation, start, end, how] = row;
      const [outcome = "", close] = how.split(" ");
      return {
        kind: "lock",
        atMs,
        tid,
        pid,
        device: DEVICE,
        inode,
        owner,
        operation,
        start,
        end: end ?? Number.POSITIVE_INFINITY,
        api: "posix",
        closes: close !== undefined,
        outcome: outcome as LockEvent["outcome"],
      };
    }
    case "call": {
      const [, atMs, tid, pid, call, stackPointer, connection, statement, text] = row;
      const sql = text === null ? null : { text: texts[text] ?? "", cut: false };
      return { kind: "call", atMs, tid, pid, call, library: 0, stackPointer, connection, statement, sql };
    }
    case "return":
      return { kind: "return", atMs: row[1], tid: row[2], call: row[3], library: 0, code: row[4] };
  }
}

export interface Lines {
  readonly all: readonly RecordingLine[];
  readonly locks: readonly LockLine[];
  readonly waits: readonly WaitLine[];
  readonly refusals: readonly RefusalLine[];
  readonly transactions: readonly TransactionLine[];
  readonly optionalRefusals: number;
}

export function interpret(events: readonly SourceEvent[], databases: readonly string[] = ["/data/a.db"]): Lines {
  const all: RecordingLine[] = [];
  const interpreter = new Interpreter({ databases }, (line) => all.push(line));
  for (const event of events) interpreter.next(event);
  interpreter.end(events.at(-1)?.atMs ?? 0);
  return linesOf(all);
}

export function linesOf(all: readonly RecordingLine[]): Lines {
  return {
    all,
    locks: all.filter((line) => line.type === "lock"),
    waits: all.filter((line) => line.type === "wait"),
    refusals: all.filter((line) => line.type === "refusal"),
    transactions: all.filter((line) => line.type === "transaction"),
    optionalRefusals: all.reduce((sum, line) => sum + (line.type === "counts" ? (line.optionalRefusals ?? 0) : 0), 0),
  };
}

/** The locks alone, as without uprobes. */
export function withoutStatements(events: readonly SourceEvent[]): SourceEvent[] {
  return events.filter(({ kind }) => kind !== "call" && kind !== "return");
}

export const RECORDED = [
  "writers-wal",
  "writers-rollback",
  "no-timeout-wal",
  "no-timeout-rollback",
  "upgrade-wal",
  "upgrade-rollback",
  "kill-wal",
  "kill-rollback",
  "threads-wal",
  "threads-rollback",
  "fork-wal",
  "savepoint-wal",
  "attach-wal",
  "attach-rollback",
  "checkpoint",
  "remade-shm",
] as const;
