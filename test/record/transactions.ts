/** The transactions of a recording against the programs' own. Pure. */
import type { StatementFact, TransactionLine } from "../../src/recording/lines.ts";
import { type Call, isBusy } from "./calls.ts";
import type { TrueTransaction } from "./holds.ts";

export interface TransactionsGiven {
  readonly calls: readonly Call[];
  readonly recorded: readonly TransactionLine[];
  readonly expected: readonly TrueTransaction[];
  readonly sinceMs: number;
  readonly hasGaps: boolean;
  readonly withoutStatements: ReadonlySet<number>;
}

const text = (value: unknown) => JSON.stringify(value);

export function transactionMismatches(given: TransactionsGiven): string[] {
  const { expected, sinceMs, hasGaps, withoutStatements } = given;
  const left = new Map<number, TransactionLine[]>();
  for (const line of given.recorded) {
    if (line.fromMs < sinceMs || withoutStatements.has(line.pid)) continue;
    const own = left.get(line.pid);
    if (own === undefined) left.set(line.pid, [line]);
    else own.push(line);
  }
  const found: string[] = [];
  for (const each of expected) {
    if (withoutStatements.has(each.pid)) continue;
    const own = left.get(each.pid) ?? [];
    const index = own.findIndex((line) => isSame(line, each));
    const [line] = index < 0 ? [] : own.splice(index, 1);
    if (each.first.fromMs < sinceMs) continue;
    if (line === undefined) {
      if (!hasGaps && !isBesideAnother(each, expected, given.calls))
        found.push(`no transaction is told: ${text(each)}`);
    } else if (!hasGaps) found.push(...detailMismatches(line, each));
    else if (!line.atLeast && line.outcome !== "unknown" && line.kind !== each.kind)
      found.push(`another kind: ${text(line)} ${text(each)}`);
  }
  for (const line of [...left.values()].flat()) {
    if (hasGaps && (line.atLeast || line.outcome === "unknown")) continue;
    if (line.kind === "read" && given.calls.some((call) => readsSchema(call, line))) continue;
    found.push(`no transaction of the program: ${text(line)}`);
  }
  return found;
}

/**
 * Locks belong to processes: a connection that reads while another one of its process has the lock shows no event, and
 * what a statement reads is known from those.
 */
function isBesideAnother(
  { pid, connection, kind, first, last }: TrueTransaction,
  all: readonly TrueTransaction[],
  calls: readonly Call[],
): boolean {
  if (kind !== "read") return false;
  const untilMs = last?.toMs ?? Number.POSITIVE_INFINITY;
  const isMeanwhile = (other: { readonly pid: number; readonly connection: string }, fromMs: number, toMs: number) =>
    other.pid === pid && other.connection !== connection && fromMs <= untilMs && toMs >= first.fromMs;
  return (
    all.some((each) => isMeanwhile(each, each.first.fromMs, each.last?.toMs ?? Number.POSITIVE_INFINITY)) ||
    calls.some((each) => isMeanwhile(each, each.fromMs, each.toMs)) // it may have the lock to read while it waits
  );
}

/** ATTACH, PRAGMA and the like read a database for themselves. */
function readsSchema({ tid, sql, fromMs, toMs }: Call, line: TransactionLine): boolean {
  const isOther = sql !== null && /^(attach|detach|pragma|vacuum|analyze)\b/i.test(sql);
  return isOther && tid === line.tid && fromMs <= line.fromMs && line.toMs !== null && line.toMs <= toMs;
}

/** Borders: within the calls that began and ended it. */
function isSame(line: TransactionLine, { tid, path, first, last }: TrueTransaction): boolean {
  if (line.tid !== tid || line.path !== path) return false;
  if (line.fromMs < first.fromMs || line.fromMs > first.toMs) return false;
  if (last === null || line.toMs === null) return true;
  return line.toMs >= last.fromMs && line.toMs <= last.toMs;
}

function detailMismatches(line: TransactionLine, truth: TrueTransaction): string[] {
  const found: string[] = [];
  const say = (what: string) => found.push(`${what}: ${text(line)} by the log ${text(truth)}`);
  if (line.kind !== truth.kind) say("another kind");
  if (line.outcome !== truth.outcome) say("another outcome");
  if (truth.last !== null && line.toMs === null) say("it has ended");
  if (truth.outcome !== "open" && line.atLeast) say("at least, without a gap");
  if (line.connection === null) say("no connection");
  const expected = folded(truth.calls.filter(({ sql }) => sql !== null));
  if (line.moreStatements === 0 && text(line.statements.map(shown)) !== text(expected))
    say(`other statements, ${text(expected)}`);
  const insideMs = line.insideMs ?? Number.NaN;
  const calledMs = truth.calls.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  const closedMs = truth.last === null ? 0 : truth.last.toMs - truth.last.fromMs;
  if (!(insideMs >= 0 && insideMs <= calledMs + closedMs + 0.001)) say(`inside for ${calledMs} ms at most`);
  return found;
}

interface Shown {
  readonly sql: string | null;
  readonly times: number;
  readonly busy: boolean;
}

function shown({ sql, times = 1, result }: StatementFact): Shown {
  return { sql, times, busy: result?.startsWith("SQLITE_BUSY") === true };
}

/** The same statement in a row is told once. */
function folded(calls: readonly Call[]): Shown[] {
  const list: { sql: string | null; times: number; busy: boolean }[] = [];
  for (const call of calls) {
    const before = list.at(-1);
    const busy = isBusy(call);
    if (before?.sql === call.sql && before.busy === busy) before.times += 1;
    else list.push({ sql: call.sql, times: 1, busy });
  }
  return list;
}
