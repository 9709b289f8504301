/**
 * Who made a file, as a part of its name: a process of this boot and pid namespace, so that nothing of a living one is
 * taken for a leftover, be it on another machine or in a container.
 */
import { createHash } from "node:crypto";
import { readlinkSync } from "node:fs";
import { pathExists } from "../../observe/identify.ts";
import { readText, valueOr } from "../../proc/read.ts";
import { hasEnded, type Owner, self } from "../../trace/name.ts";

/** `WORLD-PID-TICKS`: this process. */
export function makerTag(): string {
  const { pid, startTicks } = self();
  return `${world()}-${pid}-${startTicks}`;
}

/** Null: the text names no process of the world `here`. Pure. */
export function makerOf(tag: string, here: string): Owner | null {
  const [, place, pid, ticks] = /^([0-9a-f]{8})-(\d{1,7})-(\d{1,20})$/.exec(tag) ?? [];
  if (place !== here || pid === undefined || ticks === undefined) return null;
  return { pid: Number(pid), startTicks: BigInt(ticks) };
}

/** One of another user may be hidden from /proc (hidepid), and not from kill(2). */
export function isGone(owner: Owner): boolean {
  if (!hasEnded(owner)) return false;
  if (pathExists(`/proc/${owner.pid}`)) return true; // another process has its number
  try {
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** This boot, and this pid namespace. */
export function world(): string {
  const boot = valueOr(readText("/proc/sys/kernel/random/boot_id"), "");
  return createHash("sha256")
    .update(`${boot} ${readlinkSync("/proc/self/ns/pid")}`)
    .digest("hex")
    .slice(0, 8);
}
