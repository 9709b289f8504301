/** What keeps a holder from going on, of itself: as a fact, and as the verdict says it. Pure. */
import type { Finding, Holder } from "../model/report.ts";

/** After the name of the process. */
export const STANDSTILL_TEXTS = {
  frozen: "is frozen",
  stopped: "is stopped",
  traced: "is stopped by a debugger",
  "hangs-in-kernel": "hangs in the kernel (state D)",
  "waits-for-itself": "likely waits for itself",
  idle: "is idle",
  "likely-idle": "is likely idle",
} as const;

export type Standstill = keyof typeof STANDSTILL_TEXTS;

/** Threads wait in the kernel for moments all the time. In ms. */
const SHORTEST_HANG_MS = 1000;

/** Null where it runs, or nothing is known. */
export function standstillOf(holder: Holder, findings: readonly Finding[]): Standstill | null {
  if (holder.frozen !== null) return "frozen";
  if (holder.state === "stopped" || holder.state === "traced") return holder.state;
  if ((holder.uninterruptible?.idleMs ?? 0) >= SHORTEST_HANG_MS) return "hangs-in-kernel";
  const itself = findings.some(
    ({ id, severity, pids }) => id === "same-process-contention" && severity !== "info" && pids.includes(holder.pid),
  );
  if (itself) return "waits-for-itself";
  if (holder.stale.includes("idle-in-transaction")) return "idle";
  return holder.stale.includes("likely-idle-in-transaction") ? "likely-idle" : null;
}
