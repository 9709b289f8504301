/**
 * Which transactions the programs had, by their own logs. What they say of a lock is certain between the return of the
 * call that took it and the entry of the call that gave it back, and possible from entry to return. Pure.
 */

import { groupBy } from "../../src/features/integrity/group-by.ts";
import { type Call, isOk } from "./calls.ts";

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
  /** The call that ended it; null: none did. */
  readonly last: Call | null;
  /** All in it, in order. */
  readonly calls: readonly Call[];
}

interface Touched {
  readonly reader: Call;
  writer: Call | null;
}

interface Open {
  readonly calls: Call[];
  readonly touched: Map<string, Touched>;
}

const BEGIN = /^begin\b(?:\s+(immediate|exclusive))?/i;
const WRITES = /^(insert|update|delete|replace|create|drop)\b/i;
const READS = /^select\b.*\bfrom\b/i;

/** `endedPids`: processes that were killed. */
export function transactionsOf(calls: readonly Call[], endedPids: ReadonlySet<number>): TrueTransaction[] {
  const found: TrueTransaction[] = [];
  for (const list of groupBy(calls, ({ pid, connection }) => `${pid} ${connection}`).values()) {
    const connection = new ConnectionLog(found);
    for (const call of list) connection.add(call);
    connection.end(endedPids.has(list[0]?.pid ?? 0) ? "process-ended" : "open", null);
  }
  return found.sort((a, b) => a.first.fromMs - b.first.fromMs);
}

class ConnectionLog {
  readonly #found: TrueTransaction[];
  readonly #attached = new Map<string, string>();
  #open: Open | null = null;

  constructor(found: TrueTransaction[]) {
    this.#found = found;
  }

  add(call: Call): void {
    const sql = call.sql ?? "";
    const open = this.#open;
    if (!isOk(call))
      open?.calls.push(call); // a statement that was refused is in its transaction, which goes on
    else if (BEGIN.test(sql)) this.#begin(call);
    else if (/^(commit|end|rollback)\b/i.test(sql)) {
      open?.calls.push(call);
      this.end(/^rollback/i.test(sql) ? "rollback" : "commit", call);
    } else if (call.op === "close") this.end("rollback", call);
    else if (call.op === "drop") {
      if (open?.calls[0]?.op === "fetch") this.end("commit", call);
    } else if (WRITES.test(sql) || READS.test(sql)) this.#use(call);
    else this.#attach(sql);
  }

  end(outcome: TrueTransaction["outcome"], last: Call | null): void {
    const open = this.#open;
    const first = open?.calls[0];
    this.#open = null;
    if (open === null || first === undefined) return;
    const { pid, tid, connection } = first;
    for (const [path, { reader, writer }] of open.touched) {
      const kind = writer === null ? "read" : reader === writer ? "write" : "upgrade";
      this.#found.push({ pid, tid, connection, path, kind, outcome, first, writer, last, calls: open.calls });
    }
  }

  #begin(call: Call): void {
    this.#open = { calls: [call], touched: new Map() };
    if (BEGIN.exec(call.sql ?? "")?.[1] === undefined) return;
    for (const path of [call.path, ...this.#attached.values()]) this.#touch(this.#open, path ?? "", call, true);
  }

  #use(call: Call): void {
    const sql = call.sql ?? "";
    const isAlone = this.#open === null;
    this.#open ??= { calls: [], touched: new Map() };
    this.#open.calls.push(call);
    const [, schema = ""] = /\b(?:from|into|update|table)\s+(\w+)\.\w/i.exec(sql) ?? [];
    this.#touch(this.#open, this.#attached.get(schema) ?? call.path ?? "", call, WRITES.test(sql));
    if (isAlone && call.op !== "fetch") this.end("commit", call);
  }

  #touch({ touched }: Open, path: string, call: Call, writes: boolean): void {
    const found = touched.get(path) ?? { reader: call, writer: null };
    if (writes) found.writer ??= call;
    touched.set(path, found);
  }

  #attach(sql: string): void {
    const [, path, name] = /^attach '([^']*)' as (\w+)/i.exec(sql) ?? [];
    if (path !== undefined && name !== undefined) this.#attached.set(name, path);
    const [, gone] = /^detach (\w+)/i.exec(sql) ?? [];
    if (gone !== undefined) this.#attached.delete(gone);
  }
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
    const { pid, path, writer, last, outcome } = transaction;
    if (writer === null || writer === last) return [];
    const toMs = last !== null ? last.fromMs : outcome === "open" ? endMs : lastSeenMs(transaction);
    return toMs <= writer.toMs ? [] : { pid, path, fromMs: writer.toMs, toMs, transaction };
  });
}

/** It was killed some time after that. */
function lastSeenMs({ calls }: TrueTransaction): number {
  return Math.max(...calls.map(({ fromMs, toMs }) => (Number.isFinite(toMs) ? toMs : fromMs)));
}
