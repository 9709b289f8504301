/** What goes on now, for the screen of a recording that runs. */
import type { LockName, LockType } from "../sqlite/locks.ts";
import type { Attempt } from "./calls/attempt.ts";
import { isNeeded } from "./calls/needed.ts";
import type { Transactions } from "./calls/transactions.ts";
import { mayBeSeveralCalls } from "./calls/wait-line.ts";
import { LONGEST_SLEEP_MS } from "./calls/waits.ts";
import type { Who } from "./lines.ts";
import type { State } from "./state.ts";

export interface Live {
  readonly waits: readonly LiveWait[];
  readonly held: readonly LiveLock[];
  readonly transactions: readonly LiveTransaction[];
}

export interface LiveWait extends Who {
  readonly path: string;
  readonly lock: LockName;
  readonly lockType: LockType;
  readonly fromMs: number;
  readonly attempts: number;
  /** As in WaitLine. */
  readonly perhapsSeveralCalls?: true;
  readonly sql: string | null;
  readonly blockerPids: readonly number[];
}

export interface LiveLock {
  readonly pid: number;
  readonly tid: number | null;
  readonly path: string;
  readonly lock: LockName;
  readonly lockType: LockType;
  readonly fromMs: number;
  readonly atLeast: boolean;
  readonly sql: string | null;
}

export interface LiveTransaction extends Who {
  readonly path: string;
  readonly connection: number | null;
  readonly fromMs: number;
  readonly writeFromMs: number | null;
}

export function liveOf(state: State, transactions: Transactions): Live {
  const waits: LiveWait[] = [];
  const add = (attempt: Attempt) => {
    if (attempt.grantedMs !== null) return;
    waits.push({
      ...state.who(attempt.pid, attempt.tid),
      path: attempt.file.database.path,
      lock: attempt.name,
      lockType: attempt.type,
      fromMs: attempt.fromMs,
      attempts: attempt.times,
      ...(mayBeSeveralCalls(attempt) ? { perhapsSeveralCalls: true } : {}),
      sql: attempt.sql?.text ?? null,
      blockerPids: attempt.blockers.filter(({ held }) => held.toMs === null).map(({ held }) => held.pid),
    });
  };
  for (const thread of state.threads.values()) {
    for (const frame of thread.frames) {
      for (const attempt of frame.attempts ?? []) if (isNeeded(attempt, frame)) add(attempt);
    }
    for (const attempt of thread.runs) {
      if (isNeeded(attempt, null) && state.nowMs - attempt.lastMs <= LONGEST_SLEEP_MS) add(attempt);
    }
  }
  return { waits, held: liveLocks(state), transactions: liveTransactions(state, transactions) };
}

function liveLocks({ files }: State): LiveLock[] {
  return [...files.all()].flatMap((file) =>
    [...file.all()].map(({ pid, tid, name, type, fromMs, atLeast, sql }) => ({
      pid,
      tid,
      path: file.database.path,
      lock: name,
      lockType: type,
      fromMs,
      atLeast,
      sql: sql?.text ?? null,
    })),
  );
}

function liveTransactions(state: State, { writers }: Transactions): LiveTransaction[] {
  const found: LiveTransaction[] = [];
  for (const { pid, connections } of state.processes.values()) {
    for (const { transaction, number } of connections.values()) {
      for (const { database, writeFromMs } of transaction?.touched ?? []) {
        const { fromMs, tid } = transaction ?? { fromMs: 0, tid: pid };
        found.push({ ...state.who(pid, tid), path: database.path, connection: number, fromMs, writeFromMs });
      }
    }
  }
  for (const [file, { pid, tid, fromMs }] of writers) {
    found.push({
      ...state.who(pid, tid ?? pid),
      path: file.database.path,
      connection: null,
      fromMs,
      writeFromMs: fromMs,
    });
  }
  return found;
}
