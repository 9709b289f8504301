/** The line of a transaction: with its statements, or from the locks alone. Pure. */
import type { TransactionLine, TransactionOutcome } from "../lines.ts";
import { NO_CALL_SITE, type State } from "../state.ts";
import type { Connection } from "./connection.ts";
import type { Frame } from "./thread.ts";
import { kindOf, type Touched, type Transaction } from "./transaction.ts";

/** Who writes to a database outside of the calls that are known. */
export interface Writer {
  readonly pid: number;
  readonly tid: number | null;
  readonly fromMs: number;
  readonly atLeast: boolean;
  /** A checkpoint or a recovery has the write lock too. */
  isTransaction: boolean;
}

/** Open at the end. */
export function writerLine(state: State, { pid, tid, fromMs }: Writer, path: string): TransactionLine {
  return {
    type: "transaction",
    ...state.who(pid, tid ?? pid),
    path,
    connection: null,
    kind: "write",
    fromMs,
    toMs: null,
    atLeast: true,
    outcome: "open",
    insideMs: null,
    outsideMs: null,
    waitedMs: null,
    writeFromMs: fromMs,
    statements: [],
    moreStatements: 0,
    callSite: NO_CALL_SITE,
  };
}

/** One for each database that it has touched. `outer`: the call that goes on, whose time is the transaction's. */
export function linesOf(
  state: State,
  connection: Connection,
  transaction: Transaction,
  outcome: TransactionOutcome,
  toMs: number | null,
  endMs: number,
  outer: Frame | null,
): TransactionLine[] {
  const ranMs = outer === null ? 0 : endMs - Math.max(outer.atMs, transaction.fromMs);
  const insideMs = transaction.insideMs + Math.max(0, ranMs);
  return transaction.touched
    .filter(({ readStep, writeFromMs }) => readStep !== 0 || writeFromMs !== null)
    .map((touched) => transactionLine(state, connection, transaction, touched, outcome, toMs, endMs, insideMs));
}

function transactionLine(
  state: State,
  connection: Connection,
  transaction: Transaction,
  touched: Touched,
  outcome: TransactionOutcome,
  toMs: number | null,
  endMs: number,
  insideMs: number,
): TransactionLine {
  return {
    type: "transaction",
    ...state.who(connection.pid, transaction.tid),
    path: touched.database.path,
    connection: connection.number,
    kind: kindOf(touched),
    fromMs: transaction.fromMs,
    toMs,
    atLeast: transaction.atLeast || toMs === null,
    outcome,
    insideMs,
    outsideMs: Math.max(0, endMs - transaction.fromMs - insideMs),
    waitedMs: touched.waitedMs,
    writeFromMs: touched.writeFromMs,
    statements: transaction.facts(),
    moreStatements: transaction.moreStatements,
    ...(touched.isShared ? { sharedLocks: true } : {}),
    callSite: NO_CALL_SITE,
  };
}
