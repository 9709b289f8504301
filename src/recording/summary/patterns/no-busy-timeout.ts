/**
 * A call was refused once and gave up at once, at the begin of a transaction, where a busy timeout would have waited.
 * Once is enough: the program got the error. Silent of processes that waited at another time: they have a timeout, and
 * this was something else.
 */
import type { RefusalLine, TransactionLine, WaitLine } from "../../lines.ts";
import type { StatementKinds } from "../../sql/kinds.ts";
import type { NoBusyTimeout } from "../pattern.ts";
import { ByPath, Evidence, LISTED_PIDS, type PatternRule } from "../rule.ts";
import type { ReadThenWriteRule } from "./read-then-write.ts";
import { RefusedAtOnce } from "./refused-at-once.ts";
import type { Waiters } from "./waiters.ts";

const MOST = 2_000;

interface Refused {
  readonly pid: number;
  readonly sql: string | null;
  readonly evidence: Evidence;
  proved: boolean;
}

export class NoBusyTimeoutRule implements PatternRule {
  /** By process and statement. */
  readonly #byPath = new ByPath(() => new Map<string, Refused>());
  readonly #atOnce: RefusedAtOnce;
  readonly #waiters: Waiters;
  readonly #readThenWrite: ReadThenWriteRule;

  constructor(kinds: StatementKinds, waiters: Waiters, readThenWrite: ReadThenWriteRule) {
    this.#waiters = waiters;
    this.#readThenWrite = readThenWrite;
    // SQLite retries no BUSY_RECOVERY or BUSY_SNAPSHOT either: these have results of their own.
    this.#atOnce = new RefusedAtOnce(kinds, (line, hadRead) => {
      if (hadRead) return;
      const kind = line.sql === null ? null : kinds.of(line.sql);
      this.#add(line, line.waitedMs, kind === "begin-immediate" || kind === "begin-exclusive");
    });
  }

  wait(line: WaitLine): void {
    if (line.result === null || line.result === "SQLITE_BUSY") this.#atOnce.wait(line);
  }

  transaction(line: TransactionLine): void {
    this.#atOnce.transaction(line);
  }

  refusal(line: RefusalLine): void {
    if (line.why === "no-wait") this.#add(line, 0, line.sure === "proved");
  }

  found(): NoBusyTimeout[] {
    this.#atOnce.end();
    return [...this.#byPath].flatMap(([path, refused]) => {
      const all = [...refused.values()].filter(
        ({ pid, sql }) => !this.#waiters.has(pid) && !this.#readThenWrite.explains(path, pid, sql),
      );
      if (all.length === 0) return [];
      const sorted = all.sort((a, b) => b.evidence.times - a.evidence.times);
      return [
        {
          ...{ id: "no-busy-timeout", severity: "warning", path },
          sure: all.some(({ proved }) => proved) ? "proved" : "likely",
          pids: [...new Set(sorted.map(({ pid }) => pid))].slice(0, LISTED_PIDS),
          sql: sorted[0]?.evidence.sql ?? null,
          evidence: {
            refused: all.reduce((sum, { evidence }) => sum + evidence.times, 0),
            longestMs: Math.max(...all.map(({ evidence }) => evidence.longestMs)),
          },
          ...{ fix: "set-busy-timeout", explain: "busy" },
        } satisfies NoBusyTimeout,
      ];
    });
  }

  #add({ path, pid, sql }: WaitLine | RefusalLine, ms: number, proved: boolean): void {
    const all = this.#byPath.of(path);
    const key = `${pid} ${sql ?? ""}`;
    let refused = all.get(key);
    if (refused === undefined) {
      refused = { pid, sql, evidence: new Evidence(), proved: false };
      if (all.size < MOST) all.set(key, refused);
    }
    refused.evidence.add(pid, sql, ms);
    refused.proved ||= proved;
  }
}
