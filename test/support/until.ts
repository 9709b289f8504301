/** Waiting for something to be true, instead of sleeping and hoping. */
import { setTimeout as sleep } from "node:timers/promises";

const LONGEST_MS = 50_000;

/** For what comes with time alone, and is asked for by a process of its own. */
export const SELDOM_MS = 200;

/**
 * Asks again until the answer is neither undefined nor false, and returns it. `everyMs`: longer where asking is dear
 * and the answer is known to take a while.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  everyMs = 20,
): Promise<T> {
  const started = Date.now();
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() - started > LONGEST_MS) throw new Error(`waited in vain until ${what}`);
    await sleep(everyMs);
  }
}
