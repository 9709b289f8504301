/** Transactions that are open now. Pure. */
import type { TransactionLine } from "../lines.ts";
import type { State } from "../state.ts";
import type { Connection } from "./connection.ts";
import type { Frame, Process } from "./thread.ts";
import type { Transaction } from "./transaction.ts";
import { linesOf } from "./transaction-line.ts";

/** What the connections of a process do now: the outermost call, and the step of a statement in it. */
export function callsOf({ threads }: Process): {
  readonly calls: ReadonlyMap<Connection, Frame>;
  readonly steps: ReadonlyMap<Connection, Frame>;
} {
  const calls = new Map<Connection, Frame>();
  const steps = new Map<Connection, Frame>();
  for (const thread of threads) {
    const outer = thread.outer();
    const step = thread.top()?.step ?? null;
    if (outer?.connection != null) calls.set(outer.connection, outer);
    if (step?.connection != null) steps.set(step.connection, step);
  }
  return { calls, steps };
}

/** False: its first call still waits. */
export function hasBegun(transaction: Transaction): boolean {
  return transaction.isExplicit || transaction.hasStatements() || transaction.isWriting();
}

/** Of connections whose statements are known, as lines; nothing is changed. */
export function openLines(state: State, nowMs: number): TransactionLine[] {
  const lines: TransactionLine[] = [];
  for (const process of state.processes.values()) {
    const { calls, steps } = callsOf(process);
    for (const connection of process.connections.values()) {
      const { transaction } = connection;
      if (transaction === null || !hasBegun(transaction)) continue;
      const step = steps.get(connection);
      const running = step === undefined ? null : transaction.unfinished(step, nowMs);
      const outer = calls.get(connection) ?? null;
      for (const line of linesOf(state, connection, transaction, "open", null, nowMs, outer))
        lines.push(running === null ? line : { ...line, statements: [...line.statements, running] });
    }
  }
  return lines;
}
