/** A recommended setting, as the option that is typed. Pure. */
import type { Recommendation } from "../../features/stress/recommendation.ts";
import { optionDuration } from "../../text/duration.ts";

export function recommendationText(change: Recommendation): string {
  if ("transaction" in change) return `--transaction ${change.transaction}`;
  if ("journalMode" in change) return `--journal-mode ${change.journalMode}`;
  if ("thinkMs" in change) return `--think ${optionDuration(change.thinkMs)}`;
  return `--busy-timeout ${optionDuration(change.busyTimeoutMs)}`;
}
