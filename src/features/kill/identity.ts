/** What tells a process from a later one with the same pid. Pure. */
import type { Holder } from "../../model/report.ts";

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot, field 22 of /proc/PID/stat. */
  readonly startTicks: bigint;
}

export function isSameProcess(a: Pick<Holder, "pid" | "startTicks">, b: Pick<Holder, "pid" | "startTicks">): boolean {
  return a.pid === b.pid && a.startTicks === b.startTicks;
}

export function identityOf({ pid, startTicks }: Holder): ProcessIdentity {
  return { pid, startTicks: startTicks ?? -1n };
}

/** The result of a signal to a process by its identity. */
export type SendResult = "sent" | "gone" | "kernel-thread" | "no-permission";
