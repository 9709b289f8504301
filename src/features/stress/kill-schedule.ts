/** When --kill-every kills a process, and which one: decided by the seed. Pure. */
import type { Random } from "./random.ts";

export interface NextKill {
  /** From now; killEveryMs on average. */
  readonly afterMs: number;
  /** @returns undefined where nothing is running */
  readonly chooseFrom: <T>(running: readonly T[]) => T | undefined;
}

/** @returns null where nothing more is to be killed within the remaining time */
export function nextKill(random: Random, killEveryMs: number | null, remainingMs: number): NextKill | null {
  if (killEveryMs === null || remainingMs <= 0) return null;
  const afterMs = random.int(1, 2 * killEveryMs - 1);
  const choice = random.int(0, 0x3fff_ffff);
  if (afterMs >= remainingMs) return null;
  return { afterMs, chooseFrom: (running) => running[choice % Math.max(1, running.length)] };
}
