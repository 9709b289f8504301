/** The figures that advice stands on, in one sentence. Pure. */
import type { Evidence } from "../../recording/advice/evidence.ts";
import type { Quantiles } from "../../recording/distribution/durations.ts";
import { duration } from "../../text/duration.ts";
import { count } from "../../text/list.ts";
import { rangeText } from "./ranges.ts";

export function figuresText(evidence: Evidence): string {
  const { watchedMs, source, writers, writeHolds, waits, journalMode } = evidence;
  const mode = journalMode === null ? "" : journalMode === "wal" ? ", WAL mode" : ", rollback journal";
  if (source === "look") return `One look${mode}.`;
  const held = writeHolds.times === 0 ? "nobody wrote" : `${count(writers, "writer")}${heldText(writeHolds)}`;
  const waited =
    waits === null
      ? "waits cannot be seen"
      : waits.lengths.times === 0
        ? "nobody waited"
        : `${count(waits.lengths.times, "wait")}${lengthsText(waits.lengths)}`;
  return `In ${duration(watchedMs)}${mode}: ${held}; ${waited}.`;
}

function heldText(quantiles: Quantiles): string {
  return `, ${count(quantiles.times, "hold")} of the write lock${lengthsText(quantiles)}`;
}

/** ` (p50 2 ms, p95 1.5 s, p99 1.9 s, longest 2.4 s)`. */
function lengthsText({ p50, p95, p99, longest }: Quantiles): string {
  const parts = Object.entries({ p50, p95, p99, longest }).flatMap(([name, range]) =>
    range === null ? [] : [`${name} ${rangeText(range)}`],
  );
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}
