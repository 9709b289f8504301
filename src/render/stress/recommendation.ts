/** A recommended setting, as the option that is typed. Pure. */
import type { Recommendation } from "../../features/stress/recommendation.ts";
import { optionDuration } from "../../text/duration.ts";

export function recommendationText(change: Recommendation): string {
  return "transaction" in change
    ? `--transaction ${change.transaction}`
    : `--busy-timeout ${optionDuration(change.busyTimeoutMs)}`;
}
