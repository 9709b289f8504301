/** The word to go, for threads that wait for it without looking. */
import type { Go } from "../protocol.ts";

/** Whether it is open, and from when to when. */
export const GATE_BYTES = 24;

export function open(gate: SharedArrayBuffer, { startNs, endNs }: Go): void {
  const words = new BigInt64Array(gate);
  words[1] = BigInt(startNs);
  words[2] = BigInt(endNs);
  Atomics.store(words, 0, 1n);
  Atomics.notify(words, 0);
}

export function wait(gate: SharedArrayBuffer): Go {
  const words = new BigInt64Array(gate);
  Atomics.wait(words, 0, 0n);
  return { startNs: String(words[1]), endNs: String(words[2]) };
}
