/**
 * The thread that reads /proc/locks: a look of the main thread takes longer than many locks are held. It sleeps without
 * an event loop, which costs less and wakes more exactly.
 */
import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { failure, readText, valueOr } from "../../proc/read.ts";
import { type SampleEvent, Sampler, type SamplingStatistics } from "./sampler.ts";

export interface ThreadData {
  readonly paths: readonly string[];
  /** One number: anything but 0 ends the thread. */
  readonly stop: Int32Array;
  /** There is a batch at least as often as this, also without events; null: only with events. */
  readonly heartbeatMs: number | null;
}

/** Times are those of `Date.now()`, but never go back. */
export interface SampleBatch {
  readonly events: readonly SampleEvent[];
  readonly statistics: SamplingStatistics;
  readonly last: boolean;
  /** Before the first of all readings. */
  readonly fromMs: number;
  /** When the last of its readings was made. */
  readonly untilMs: number;
}

/** Between two readings, in ms. */
const EVERY_MS = 2;

/**
 * On a machine with thousands of locks a reading costs much: the pause is at least so many times its CPU time, so that
 * this thread takes no more than a fifth of a core. CPU time, since most of a slow reading is waiting for the kernel.
 */
const MIN_PAUSE_RATIO = 4;

/** After so many samples their cost is measured. */
const MEASURE_EVERY = 100;

/** Between two messages, in ms: each wakes the main thread. */
const SEND_EVERY_MS = 40;

/**
 * Of this thread alone (setpriority(2) is of a thread on Linux): on a busy machine it would otherwise miss what happens
 * while it waits for a CPU.
 */
const NICE = -10;

try {
  setPriority(0, NICE);
} catch (error) {
  failure(error); // only root may
}

const { paths, stop, heartbeatMs } = workerData as ThreadData;
const epochMs = Date.now() - performance.now();
const clock = () => epochMs + performance.now();
const fromMs = clock();
const sampler = new Sampler(paths, clock);
let events: SampleEvent[] = [];
let samples = 0;
let pauseMs = EVERY_MS;
let cpuBeforeMs = cpuTimeMs();
let sentMs: number | null = null;
for (;;) {
  const last = Atomics.load(stop, 0) !== 0;
  events.push(...sampler.sample());
  const now = clock();
  if (++samples % MEASURE_EVERY === 0) {
    const cpuMs = cpuTimeMs();
    pauseMs = Math.max(EVERY_MS, (MIN_PAUSE_RATIO * (cpuMs - cpuBeforeMs)) / MEASURE_EVERY);
    cpuBeforeMs = cpuMs;
  }
  const dueMs = events.length > 0 ? SEND_EVERY_MS : (heartbeatMs ?? Number.POSITIVE_INFINITY);
  if (last || sentMs === null || now - sentMs >= dueMs) {
    const batch: SampleBatch = { events, statistics: sampler.statistics, last, fromMs, untilMs: now };
    parentPort?.postMessage(batch);
    events = [];
    sentMs = now;
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
