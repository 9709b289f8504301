/** `/proc/uptime`, in the unit of /proc/PID/stat. Source: proc_uptime(5). */
import { ParseError } from "../errors.ts";
import { readText } from "./read.ts";

/** USER_HZ: ticks a second in /proc, 100 on every architecture that Node.js runs on. */
const TICKS_PER_SECOND = 100n;

/** Milliseconds since boot. @throws ParseError */
export function parseUptimeMs(text: string): number {
  const match = /^(\d+\.\d+) /.exec(text);
  if (match?.[1] === undefined) throw new ParseError("/proc/uptime", text);
  return Number(match[1]) * 1000;
}

/** When this machine was started, in milliseconds since 1970; null where /proc/uptime cannot be read. */
export function readBootTimeMs(proc: string, nowMs: number): number | null {
  const reading = readText(`${proc}/uptime`);
  return reading.kind === "ok" ? nowMs - parseUptimeMs(reading.value) : null;
}

export function ticksToMs(ticks: bigint): number {
  return Number((ticks * 1000n) / TICKS_PER_SECOND);
}
