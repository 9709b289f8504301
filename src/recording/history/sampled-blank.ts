/** Whether a blank is a time in which /proc/locks was not read, and not one of events that were lost. Pure. */
import type { Blank, Run } from "./history.ts";

export function isSampledBlank({ why, fromMs, toMs }: Blank, runs: readonly Run[]): boolean {
  const run = runs.find((each) => each.fromMs <= toMs && each.toMs >= fromMs);
  return why === "lost" && run?.meta.exact === false;
}
