/** A worker that checks one database after another: what an earlier one may have left in its process. Pure. */
import type { WorkerResult } from "./run-worker.ts";

type Result = Pick<WorkerResult, "checks" | "problems" | "refusal" | "end">;

/**
 * Another database may be checked by the same process: this one was sound. The code of SQLite that damage reaches is
 * the one with faults, and memory that was refused may be missing still.
 */
export function leavesNothing(result: Result): boolean {
  const { checks, problems, refusal, end } = result;
  const isSound = problems.length === 0 && checks.every(({ failed }) => !failed);
  return end.kind === "done" && isSound && refusal?.kind !== "failed" && !lacksMemory(result);
}

/**
 * Of a process that had other databases before: it might have said something else without them. SIGKILL is sent by
 * others (a person, the kernel without memory), who meant this check where it had begun.
 */
export function mayBeOfEarlierJob(result: Result): boolean {
  const { refusal, end } = result;
  if (end.kind === "crashed") return end.signal !== "SIGKILL" || end.began !== true;
  return end.kind === "done" && (refusal?.kind === "failed" || lacksMemory(result));
}

function lacksMemory({ checks }: Result): boolean {
  return checks.some(({ unchecked }) => unchecked.some(({ code }) => code === "no-memory"));
}
