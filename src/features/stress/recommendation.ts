/** The one change of a setting that should prevent the failures; it is then tried. Pure. */
import { isBusy, isUpgrade } from "./failure-cause.ts";
import type { Failures } from "./report.ts";
import type { Settings } from "./settings.ts";

export type Recommendation = { readonly transaction: "immediate" } | { readonly busyTimeoutMs: number };

/** What SQLite's documentation and most drivers use. */
const USUAL_TIMEOUT_MS = 5000;

/** @returns null where nothing failed, and where only fewer or shorter transactions would help */
export function recommendationFor(settings: Settings, failures: readonly Failures[]): Recommendation | null {
  const busy = failures.filter(({ code }) => isBusy(code));
  if (busy.some((failure) => isUpgrade(settings, failure))) return { transaction: "immediate" };
  return settings.busyTimeoutMs === 0 && busy.length > 0 ? { busyTimeoutMs: USUAL_TIMEOUT_MS } : null;
}
