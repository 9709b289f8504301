/** Readings of /proc/locks, some 500 a second, by the thread of watch: for everybody, and not exact. */
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { pathExists } from "../../../observe/identify.ts";
import type { RecordingSource } from "../../../recording/source.ts";
import type { SourceEvent } from "../../../recording/source-event.ts";
import { hasEnded as hasGone } from "../../../trace/name.ts";
import { Identities } from "../../kernel-source/identity.ts";
import type { SampleBatch, ThreadData } from "../../watch/sampler-thread.ts";
import { FromSample } from "./from-sample.ts";

/** Between two batches without events, in ms. */
const HEARTBEAT_MS = 100;

/** Of a continuous recording, while no lock changes: between two readings, in ms. Else it costs 4 % of a CPU. */
const REST_MS = 40;

/** Between two looks whether all known processes still run: the last locks of one may have gone before it did, ms. */
const SWEEP_EVERY_MS = 2_000;

const THREAD = join(import.meta.dirname, "../workers/sampler.cjs");

export class SampledSource implements RecordingSource {
  readonly kind = "sampled";
  readonly ready: Promise<void>;
  readonly startNs = process.hrtime.bigint();
  readonly #startMs = Date.now();
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  readonly #from: FromSample;
  readonly #paths: string[];
  readonly #identities = new Identities();
  /** By pid, when it started; null: /proc does not show it to this user, nor that it ends. */
  readonly #known = new Map<number, bigint | null>();
  #sweptMs = 0;
  #queue: SourceEvent[] = [];
  #untilMs = 0;
  #error: unknown = null;

  /** `paths`: real paths of databases, which may not exist. `rests`: it reads less often while no lock changes. */
  constructor(paths: readonly string[], { rests = false } = {}) {
    this.#paths = [...paths];
    this.#from = new FromSample(this.#paths);
    const rest = rests ? { restMs: REST_MS } : {};
    const workerData: ThreadData = { paths, stop: this.#stop, heartbeatMs: HEARTBEAT_MS, ...rest };
    this.#worker = new Worker(THREAD, { workerData });
    let isReady: () => void = () => undefined;
    this.ready = new Promise((resolve) => {
      isReady = resolve;
    });
    this.#ended = new Promise((resolve) => {
      this.#worker.on("message", (batch: SampleBatch) => {
        this.#take(batch);
        isReady();
        if (batch.last) resolve();
      });
      this.#worker.on("error", (error) => {
        this.#error = error;
        resolve();
      });
    });
  }

  get nowMs(): number {
    return Number(process.hrtime.bigint() - this.startNs) / 1e6;
  }

  started(pid: number, commandLine: readonly [string, ...string[]]): void {
    this.#identities.started(pid, commandLine);
  }

  follow(path: string): void {
    this.#paths.push(path);
    this.#worker.postMessage(path);
  }

  /** @throws what ended the thread */
  drain(sink: (event: SourceEvent) => void): number {
    if (this.#error !== null) throw this.#error;
    const queue = this.#queue;
    this.#queue = [];
    for (const event of queue) sink(event);
    return this.#untilMs;
  }

  async stop(sink: (event: SourceEvent) => void): Promise<number> {
    this.#askToStop();
    await this.#ended;
    return this.drain(sink);
  }

  abandon(): void {
    this.#askToStop();
    void this.#worker.terminate();
  }

  #askToStop(): void {
    Atomics.store(this.#stop, 0, 1);
    Atomics.notify(this.#stop, 0);
  }

  #take(batch: SampleBatch): void {
    this.#untilMs = Math.max(this.#untilMs, batch.untilMs - this.#startMs);
    const pids = new Set<number>();
    for (const event of this.#from.next(batch.events, this.#startMs, batch.untilMs)) {
      const met = event.kind === "held" ? event.locks : event.kind === "lock" ? [event] : [];
      for (const { pid } of met) {
        pids.add(pid);
        if (this.#known.has(pid)) continue;
        const process = this.#identities.of(pid);
        this.#known.set(pid, process.startTicks);
        this.#queue.push({ kind: "process", atMs: event.atMs, process });
        this.#queue.push({ kind: "library", atMs: event.atMs, pid, statements: { known: false, why: "sampled" } });
      }
      this.#queue.push(event);
    }
    for (const pid of pids) if (this.#known.get(pid) != null && !pathExists(`/proc/${pid}`)) this.#tellEnd(pid);
    if (this.#untilMs - this.#sweptMs < SWEEP_EVERY_MS) return;
    this.#sweptMs = this.#untilMs;
    for (const [pid, startTicks] of this.#known) if (hasEnded(pid, startTicks)) this.#tellEnd(pid);
  }

  #tellEnd(pid: number): void {
    this.#known.delete(pid);
    this.#queue.push({ kind: "ended", atMs: this.#untilMs, pid });
  }
}

/** `startTicks` null: /proc does not show it. */
function hasEnded(pid: number, startTicks: bigint | null): boolean {
  if (startTicks !== null) return hasGone({ pid, startTicks });
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
