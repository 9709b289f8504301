/**
 * Which transactions the programs had, by their own logs: what they say of locks is certain between the return of the
 * call that took one and the entry of the call that gave it back, and possible from entry to return. Pure.
 */
import { type Call, isBusy, isOk } from "./calls.ts";

export type Access = "read" | "write";

export interface TrueTransaction {
  readonly pid: number;
  readonly tid: number;
  readonly connection: string;
  readonly path: string;
  readonly kind: "read" | "write" | "upgrade";
  readonly outcome: "commit" | "rollback" | "open" | "process-ended";
  /** The call that began it. */
  readonly first: Call;
  /** The call that took the write lock. */
  readonly writer: Call | null;
  /** BEGIN EXCLUSIVE. */
  readonly isExclusive: boolean;
  /** The call that ended it; null: none did. */
  readonly last: Call | null;
  /** All in it, in order. */
  readonly calls: readonly Call[];
}

interface Open {
  readonly calls: Call[];
  readonly isExclusive: boolean;
  readonly touched: Map<string, { reader: Call | null; writer: Call | null }>;
}

/** The attached database of a script is always `two`. */
export interface Databases {
  readonly main: string;
  readonly two?: string;
}

const BEGIN = /^begin\b(?:\s+(immediate|exclusive))?/i;
const WRITES = /^(insert|update|delete|replace|create|drop)\b/i;
const READS = /^select\b.*\bfrom\b/i;

export function transactionsOf(calls: readonly Call[], databases: Databases, endedPids: ReadonlySet<number>) {
  const found: TrueTransaction[] = [];
  for (const list of byConnection(calls).values()) {
    let open: Open | null = null;
    const finish = (outcome: TrueTransaction["outcome"], last: Call | null) => {
      if (open !== null) found.push(...told(open, outcome, last));
      open = null;
    };
    for (const call of list) {
      const sql = call.sql ?? "";
      const begin = BEGIN.exec(sql);
      if (!isOk(call)) {
        // a statement that was refused stays in its transaction
        (open as Open | null)?.calls.push(call);
      } else if (begin !== null) {
        const mode = begin[1]?.toLowerCase();
        open = { calls: [call], isExclusive: mode === "exclusive", touched: new Map() };
        if (mode !== undefined) for (const path of pathsOf(databases)) touch(open, path, "write", call);
      } else if (/^(commit|end)\b/i.test(sql)) {
        (open as Open | null)?.calls.push(call);
        finish("commit", call);
      } else if (/^rollback\b/i.test(sql)) {
        (open as Open | null)?.calls.push(call);
        finish("rollback", call);
      } else if (call.op === "close") finish("rollback", call);
      else if (call.op === "drop" && (open as Open | null)?.calls[0]?.op === "fetch") finish("commit", call);
      else if (WRITES.test(sql) || READS.test(sql)) {
        const alone: Open = open ?? { calls: [], isExclusive: false, touched: new Map() };
        alone.calls.push(call);
        touch(alone, pathOf(sql, databases), WRITES.test(sql) ? "write" : "read", call);
        if (open === null && call.op === "fetch") open = alone;
        else if (open === null) found.push(...told(alone, "commit", call));
      }
    }
    const [any] = list;
    if (any !== undefined) finish(endedPids.has(any.pid) ? "process-ended" : "open", null);
  }
  return found.sort((a, b) => a.first.fromMs - b.first.fromMs);
}

function told(open: Open, outcome: TrueTransaction["outcome"], last: Call | null): TrueTransaction[] {
  const [first] = open.calls;
  if (first === undefined) return [];
  const { pid, tid, connection } = first;
  return [...open.touched].map(([path, { reader, writer }]) => ({
    ...{ pid, tid, connection, path, outcome, first, writer, last },
    ...{ isExclusive: open.isExclusive, calls: open.calls },
    kind: writer === null ? "read" : reader !== null && reader !== writer ? "upgrade" : "write",
  }));
}

function touch(open: Open, path: string, access: Access, call: Call): void {
  const touched = open.touched.get(path) ?? { reader: null, writer: null };
  touched.reader ??= call;
  if (access === "write") touched.writer ??= call;
  open.touched.set(path, touched);
}

function pathsOf({ main, two }: Databases): string[] {
  return two === undefined ? [main] : [main, two];
}

function pathOf(sql: string, { main, two }: Databases): string {
  return two !== undefined && /\btwo\./.test(sql) ? two : main;
}

function byConnection(calls: readonly Call[]): Map<string, Call[]> {
  const groups = new Map<string, Call[]>();
  for (const call of calls) {
    const key = `${call.pid} ${call.connection}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [call]);
    else group.push(call);
  }
  return groups;
}

/** A write lock that a process had all that time for certain. */
export interface Hold {
  readonly pid: number;
  readonly path: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly transaction: TrueTransaction;
}

export function certainHolds(transactions: readonly TrueTransaction[], endMs: number): Hold[] {
  return transactions.flatMap((transaction): Hold | [] => {
    const { pid, path, writer, last, calls } = transaction;
    if (writer === null || writer === last) return [];
    const killed = calls.find(({ code }) => code === null);
    const toMs = (last ?? killed)?.fromMs ?? endMs;
    return toMs <= writer.toMs ? [] : { pid, path, fromMs: writer.toMs, toMs, transaction };
  });
}

/** Whether the call needs the write lock of this database. `inTransaction`: it has begun to write already. */
export function needsWrite(call: Call): boolean {
  const sql = call.sql ?? "";
  const [, mode] = BEGIN.exec(sql) ?? [];
  return mode !== undefined || WRITES.test(sql);
}

export function isRefusedOrOk(call: Call): boolean {
  return isOk(call) || isBusy(call);
}
