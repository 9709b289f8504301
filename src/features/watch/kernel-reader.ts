/** The kernel's lock events: every lock, exactly. They cost the programs that lock: only for who asks for them. */
import type { HeldRange } from "../../recording/source-event.ts";
import { readHeld } from "../kernel-source/held.ts";
import { KernelSource } from "../kernel-source/kernel-source.ts";
import { KernelLocks } from "./kernel-locks.ts";
import type { LockReader, ReaderListener } from "./lock-reader.ts";
import type { SampleBatch } from "./sampler-thread.ts";
import { WatchedFiles } from "./watched-files.ts";

const DRAIN_MS = 50;

export class KernelReader implements LockReader {
  readonly kind = "kernel";
  readonly #source: KernelSource;
  readonly #locks: KernelLocks;
  readonly #files: WatchedFiles;
  readonly #epochMs: number;
  /** Null before the first batch. */
  #fromMs: number | null = null;
  readonly #openedMs: number;
  #untilMs: number;
  #timer: NodeJS.Timeout | null = null;
  #listener: ReaderListener | null = null;
  #isAskingFormer = false;
  #isOver = false;
  readonly #onExit = () => this.end();

  /** The kernel traces from now on. `paths`: real paths of databases, which may not exist. @throws TraceError */
  constructor(paths: readonly string[]) {
    this.#source = KernelSource.open({ paths, statements: false, literals: false, holders: async () => [] });
    process.once("exit", this.#onExit);
    this.#epochMs = Date.now() - this.#source.nowMs;
    this.#locks = new KernelLocks(paths, this.#epochMs);
    this.#files = new WatchedFiles(paths);
    this.#openedMs = this.#epochMs + this.#source.nowMs;
    this.#untilMs = this.#openedMs;
  }

  get blocked(): ReadonlyMap<string, number> {
    return this.#locks.blocked;
  }

  start(listener: ReaderListener): void {
    this.#listener = listener;
    this.#timer = setInterval(() => this.#drain(), DRAIN_MS);
  }

  async stop(): Promise<void> {
    if (this.#isOver) return;
    this.#clear();
    try {
      const untilMs = await this.#source.stop((event) => this.#locks.next(event));
      this.#locks.end(untilMs);
      this.#tell(untilMs, true);
    } finally {
      this.#source.abandon();
    }
  }

  end(): void {
    this.#clear();
    this.#source.abandon();
  }

  #clear(): void {
    this.#isOver = true;
    process.off("exit", this.#onExit);
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #drain(): void {
    try {
      this.#tell(this.#source.drain((event) => this.#locks.next(event)));
      this.#askFormer();
    } catch (error) {
      this.end();
      this.#listener?.onError(error);
    }
  }

  #tell(untilMs: number, last = false): void {
    if (!this.#locks.isReady && !last) return;
    this.#untilMs = Math.max(this.#untilMs, this.#epochMs + untilMs);
    // no locks are kept by file here
    const files = this.#files.look(this.#epochMs + this.#source.nowMs, () => false);
    const locks = this.#locks.take();
    // The kernel traces before the source is open.
    this.#fromMs ??= Math.min(this.#openedMs, locks[0]?.atMs ?? this.#openedMs);
    const batch: SampleBatch = {
      events: [...files, ...locks],
      statistics: { readings: 0, ...this.#locks.gaps },
      last,
      fromMs: this.#fromMs,
      untilMs: this.#untilMs,
    };
    this.#listener?.onBatch(batch);
  }

  #askFormer(): void {
    const devices = this.#locks.formerDevices;
    if (this.#isAskingFormer || devices.size === 0) return;
    this.#isAskingFormer = true;
    const isOurs = (file: HeldRange) => this.#locks.hasFormer(file);
    void readHeld({ devices, isOurs, now: () => this.#source.nowMs }).then(({ locks, complete, atMs }) => {
      this.#isAskingFormer = false;
      if (complete) this.#locks.lookAtFormer(locks, atMs);
    });
  }
}
