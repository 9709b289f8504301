/** Findings that rest on a thread that was seen asleep in a timer. Pure. */
import type { Finding } from "../model/report.ts";
import { findingRecord } from "./index.ts";

/** Any thread may sleep in a timer for a moment: whether one of these findings depends on such a sleep. */
export function dependOnTimerSleep(findings: readonly Finding[]): boolean {
  return findings.some(({ id, severity }) => findingRecord(id)?.dependsOnTimerSleep === severity);
}
