/** Histories of a recorder, for tests of what reads them. */
import { assemble, type FoundRun } from "../../src/recording/history/assemble.ts";
import type { HistoryFacts } from "../../src/recording/history/history.ts";
import { metaLine } from "./recording.ts";

/** A run that began then, and recorded for an hour. */
export function foundRun(
  startedAt: string,
  given: Partial<Omit<FoundRun, "meta">> & { zone?: string; bootId?: string; monotonicMs?: number } = {},
): FoundRun {
  const { zone = "Europe/Berlin", bootId = "boot", monotonicMs = 0, ...rest } = given;
  const startedMonotonicNs = String(BigInt(monotonicMs) * 1_000_000n);
  const meta = metaLine({ startedAt, zone, bootId, startedMonotonicNs });
  return { meta, fromMs: 0, toMs: 3_600_000, clocks: [], end: "complete", blanks: [], ...rest };
}

export function historyOf(...runs: readonly FoundRun[]): HistoryFacts {
  return assemble(runs).facts;
}
