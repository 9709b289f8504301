/** The text beside the progress bar. Pure. */
import type { Progress } from "../../features/stress/listener.ts";
import { duration } from "../../text/duration.ts";
import { count, grouped } from "../../text/list.ts";
import { recommendationText } from "./recommendation.ts";

/** `12,345 commits, 3 errors, 7 s left`; `trying --journal-mode wal, 7 s left`. */
export function progressText({ trying, commits, errors, elapsedMs, totalMs }: Progress): string {
  const remainingMs = totalMs - Math.max(0, elapsedMs);
  const remaining = remainingMs < 1000 ? "verifying" : `${duration(remainingMs)} left`;
  if (trying !== null) return `trying ${recommendationText(trying)}, ${remaining}`;
  return `${count(commits, "commit")}, ${errors === 1 ? "1 error" : `${grouped(errors)} errors`}, ${remaining}`;
}
