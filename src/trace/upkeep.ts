/** Since when an instance is as it was set, and what is lost where it was not: it is set anew. */
import type { LostEvent } from "../recording/source-event.ts";
import type { Settings } from "./settings.ts";

/** Until the settings are looked at again that could not be restored, ms: from this to that. */
const FIRST_WAIT_MS = 100;
const MAX_WAIT_MS = 10_000;

export class Upkeep {
  readonly #settings: Settings;
  readonly #restoreProbes: () => void;
  readonly #nowMs: () => number;
  /** Until then everything was recorded, as far as the settings are concerned. */
  #keptMs = 0;
  /** While they cannot be restored they are looked at less often. */
  #nextMs = Number.NEGATIVE_INFINITY;
  #waitMs = FIRST_WAIT_MS;

  constructor(settings: Settings, restoreProbes: () => void, nowMs: () => number) {
    this.#settings = settings;
    this.#restoreProbes = restoreProbes;
    this.#nowMs = nowMs;
  }

  /**
   * Looks, unless it is too early. Where a look would have to wait it comes with a later call, and events may be
   * delivered until the last one alone.
   */
  lookIfDue(nowMs: number): { readonly untilMs: number; readonly lost: LostEvent | null } {
    if (nowMs < this.#nextMs) return { untilMs: Number.POSITIVE_INFINITY, lost: null };
    if (this.#settings.isLocked) return { untilMs: this.#keptMs, lost: null };
    const lost = this.look(nowMs);
    this.#settings.tryRead();
    return { untilMs: Number.POSITIVE_INFINITY, lost };
  }

  /** What another program has switched off is switched on again: what happened meanwhile is lost. */
  look(nowMs: number): LostEvent | null {
    if (this.#settings.areKept) {
      this.#keptMs = nowMs;
      return null;
    }
    this.#restoreProbes();
    this.#settings.restore();
    const isRestored = this.#settings.areKept;
    const atMs = this.#nowMs();
    const fromMs = this.#keptMs;
    this.#keptMs = atMs;
    this.#waitMs = isRestored ? FIRST_WAIT_MS : Math.min(this.#waitMs * 2, MAX_WAIT_MS);
    this.#nextMs = isRestored ? Number.NEGATIVE_INFINITY : atMs + this.#waitMs;
    return { kind: "lost", fromMs, atMs, events: null, why: "switched-off" };
  }
}
