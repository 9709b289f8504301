/**
 * The thread that reads /proc/locks, since a look by the main thread takes longer than many locks are held. It sleeps
 * without an event loop, which costs less and wakes more precisely.
 */
import { setPriority } from "node:os";
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { failure, readText, valueOr } from "../../proc/read.ts";
import { type SampleEvent, Sampler, type SamplingStatistics } from "./sampler.ts";

export interface ThreadData {
  readonly paths: readonly string[];
  /** One number: anything but 0 ends the thread. */
  readonly stop: Int32Array;
  /** There is a batch at least as often as this, also without events; null: only with events. */
  readonly heartbeatMs: number | null;
  /** While no lock of the databases changes, readings are this far apart; left out: as far as at any other time. */
  readonly restMs?: number;
}

/** Times are those of `Date.now()`, but never go back. */
export interface SampleBatch {
  readonly events: readonly SampleEvent[];
  readonly statistics: SamplingStatistics;
  readonly last: boolean;
  /** Just before the very first reading. */
  readonly fromMs: number;
  /** When the last of its readings began. */
  readonly untilMs: number;
}

/** Between two readings, in ms. */
const EVERY_MS = 2;

/**
 * With thousands of locks on the machine, a reading is expensive: the pause is at least so many times its CPU time, so
 * that this thread takes no more than a fifth of a core. CPU time, since a slow reading mostly waits for the kernel.
 */
const MIN_PAUSE_RATIO = 4;

/** The cost is measured over so many samples. */
const MEASURE_EVERY = 100;

/** Without a change for so long it rests, in ms. */
const RESTS_AFTER_MS = 5_000;
/** Then a heartbeat comes so many times more seldom. */
const REST_HEARTBEAT = 4;

/** Between two messages, in ms: each wakes the main thread. */
const SEND_EVERY_MS = 40;

/**
 * Of this thread alone (on Linux setpriority(2) applies to a thread): on a busy machine it would otherwise miss what
 * happens while it waits for a CPU.
 */
const NICE = -10;

try {
  setPriority(0, NICE);
} catch (error) {
  failure(error); // only root may
}

const { paths, stop, heartbeatMs, restMs } = workerData as ThreadData;
const epochMs = Date.now() - performance.now();
const clock = () => epochMs + performance.now();
const fromMs = clock();
const sampler = new Sampler(paths, clock);
let events: SampleEvent[] = [];
let samples = 0;
let pauseMs = EVERY_MS;
let cpuBeforeMs = runMs();
let sentMs: number | null = null;
let changedMs = fromMs;
for (;;) {
  const message = parentPort === null ? undefined : receiveMessageOnPort(parentPort);
  if (message !== undefined) sampler.follow(String(message.message)); // another database
  const last = Atomics.load(stop, 0) !== 0;
  const rests = restMs !== undefined && clock() - changedMs > RESTS_AFTER_MS;
  const restedMs = rests ? Math.max(restMs, pauseMs) : pauseMs;
  const found = sampler.sample(restedMs);
  events.push(...found);
  const now = clock();
  if (found.length > 0) changedMs = now;
  if (++samples % MEASURE_EVERY === 0) {
    const cpuMs = runMs();
    pauseMs = Math.max(EVERY_MS, (MIN_PAUSE_RATIO * (cpuMs - cpuBeforeMs)) / MEASURE_EVERY);
    cpuBeforeMs = cpuMs;
  }
  const beatMs = (heartbeatMs ?? Number.POSITIVE_INFINITY) * (rests ? REST_HEARTBEAT : 1);
  const dueMs = events.length > 0 ? SEND_EVERY_MS : beatMs;
  if (last || sentMs === null || now - sentMs >= dueMs) {
    const batch: SampleBatch = { events, statistics: sampler.statistics, last, fromMs, untilMs: sampler.untilMs };
    parentPort?.postMessage(batch);
    events = [];
    sentMs = now;
  }
  if (last) break;
  Atomics.wait(stop, 0, 0, found.length > 0 ? pauseMs : restedMs);
}
sampler.close();

/**
 * For how long this thread has run on a CPU; 0 if the kernel does not count it. Source:
 * Documentation/scheduler/sched-stats.rst.
 */
function runMs(): number {
  const [ran = 0] = valueOr(readText("/proc/thread-self/schedstat"), "").split(" ").map(Number);
  return ran / 1e6;
}
