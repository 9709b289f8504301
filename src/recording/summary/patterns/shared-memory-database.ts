/**
 * A database in memory that several connections of a process have open at the same time by its name: they share a
 * cache. A table that one of them writes is refused to the others with SQLITE_LOCKED, and no busy timeout applies.
 */
import type { ConnectionLine } from "../../program/lines.ts";
import type { SharedMemoryDatabase } from "../pattern.ts";
import { ByPath, Evidence, type PatternRule } from "../rule.ts";
import { known, Sites } from "../sites.ts";

const MOST_PIDS = 500;
/** Of one process: the last ones. */
const MOST_SPANS = 64;

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Shared {
  readonly byPid: Map<number, Span[]>;
  readonly evidence: Evidence;
  readonly sites: Sites;
  isShared: boolean;
}

export class SharedMemoryDatabaseRule implements PatternRule {
  readonly #byName = new ByPath(
    (): Shared => ({ byPid: new Map(), evidence: new Evidence(), sites: new Sites(), isShared: false }),
  );

  connection({ memory, pid, openedMs, closedMs, openedAt, closed, times = 1 }: ConnectionLine): void {
    if (memory === null || closed === "not-opened") return;
    const shared = this.#byName.of(memory);
    let spans = shared.byPid.get(pid);
    if (spans === undefined) {
      if (shared.byPid.size >= MOST_PIDS) return;
      spans = [];
      shared.byPid.set(pid, spans);
    }
    const span = { fromMs: openedMs, toMs: closedMs ?? Number.POSITIVE_INFINITY };
    shared.isShared ||= spans.some(({ fromMs, toMs }) => fromMs < span.toMs && span.fromMs < toMs);
    spans.push(span);
    if (spans.length > MOST_SPANS) spans.shift();
    shared.evidence.add(pid, null, 0, times);
    shared.sites.add(openedAt, times);
  }

  found(): SharedMemoryDatabase[] {
    return [...this.#byName].flatMap(([path, { evidence, sites, isShared }]) => {
      if (!isShared) return [];
      return [
        {
          ...{ id: "shared-memory-database", severity: "info", sure: "proved", path, pids: evidence.pids, sql: null },
          evidence: { connections: evidence.times, ...known("openedAt", sites.first) },
          ...{ fix: "no-shared-cache", explain: "busy" },
        } satisfies SharedMemoryDatabase,
      ];
    });
  }
}
