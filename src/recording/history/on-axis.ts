/** A line with its times moved by so much, and its connections numbered anew. Pure. */
import type { BlockerFact, LockLine, RecordingLine, StatementFact, TransactionLine, WaitLine } from "../lines.ts";

export interface Move {
  /** Added to all times. */
  readonly ms: number;
  /** Added to the numbers of connections: each run counts its own from 1 on. */
  readonly connections: number;
}

/** The runs of a history have their connections so far apart. */
export const CONNECTIONS_OF_RUN = 1_000_000_000;

export function onAxis(line: RecordingLine, move: Move): RecordingLine {
  const { ms } = move;
  if (ms === 0 && move.connections === 0) return line;
  switch (line.type) {
    case "meta":
    case "process":
    case "summary":
      return line;
    case "lock":
      return lock(line, move);
    case "wait":
      return wait(line, move);
    case "transaction":
      return transaction(line, move);
    case "open":
      return {
        ...{ ...line, atMs: line.atMs + ms, locks: line.locks.map((each) => lock(each, move)) },
        waits: line.waits.map((each) => wait(each, move)),
        transactions: line.transactions.map((each) => transaction(each, move)),
      };
    case "refusal": {
      const { blockers, connectionId, connection } = line;
      return {
        ...{ ...line, atMs: line.atMs + ms, connection: plus(connection, move.connections) },
        ...(blockers !== undefined && { blockers: blockers.map((each) => blocker(each, ms)) }),
        ...(connectionId !== undefined && { connectionId: connectionId + move.connections }),
      };
    }
    case "connection": {
      const { id, openedMs, closedMs } = line;
      return { ...line, id: id + move.connections, openedMs: openedMs + ms, closedMs: plus(closedMs, ms) };
    }
    case "misuse": {
      const { connectionId, atMs } = line;
      return { ...line, connectionId: plus(connectionId, move.connections), atMs: atMs + ms };
    }
    case "unknown": {
      const { atMs, toMs, untilMs } = line;
      const moved = { ...line, atMs: atMs + ms, untilMs: plus(untilMs, ms) };
      return toMs === undefined ? moved : { ...moved, toMs: toMs + ms };
    }
    case "gap":
    case "counts":
    case "folded":
      return { ...line, fromMs: line.fromMs + ms, toMs: line.toMs + ms };
    case "statement":
    case "database":
    case "clock":
    case "wal":
      return { ...line, atMs: line.atMs + ms };
  }
}

function lock(line: LockLine, { ms, connections }: Move): LockLine {
  const { connection, fromMs, toMs } = line;
  return { ...line, connection: plus(connection, connections), fromMs: fromMs + ms, toMs: plus(toMs, ms) };
}

function wait(line: WaitLine, { ms, connections }: Move): WaitLine {
  const { connection, connectionId, fromMs, blockers } = line;
  return {
    ...{ ...line, connection: plus(connection, connections), fromMs: fromMs + ms },
    blockers: blockers.map((each) => blocker(each, ms)),
    ...(connectionId !== undefined && { connectionId: connectionId + connections }),
  };
}

function transaction(line: TransactionLine, { ms, connections }: Move): TransactionLine {
  const { connection, fromMs, toMs, writeFromMs, program } = line;
  return {
    ...{ ...line, connection: plus(connection, connections), fromMs: fromMs + ms, toMs: plus(toMs, ms) },
    ...{ writeFromMs: plus(writeFromMs, ms), statements: line.statements.map((each) => statement(each, ms)) },
    ...(program !== undefined && { program: { ...program, connectionId: program.connectionId + connections } }),
  };
}

function blocker(fact: BlockerFact, ms: number): BlockerFact {
  return { ...fact, fromMs: fact.fromMs + ms };
}

function statement(fact: StatementFact, ms: number): StatementFact {
  return { ...fact, atMs: fact.atMs + ms };
}

function plus(value: number | null, added: number): number | null {
  return value === null ? null : value + added;
}
