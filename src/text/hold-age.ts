/** For how long a process has kept a lock, as the verdict says it: proved, likely, or seen in look after look. Pure. */
import type { Blocker, Progress } from "../model/report.ts";
import { duration } from "./duration.ts";
import { hasLikelyAge } from "./likely.ts";

/** A shorter time says nothing: it may have been taken at this moment. */
const SHORTEST_AGE_MS = 100;

/** Looks within a shorter time say as little. */
const SHORTEST_LOOKS_MS = 300;

/** Of a blocker, or of a holder. */
export type HoldAge = Pick<Blocker, "pid" | "heldAtLeastMs" | "heldLikelyMs">;

/** `has held the write lock for at least 4 m 12 s`, `has likely held the write lock for 14 s`. */
export function sinceText(held: string, age: HoldAge, progress: Progress | null): string {
  return `has ${hasLikelyAge(age) ? "likely " : ""}${held} ${ageText(age, progress)}`;
}

/**
 * `for at least 4 m 12 s`, `in each of 24 checks within 0.6 s`, `for an unknown time`; `for 14 s` where `likely` is
 * said beside it.
 */
export function ageText(age: HoldAge, progress: Progress | null): string {
  const { pid, heldAtLeastMs, heldLikelyMs } = age;
  if (heldLikelyMs !== null && hasLikelyAge(age)) return `for ${duration(heldLikelyMs)}`;
  if (heldAtLeastMs !== null && heldAtLeastMs >= SHORTEST_AGE_MS) return `for at least ${duration(heldAtLeastMs)}`;
  return checksText(pid, progress, "") || "for an unknown time";
}

/** What was seen, which does not prove that it kept the lock in between. Empty where it says nothing. */
export function checksText(pid: number | null, progress: Progress | null, before: string): string {
  const { looks = 0, inEachLook = [], withinMs = 0 } = progress ?? {};
  return pid !== null && inEachLook.includes(pid) && withinMs >= SHORTEST_LOOKS_MS
    ? `${before}in each of ${looks} checks within ${duration(withinMs)}`
    : "";
}
