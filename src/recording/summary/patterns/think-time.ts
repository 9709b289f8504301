/**
 * A write transaction in which the program did something else for most of the time: half of it and more outside of
 * SQLite. It counts from 100 ms on where others waited 100 ms for such transactions (as long as the longest sleep of
 * SQLite's busy handler: below, a wait is mostly the sleep), and from one second on where nobody did: the next writer
 * will.
 */
import type { RefusalLine, TransactionLine, WaitLine } from "../../lines.ts";
import type { StatementKinds } from "../../sql/kinds.ts";
import { keptAfterEndMs } from "../kept-after-end.ts";
import { Overlaps } from "../overlaps.ts";
import type { ThinkTime } from "../pattern.ts";
import { ByPath, Evidence, type PatternRule } from "../rule.ts";
import { known } from "../sites.ts";

const OUTSIDE_SHARE = 0.5;
const NOTICED_MS = 100;
const LONG_MS = 1_000;

interface Thinking {
  /** By the time outside: from 100 ms on. */
  readonly short: Evidence;
  readonly long: Evidence;
  heldMs: number;
  longestHeldMs: number;
  /** The one with most time outside. */
  longest: TransactionLine | null;
  /** Others waited behind them. */
  readonly overlaps: Overlaps;
}

export class ThinkTimeRule implements PatternRule {
  readonly #kinds: StatementKinds;
  readonly #byPath = new ByPath(
    (): Thinking => ({
      ...{ short: new Evidence(), long: new Evidence(), heldMs: 0, longestHeldMs: 0, overlaps: new Overlaps() },
      longest: null,
    }),
  );

  constructor(kinds: StatementKinds) {
    this.#kinds = kinds;
  }

  wait(line: WaitLine): void {
    this.#byPath.of(line.path).overlaps.wait(line);
  }

  refusal(line: RefusalLine): void {
    this.#byPath.of(line.path).overlaps.refusal(line);
  }

  transaction(line: TransactionLine): void {
    const { path, pid, fromMs, writeFromMs, toMs, outsideMs, statements } = line;
    if (writeFromMs === null || toMs === null || outsideMs === null) return;
    // It was forgotten, which is another pattern: it did no work.
    if (line.program?.leftOpenBy !== undefined || line.program?.endedBy !== undefined) return;
    // The lock stayed after its end: there is nothing that could be committed sooner.
    if (keptAfterEndMs(line, this.#kinds) !== null) return;
    const heldMs = toMs - writeFromMs;
    // What was before the write lock was outside too, maybe: only what the rest cannot have been is sure.
    const outside = Math.min(heldMs, outsideMs - Math.max(0, writeFromMs - fromMs));
    if (outside < NOTICED_MS || outside < heldMs * OUTSIDE_SHARE) return;
    const thinking = this.#byPath.of(path);
    const sql = this.#kinds.firstOf(statements);
    if (outside > thinking.short.longestMs) thinking.longest = line;
    thinking.short.add(pid, sql, outside);
    if (outside >= LONG_MS) thinking.long.add(pid, sql, outside);
    thinking.overlaps.held(pid, writeFromMs, toMs);
    thinking.heldMs += heldMs;
    thinking.longestHeldMs = Math.max(thinking.longestHeldMs, heldMs);
  }

  found(): ThinkTime[] {
    return [...this.#byPath].flatMap(([path, { short, long, heldMs, longestHeldMs, longest, overlaps }]) => {
      const blocked = overlaps.blockedMs;
      const inTheWay = blocked >= NOTICED_MS;
      if (!(inTheWay ? short.times > 0 : long.times > 0)) return [];
      return [
        {
          ...{ id: "think-time", severity: inTheWay ? "warning" : "info", sure: "proved", path },
          ...{ pids: short.pids, sql: short.sql },
          evidence: {
            ...{ transactions: short.times, longestMs: longestHeldMs, longestOutsideMs: short.longestMs },
            ...{ totalMs: heldMs, totalOutsideMs: short.totalMs, blockedMs: blocked },
            ...{ ...known("begunAt", longest?.callSite ?? null), ...pauseOf(longest) },
          },
          ...{ fix: "commit-before-work", explain: "transaction" },
        } satisfies ThinkTime,
      ];
    });
  }
}

/** Where most of the time outside was one pause. */
function pauseOf(line: TransactionLine | null): Pick<ThinkTime["evidence"], "pause"> {
  const pause = line?.program?.pause;
  if (pause === undefined || pause.ms < NOTICED_MS || (pause.after === null && pause.before === null)) return {};
  return { pause };
}
