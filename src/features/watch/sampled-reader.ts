/** Readings of /proc/locks, by a thread of their own. */
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { LockReader, ReaderListener } from "./lock-reader.ts";
import type { SampleBatch, ThreadData } from "./sampler-thread.ts";

const THREAD = join(import.meta.dirname, "../workers/sampler.cjs");

export class SampledReader implements LockReader {
  readonly kind = "sampled";
  readonly blocked = null;
  readonly #data: ThreadData;
  #worker: Worker | null = null;
  #ended: Promise<void> = Promise.resolve();

  /** `heartbeatMs`: there is a batch at least as often as this; null: only with events. */
  constructor(paths: readonly string[], heartbeatMs: number | null) {
    this.#data = { paths, stop: new Int32Array(new SharedArrayBuffer(4)), heartbeatMs };
  }

  start({ onBatch, onError }: ReaderListener): void {
    const worker = new Worker(THREAD, { workerData: this.#data });
    this.#worker = worker;
    this.#ended = new Promise((resolve) => {
      worker.on("message", (batch: SampleBatch) => {
        onBatch(batch);
        if (batch.last) resolve();
      });
      worker.on("error", (error) => {
        resolve();
        onError(error);
      });
    });
  }

  async stop(): Promise<void> {
    this.#askToStop();
    await this.#ended;
  }

  end(): void {
    this.#askToStop();
    void this.#worker?.terminate();
  }

  #askToStop(): void {
    Atomics.store(this.#data.stop, 0, 1);
    Atomics.notify(this.#data.stop, 0);
  }
}
