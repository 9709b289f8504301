/**
 * The thread that reads /proc/locks: the looks of the main thread take longer than many a lock is held. It sleeps
 * without an event loop, which costs less and wakes more exactly.
 */
import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { failure, readText, valueOr } from "../../proc/read.ts";
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

/**
 * On a machine with thousands of locks a reading costs much: then it rests so many times as long, so that it takes no
 * more than a fifth of a core. By the time on a CPU, for most of a slow reading is spent waiting for the kernel.
 */
const REST = 4;

/** Samples between two times that it is asked what they cost. */
const ASK_EVERY = 100;

/** Between two messages, in ms: each wakes the main thread. */
const TELL_EVERY_MS = 40;

/**
 * Of this thread alone (setpriority(2), a thread's on Linux): on a busy machine it would else miss what happens while
 * it waits for a CPU.
 */
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
let samples = 0;
let pauseMs = EVERY_MS;
let cpuBeforeMs = cpuTimeMs();
let toldMs: number | null = null;
for (;;) {
  const last = Atomics.load(stop, 0) !== 0;
  events.push(...sampler.sample());
  const now = clock();
  if (++samples % ASK_EVERY === 0) {
    const cpuMs = cpuTimeMs();
    pauseMs = Math.max(EVERY_MS, (REST * (cpuMs - cpuBeforeMs)) / ASK_EVERY);
    cpuBeforeMs = cpuMs;
  }
  if (last || toldMs === null || (events.length > 0 && now - toldMs >= TELL_EVERY_MS)) {
    const batch: Batch = { events, sampling: sampler.sampling, last, fromMs, untilMs: now };
    parentPort?.postMessage(batch);
    events = [];
    toldMs = now;
  }
  if (last) break;
  Atomics.wait(stop, 0, 0, pauseMs);
}
sampler.close();

/**
 * What this thread has spent on a CPU; 0 where the kernel does not count it. Source:
 * Documentation/scheduler/sched-stats.rst.
 */
function cpuTimeMs(): number {
  return Number.parseInt(valueOr(readText("/proc/thread-self/schedstat"), "0"), 10) / 1e6;
}
