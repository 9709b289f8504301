/** Shared memory in which the threads of a process wait for the time window of the round, without polling. */
import type { TimeWindow } from "../protocol.ts";

/** Three 64-bit words: whether it is open, the start, the end. */
export const GATE_BYTES = 24;

export function openGate(gate: SharedArrayBuffer, { startNs, endNs }: TimeWindow): void {
  const words = new BigInt64Array(gate);
  words[1] = BigInt(startNs);
  words[2] = BigInt(endNs);
  Atomics.store(words, 0, 1n);
  Atomics.notify(words, 0);
}

/** Blocks this thread until the gate is open. */
export function waitAtGate(gate: SharedArrayBuffer): TimeWindow {
  const words = new BigInt64Array(gate);
  Atomics.wait(words, 0, 0n);
  return { startNs: String(words[1]), endNs: String(words[2]) };
}
