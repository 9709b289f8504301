/**
 * A call was refused once and gave up at once, at the begin of a transaction, where a busy timeout would have waited.
 * Once is enough: the program got the error. Silent of processes that waited at another time: they have a timeout, and
 * this was something else.
 */
import type { CountsLine, RefusalLine, TransactionLine, WaitLine } from "../../lines.ts";
import type { StatementKinds } from "../../sql/kinds.ts";
import type { NoBusyTimeout } from "../pattern.ts";
import { ByPath, Evidence, LISTED_PIDS, type PatternRule } from "../rule.ts";
import { known, Sites } from "../sites.ts";
import type { ReadThenWriteRule } from "./read-then-write.ts";
import { RefusedAtOnce } from "./refused-at-once.ts";
import type { Waiters } from "./waiters.ts";
import type { ZeroTimeouts } from "./zero-timeouts.ts";

const MOST = 2_000;

interface Refused {
  readonly pid: number;
  readonly sql: string | null;
  readonly evidence: Evidence;
  readonly sites: Sites;
  proved: boolean;
}

export class NoBusyTimeoutRule implements PatternRule {
  /** By process and statement. */
  readonly #byPath = new ByPath(() => new Map<string, Refused>());
  /** By process: of the last refusal that a program told of. */
  readonly #last = new Map<number, Refused>();
  readonly #atOnce: RefusedAtOnce;
  readonly #waiters: Waiters;
  readonly #readThenWrite: ReadThenWriteRule;
  readonly #timeouts: ZeroTimeouts;

  constructor(kinds: StatementKinds, waiters: Waiters, readThenWrite: ReadThenWriteRule, timeouts: ZeroTimeouts) {
    this.#timeouts = timeouts;
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
    this.#last.delete(line.pid);
    if (line.why !== "no-wait") return;
    const refused = this.#add(line, 0, line.sure === "proved");
    if (this.#last.size < MOST) this.#last.set(line.pid, refused);
  }

  /** Further ones at the same line: the program counts them. */
  counts({ pid, refusals = 0 }: CountsLine): void {
    if (refusals > 0) this.#last.get(pid)?.evidence.add(pid, null, 0, refusals);
  }

  found(): NoBusyTimeout[] {
    this.#atOnce.end();
    return [...this.#byPath].flatMap(([path, refused]) => {
      const all = [...refused.values()].filter(
        ({ pid, sql }) => !this.#waiters.has(pid) && !this.#readThenWrite.explains(path, pid, sql),
      );
      if (all.length === 0) return [];
      const sorted = all.sort((a, b) => b.evidence.times - a.evidence.times);
      const refusedAt = new Sites();
      for (const { sites, evidence } of sorted) refusedAt.add(sites.most, evidence.times);
      const pids = [...new Set(sorted.map(({ pid }) => pid))].slice(0, LISTED_PIDS);
      return [
        {
          ...{ id: "no-busy-timeout", severity: "warning", path, pids },
          sure: all.some(({ proved }) => proved) ? "proved" : "likely",
          sql: sorted[0]?.evidence.sql ?? null,
          evidence: {
            refused: all.reduce((sum, { evidence }) => sum + evidence.times, 0),
            longestMs: Math.max(...all.map(({ evidence }) => evidence.longestMs)),
            ...known("openedAt", this.#timeouts.openedAt(path, pids)),
            ...known("refusedAt", refusedAt.most),
          },
          ...{ fix: "set-busy-timeout", explain: "busy" },
        } satisfies NoBusyTimeout,
      ];
    });
  }

  /** A call was refused at once, whatever the reason. */
  hasRefused(path: string): boolean {
    return this.#byPath.of(path).size > 0;
  }

  #add({ path, pid, sql, callSite }: WaitLine | RefusalLine, ms: number, proved: boolean): Refused {
    const all = this.#byPath.of(path);
    const key = `${pid} ${sql ?? ""}`;
    let refused = all.get(key);
    if (refused === undefined) {
      refused = { pid, sql, evidence: new Evidence(), sites: new Sites(), proved: false };
      if (all.size < MOST) all.set(key, refused);
    }
    refused.evidence.add(pid, sql, ms);
    refused.sites.add(callSite);
    refused.proved ||= proved;
    return refused;
  }
}
