/** How much of the time the write lock was held, in slots. Pure. */

/** From (included) to (excluded), in ms; `toMs` is null while it lasts. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number | null;
}

/** The share of each slot, 0 to 1, that any of the spans covers; the last slot ends at `nowMs`. */
export function occupancy(spans: readonly Span[], nowMs: number, slotMs: number, slots: number): number[] {
  const startMs = nowMs - slots * slotMs;
  const covered = new Array<number>(slots).fill(0);
  for (const { fromMs, toMs } of union(spans, startMs, nowMs)) {
    for (let at = fromMs; at < toMs; ) {
      const slot = Math.min(slots - 1, Math.floor((at - startMs) / slotMs));
      const end = slot === slots - 1 ? toMs : Math.min(toMs, startMs + (slot + 1) * slotMs);
      covered[slot] = (covered[slot] ?? 0) + Math.max(0, end - at);
      if (end <= at) break;
      at = end;
    }
  }
  return covered.map((ms) => Math.min(1, ms / slotMs));
}

/** The parts between the two times, in order, without overlap. */
function union(spans: readonly Span[], startMs: number, nowMs: number): { fromMs: number; toMs: number }[] {
  const merged: { fromMs: number; toMs: number }[] = [];
  const inside = spans
    .map(({ fromMs, toMs }) => ({ fromMs: Math.max(fromMs, startMs), toMs: Math.min(toMs ?? nowMs, nowMs) }))
    .filter(({ fromMs, toMs }) => toMs > fromMs)
    .sort((a, b) => a.fromMs - b.fromMs);
  for (const span of inside) {
    const last = merged.at(-1);
    if (last !== undefined && span.fromMs <= last.toMs) last.toMs = Math.max(last.toMs, span.toMs);
    else merged.push(span);
  }
  return merged;
}
