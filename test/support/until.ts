/** Waiting for something to be true, instead of sleeping and hoping. */
import { setTimeout as sleep } from "node:timers/promises";

const LONGEST_MS = 50_000;

/** Asks again until the answer is neither undefined nor false, and returns it. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const started = Date.now();
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() - started > LONGEST_MS) throw new Error(`waited in vain until ${what}`);
    await sleep(20);
  }
}
