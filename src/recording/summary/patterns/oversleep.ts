/**
 * The lock was free while the one that waited for it slept. SQLite's busy handler sleeps up to 100 ms between two
 * attempts, so that some of it is in every wait: it counts where one slept 50 ms too long (half of that, what is to be
 * expected of a long wait), and all together 100 ms and a fifth of the time that was waited.
 */
import type { CountsLine, WaitLine } from "../../lines.ts";
import type { Oversleep } from "../pattern.ts";
import { ByPath, Evidence, type PatternRule } from "../rule.ts";

const LONGEST_MS = 50;
const TOTAL_MS = 100;
const SHARE = 0.2;

interface Slept {
  readonly evidence: Evidence;
  waitedMs: number;
}

export class OversleepRule implements PatternRule {
  readonly #byPath = new ByPath((): Slept => ({ evidence: new Evidence(), waitedMs: 0 }));

  wait({ path, pid, sql, oversleptMs, waitedMs, perhapsSeveralCalls }: WaitLine): void {
    if (perhapsSeveralCalls === true) return;
    const slept = this.#byPath.of(path);
    slept.waitedMs += waitedMs;
    if (oversleptMs > 0) slept.evidence.add(pid, sql, oversleptMs);
  }

  counts({ path, waits }: CountsLine): void {
    if (waits !== null && waits.times > 0) this.#byPath.of(path).waitedMs += waits.totalMs;
  }

  found(): Oversleep[] {
    return [...this.#byPath]
      .filter(
        ([
          ,
          {
            evidence: { totalMs, longestMs },
            waitedMs,
          },
        ]) => longestMs >= LONGEST_MS && totalMs >= TOTAL_MS && totalMs >= waitedMs * SHARE,
      )
      .map(([path, { evidence, waitedMs }]) => ({
        ...{ id: "oversleep", severity: "info", sure: "proved", path, pids: evidence.pids, sql: evidence.sql },
        evidence: { waits: evidence.times, totalMs: evidence.totalMs, longestMs: evidence.longestMs, waitedMs },
        ...{ fix: "shorter-sleeps", explain: "busy" },
      }));
  }
}
