/** Reads the buffers of all CPUs, and decodes what is in them. */
import { closeSync, constants, openSync, readSync } from "node:fs";
import type { Decoder, Page } from "./decode.ts";
import { codeOf } from "./errors.ts";
import type { DecodedEvent } from "./events.ts";
import { type Base, type PageLayout, readPage } from "./page.ts";
import { attempt } from "./tracefs.ts";

const NS_PER_MS = 1e6;

/**
 * At once. They live until they are interpreted, and what lives so long costs V8's old generation, which is seldom
 * tidied: with runs of 10,000 events the recorder had 30 MB more. The rest stays in the kernel's buffer.
 */
const MOST_EVENTS = 1_000;

/** The reader of one CPU. */
interface Cpu {
  readonly fd: number;
  /** The time of its last event. */
  lastMs: number;
  /** Until then all of it was read: its buffer was empty, or has newer events. */
  readMs: number;
  /** What was read of it, and is not taken yet. */
  run: DecodedEvent[];
}

export class Buffers {
  readonly #cpus: readonly Cpu[];
  readonly #layout: PageLayout;
  readonly #base: Base;
  readonly #page: Page;
  readonly #decoders = new Map<number, Decoder>();
  /** Up to here every CPU was read: no loss that is found later is older. */
  #readUntilMs = 0;
  /** Of the CPU that is read. */
  #run: DecodedEvent[] = [];
  #torn = false;

  /** @throws TraceError */
  constructor(directory: string, cpus: readonly number[], layout: PageLayout, base: Base) {
    const bytes = new ArrayBuffer(layout.pageSize);
    this.#layout = layout;
    this.#base = base;
    this.#page = { words: new Uint32Array(bytes), bytes: Buffer.from(bytes) };
    this.#cpus = cpus.map((cpu) => {
      const path = `${directory}/per_cpu/cpu${cpu}/trace_pipe_raw`;
      const fd = attempt(path, () => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
      return { fd, lastMs: 0, readMs: 0, run: [] };
    });
  }

  /** Events with this number are decoded so. */
  use(id: number, decoder: Decoder): void {
    this.#decoders.set(id, decoder);
  }

  /**
   * A run of events for each CPU that has some. What is newer than `untilMs` may be left for the next call. Returns
   * until when all of it was read: earlier than that where there is more than is read at once.
   */
  read(untilMs: number, take: (run: DecodedEvent[]) => void): number {
    for (let events = 0; events < MOST_EVENTS; ) {
      // in step: what is read of one CPU alone has to wait for the others
      const cpu = this.#leastRead();
      if (cpu === null || cpu.readMs >= untilMs) break;
      const before = cpu.run.length;
      const bytes = this.#readPage(cpu);
      if (bytes > 0) this.#decode(cpu, bytes);
      cpu.readMs = bytes > 0 ? cpu.lastMs : untilMs;
      events += cpu.run.length - before;
    }
    const readMs = Math.min(untilMs, this.#leastRead()?.readMs ?? untilMs);
    for (const cpu of this.#cpus) {
      if (cpu.run.length === 0) continue;
      take(cpu.run);
      cpu.run = [];
    }
    this.#readUntilMs = Math.max(this.#readUntilMs, readMs);
    return readMs;
  }

  close(): void {
    for (const { fd } of this.#cpus) closeSync(fd);
  }

  #leastRead(): Cpu | null {
    let least: Cpu | null = null;
    for (const cpu of this.#cpus) if (least === null || cpu.readMs < least.readMs) least = cpu;
    return least;
  }

  /** 0: the buffer is empty. */
  #readPage({ fd }: Cpu): number {
    try {
      return readSync(fd, this.#page.bytes, 0, this.#layout.pageSize, null);
    } catch (error) {
      if (codeOf(error) === "EAGAIN") return 0;
      throw error;
    }
  }

  #decode(cpu: Cpu, bytes: number): void {
    const { run } = cpu;
    const at = run.length;
    this.#run = run;
    this.#torn = false;
    const page = readPage(this.#page.words, bytes, this.#layout, this.#base, this.#onRecord);
    const lostFrom = Math.max(cpu.lastMs, this.#readUntilMs);
    const [first, last] = [page.firstNs / NS_PER_MS, page.lastNs / NS_PER_MS];
    if (page.missed > 0)
      run.splice(at, 0, {
        kind: "lost",
        fromMs: Math.min(lostFrom, first),
        atMs: first,
        events: page.missed,
      });
    if (last > cpu.lastMs) cpu.lastMs = last;
    if (!page.torn && !this.#torn) return;
    const tornMs = Math.max(cpu.lastMs, this.#readUntilMs);
    run.push({ kind: "lost", fromMs: tornMs, atMs: tornMs, events: 1 });
  }

  readonly #onRecord = (offset: number, length: number, ns: number): void => {
    const header = this.#page.words[offset >> 2] ?? 0;
    const decoder = this.#decoders.get(header & 0xffff);
    if (decoder === undefined) return;
    if (length < decoder.length) {
      this.#torn = true;
      return;
    }
    const event = decoder.decode(this.#page, offset, ns / NS_PER_MS);
    if (event !== null) this.#run.push(event);
  };
}
