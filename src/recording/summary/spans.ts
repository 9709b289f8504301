/** How much time many spans cover: where they overlap, it counts once. Its memory is bounded. Pure. */
const MOST = 1_000;

interface Span {
  fromMs: number;
  toMs: number;
}

export class Spans {
  /** In order, without overlaps. */
  readonly #spans: Span[] = [];
  #forgottenMs = 0;
  /** What ends before is in `#forgottenMs`. */
  #sinceMs = Number.NEGATIVE_INFINITY;

  add(fromMs: number, toMs: number): void {
    let from = Math.max(fromMs, this.#sinceMs);
    let to = toMs;
    if (to <= from) return;
    let at = this.#spans.length;
    while (at > 0 && (this.#spans[at - 1]?.fromMs ?? 0) > to) at--;
    let first = at;
    for (; first > 0; first--) {
      const span = this.#spans[first - 1];
      if (span === undefined || span.toMs < from) break;
      from = Math.min(from, span.fromMs);
      to = Math.max(to, span.toMs);
    }
    this.#spans.splice(first, at - first, { fromMs: from, toMs: to });
    if (this.#spans.length > MOST) this.#forgetFirst();
  }

  get totalMs(): number {
    return this.#spans.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, this.#forgottenMs);
  }

  #forgetFirst(): void {
    const first = this.#spans.shift();
    if (first === undefined) return;
    this.#forgottenMs += first.toMs - first.fromMs;
    this.#sinceMs = first.toMs;
  }
}
