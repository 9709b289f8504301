/**
 * A call was refused because of another connection of its own process, or calls waited 100 ms for one (as long as the
 * longest sleep of SQLite's busy handler: below, it was just passing by). One refusal is enough: the program got the
 * error, and nothing outside of it can help. One that had read before it wanted to write is another pattern's.
 */
import type { RefusalLine, TransactionLine, WaitLine } from "../../lines.ts";
import type { StatementKinds } from "../../sql/kinds.ts";
import type { SameProcessConnections } from "../pattern.ts";
import { ByPath, Evidence, type PatternRule } from "../rule.ts";
import { known, Sites } from "../sites.ts";
import { OwnRefusals } from "./own-refusals.ts";

const NOTICED_MS = 100;

interface Met {
  readonly refused: Evidence;
  readonly waits: Evidence;
  readonly refusedAt: Sites;
  readonly waitedAt: Sites;
  /** In vain: of those that were refused. */
  vainMs: number;
  proved: boolean;
}

export class SameProcessConnectionsRule implements PatternRule {
  readonly #byPath = new ByPath(
    (): Met => ({
      ...{ refused: new Evidence(), waits: new Evidence(), vainMs: 0, proved: false },
      ...{ refusedAt: new Sites(), waitedAt: new Sites() },
    }),
  );

  readonly #own: OwnRefusals;

  constructor(kinds: StatementKinds) {
    this.#own = new OwnRefusals(kinds, (line, hadRead) => {
      if (!hadRead) this.#add(line);
    });
  }

  wait({ withinProcess, path, pid, sql, waitedMs, callSite }: WaitLine): void {
    if (withinProcess !== true) return;
    const met = this.#byPath.of(path);
    met.waits.add(pid, sql, waitedMs);
    met.waitedAt.add(callSite, waitedMs);
  }

  refusal(line: RefusalLine): void {
    this.#own.refusal(line);
  }

  transaction(line: TransactionLine): void {
    this.#own.transaction(line);
  }

  #add({ path, pid, sql, sure, callSite, waitedMs = 0 }: RefusalLine): void {
    const met = this.#byPath.of(path);
    met.refused.add(pid, sql, waitedMs);
    met.vainMs += waitedMs;
    met.refusedAt.add(callSite);
    met.proved ||= sure === "proved";
  }

  found(): SameProcessConnections[] {
    this.#own.end();
    return [...this.#byPath]
      .filter(([, { refused, waits }]) => refused.times > 0 || waits.totalMs >= NOTICED_MS)
      .map(([path, { refused, waits, vainMs, proved, refusedAt, waitedAt }]) => ({
        ...{ id: "same-process-connections", severity: "warning", sure: proved ? "proved" : "likely", path },
        pids: refused.times > 0 ? refused.pids : waits.pids,
        sql: refused.sql ?? waits.sql,
        evidence: {
          ...{ refused: refused.times, waits: waits.times, waitedMs: waits.totalMs + vainMs },
          ...{ longestMs: Math.max(waits.longestMs, refused.longestMs), refusedLongestMs: refused.longestMs },
          ...known("usedAt", refusedAt.most ?? waitedAt.most),
        },
        ...{ fix: "one-connection", explain: "busy" },
      }));
  }
}
