/** Whether a process is what a message says that it is: whoever can write to the pipe can claim to be any. */
import { valueOr } from "../../proc/read.ts";
import { readStat } from "../../proc/stat.ts";
import { readCredentials } from "../../proc/status.ts";

export type Claim =
  | "genuine"
  | "gone" // it has ended: what it says is only joined with what was seen of a process of that number and start
  | "other"; // the number is another process's: it is in another pid namespace, or not what it says

/** `uid`: as whom the command runs; null: any. */
export function judgeClaim(pid: number, startTicks: string, uid: number | null): Claim {
  const directory = `/proc/${pid}`;
  const stat = readStat(directory);
  if (stat.kind !== "ok") return "gone";
  if (stat.value.startTicks.toString() !== startTicks) return "other";
  const owner = valueOr(readCredentials(directory), null)?.uid ?? null;
  if (owner === null) return "gone"; // just now
  return uid === null || owner === uid ? "genuine" : "other";
}

/** The same process goes on. */
export function processExists(pid: number, startTicks: string): boolean {
  const stat = readStat(`/proc/${pid}`);
  return stat.kind === "ok" && stat.value.state !== "zombie" && stat.value.startTicks.toString() === startTicks;
}
