/** The words of a recording that several of its parts use: processes, statements, locks, shares. Pure. */
import { KnownProcesses, type Numbered } from "../../features/record/known-processes.ts";
import type { SqlFacts } from "../../recording/lines.ts";
import { type LockName, type LockType, lockRow } from "../../sqlite/locks.ts";
import { fineDuration } from "../../text/duration.ts";
import { escapeText } from "../../text/escape.ts";
import { commandOf } from "../../text/holder.ts";
import { count } from "../../text/list.ts";
import { cut } from "../layout.ts";

/** Who a pid is: a `process` line, or a row of the summary. */
export interface Named {
  readonly pid: number;
  readonly startTicks: string | null;
  readonly name: string | null;
  readonly commandLine: readonly string[] | null;
}

export class Names extends KnownProcesses<Named> {
  /** Files of the programs are named from there on; null: by their path. */
  readonly folder: string | null;

  constructor(all: readonly Named[] = [], folder: string | null = null) {
    super();
    this.folder = folder;
    for (const each of all) this.add(each);
  }
}

const MAX_COMMAND = 40;

/** `4242 (python import.py)`, escaped; the number alone where the rest is not known. */
export function whoText(who: Numbered, names: Names, most = MAX_COMMAND): string {
  const command = commandText(names.get(who));
  return command === null ? String(who.pid) : `${who.pid} (${cut(command, most, "...")})`;
}

/** Escaped; null where it is not known. */
export function commandText(named: Named | null): string | null {
  if (named === null || (named.name === null && named.commandLine === null)) return null;
  return escapeText(commandOf({ name: named.name ?? "", commandLine: named.commandLine ?? [] }));
}

/** The longest statement in a sentence. */
export const MAX_SQL = 60;

/** The longest statement where nothing limits the width. */
const MAX_LONG_SQL = 400;

/** One line, escaped. */
export function sqlLine(sql: string): string {
  return escapeText(
    sql
      .slice(0, MAX_LONG_SQL * 2)
      .trim()
      .replace(/\s+/g, " "),
  );
}

export function shortSql(sql: string, most = MAX_LONG_SQL, ellipsis = "..."): string {
  return cut(sqlLine(sql), most, ellipsis);
}

/** `insert into t … (12,345 bytes)`: with the length of the whole, where this is its beginning. Null: not known. */
export function sqlText(facts: SqlFacts, most?: number): string | null {
  return facts.sql === null ? null : `${shortSql(facts.sql, most)}${lengthText(facts)}`;
}

function lengthText({ sqlBytes, sqlBytesAtLeast }: SqlFacts): string {
  if (sqlBytes === undefined) return "";
  return ` (${sqlBytesAtLeast === true ? "at least " : ""}${count(sqlBytes, "byte")})`;
}

/** In a sentence: `insert into t values(?)` in backquotes. */
export function quotedSql(sql: string): string {
  return `\`${shortSql(sql, MAX_SQL)}\``;
}

/** `the write lock`; the name of SQLite's for all others: `the lock EXCLUSIVE`, `a read lock (READ1)`. */
export function lockPhrase(lock: LockName, type: LockType): string {
  if (lock === "WRITE" || lock === "RESERVED") return "the write lock";
  if (lock === "SHARED" || (type === "read" && lockRow(lock)?.pins !== undefined)) return `a read lock (${lock})`;
  return `the lock ${lock}`;
}

/** `READ1(write)`: a write lock on a read mark, of a checkpoint or a recovery. */
export function lockCell(lock: LockName, type: LockType): string {
  return type === "write" && lockRow(lock)?.pins !== undefined ? `${lock}(write)` : lock;
}

/** `97 %`; never rounded to all or nothing. */
export function percent(share: number): string {
  const whole = Math.round(share * 100);
  return `${share < 1 && whole === 100 ? 99 : share > 0 && whole === 0 ? 1 : whole} %`;
}

/** `5.8 s`, `at least 5.8 s`. */
export function time(ms: number, atLeast = false): string {
  return `${atLeast ? "at least " : ""}${shortDuration(ms)}`;
}

/** For a table: `>= 5.8 s`. */
export function timeCell(ms: number | null, atLeast = false): string {
  return ms === null ? "?" : `${atLeast ? ">= " : ""}${shortDuration(ms)}`;
}

/** `0.4 ms`, `12 ms`, `5.8 s`. */
function shortDuration(ms: number): string {
  if (ms === 0) return "0 ms";
  if (ms < 0.05) return "<0.1 ms";
  return ms < 10 ? `${ms.toFixed(1)} ms` : fineDuration(ms);
}
