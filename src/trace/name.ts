/** Names in tracefs that say whose they are: `sqlock_<pid>_<start ticks>`, of an instance and of a group of probes. */
import { readStat } from "../proc/stat.ts";

const NAME = /^sqlock_([1-9]\d{0,9})_(\d{1,20})(?:_\d{1,6})?$/;

export interface Owner {
  readonly pid: number;
  readonly startTicks: bigint;
}

/** `counter`: the first tracer of a process is 1. */
export function nameOf({ pid, startTicks }: Owner, counter: number): string {
  return `sqlock_${pid}_${startTicks}${counter === 1 ? "" : `_${counter}`}`;
}

/** Null: the name is not one of sqlock's. */
export function ownerOf(name: string): Owner | null {
  const [, pid, startTicks] = NAME.exec(name) ?? [];
  return pid === undefined || startTicks === undefined ? null : { pid: Number(pid), startTicks: BigInt(startTicks) };
}

/** This process. */
export function self(): Owner {
  const stat = readStat("/proc/self");
  return { pid: process.pid, startTicks: stat.kind === "ok" ? stat.value.startTicks : 0n };
}

/** Whether the process has certainly ended: its number is free, or another process has it. */
export function hasEnded({ pid, startTicks }: Owner): boolean {
  const stat = readStat(`/proc/${pid}`);
  if (stat.kind === "ok") return stat.value.startTicks !== startTicks || stat.value.state === "zombie";
  return stat.kind === "gone";
}
