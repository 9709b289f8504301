/**
 * A call was refused once and gave up at once, at the begin of a transaction, where a busy timeout would have waited.
 * Once is enough: the program got the error. Silent of processes that waited at another time: they have a timeout, and
 * this was something else.
 */
import type { RefusalLine, TransactionLine, WaitLine } from "../../lines.ts";
import type { StatementKinds } from "../../sql/kinds.ts";
import type { NoBusyTimeout } from "../pattern.ts";
import { ByPath, Evidence, type PatternRule } from "../rule.ts";
import { RefusedAtOnce } from "./refused-at-once.ts";

const MOST_WAITED = 2_000;

interface Refused {
  readonly path: string;
  readonly pid: number;
  readonly evidence: Evidence;
  proved: boolean;
}

export class NoBusyTimeoutRule implements PatternRule {
  readonly #byPath = new ByPath(() => new Map<number, Refused>());
  /** Processes that tried a second time in some wait. */
  readonly #waited = new Set<number>();
  readonly #atOnce: RefusedAtOnce;

  constructor(kinds: StatementKinds) {
    // SQLite retries no BUSY_RECOVERY or BUSY_SNAPSHOT either: these have results of their own.
    this.#atOnce = new RefusedAtOnce(kinds, (line, hadRead) => {
      if (hadRead) return;
      const kind = line.sql === null ? null : kinds.of(line.sql);
      this.#add(line, line.waitedMs, kind === "begin-immediate" || kind === "begin-exclusive");
    });
  }

  wait(line: WaitLine): void {
    if (line.attempts > 1 && this.#waited.size < MOST_WAITED) this.#waited.add(line.pid);
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
    return [...this.#byPath].flatMap(([path, byPid]) => {
      const all = [...byPid.values()].filter(({ pid }) => !this.#waited.has(pid));
      if (all.length === 0) return [];
      const sorted = all.sort((a, b) => b.evidence.times - a.evidence.times);
      return [
        {
          ...{ id: "no-busy-timeout", severity: "warning", path },
          sure: all.some(({ proved }) => proved) ? "proved" : "likely",
          pids: sorted.slice(0, 10).map(({ pid }) => pid),
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
    const byPid = this.#byPath.of(path);
    let refused = byPid.get(pid);
    if (refused === undefined) {
      refused = { path, pid, evidence: new Evidence(), proved: false };
      if (byPid.size < MOST_WAITED) byPid.set(pid, refused);
    }
    refused.evidence.add(pid, sql, ms);
    refused.proved ||= proved;
  }
}
