/**
 * The thread that reads /proc/locks: the looks of the main thread take longer than many a lock is held. It sleeps without an event
 * loop, which costs less and wakes more exactly.
 */
import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { failure } from "../proc/read.ts";
import { type SampleEvent, Sampler, type Sampling } from "./sampler.ts";

export interface ThreadData {
  readonly paths: readonly string[];
  /** At 0, not 0 when it is to end. */
  readonly stop: Int32Array;
}

/** Times are those of `Date.now()`, but never go back. */
export interface Batch {
  readonly events: readonly SampleEvent[];
  readonly sampling: Sampling;
  readonly last: boolean;
  /** Before the first of all readings. */
  readonly fromMs: number;
  /** When the last of its readings was made. */
  readonly untilMs: number;
}

/** Between two readings, in ms. */
const EVERY_MS = 2;

/** Between two messages, in ms: each wakes the main thread. */
const TELL_EVERY_MS = 40;

/** Of this thread alone (setpriority(2), a thread's on Linux): on a busy machine it would else miss what happens while it waits for a CPU. */
const NICE = -10;

try {
  setPriority(0, NICE);
} catch (error) {
  failure(error); // only root may
}

const { paths, stop } = workerData as ThreadData;
const epochMs = Date.now() - performance.now();
const clock = () => epochMs + performance.now();
const fromMs = clock();
const sampler = new Sampler(paths, clock);
let events: SampleEvent[] = [];
let toldMs: number | null = null;
for (;;) {
  const last = Atomics.load(stop, 0) !== 0;
  events.push(...sampler.sample());
  const now = clock();
  if (last || toldMs === null || (events.length > 0 && now - toldMs >= TELL_EVERY_MS)) {
    const batch: Batch = { events, sampling: sampler.sampling, last, fromMs, untilMs: now };
    parentPort?.postMessage(batch);
    events = [];
    toldMs = now;
  }
  if (last) break;
  Atomics.wait(stop, 0, 0, EVERY_MS);
}
sampler.close();
