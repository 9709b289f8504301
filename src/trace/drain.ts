/** Reads the buffers of all CPUs, and decodes what is in them. */
import { closeSync, constants, openSync, readSync } from "node:fs";
import type { Decoder, Page } from "./decode.ts";
import { codeOf } from "./errors.ts";
import type { DecodedEvent } from "./events.ts";
import { type Base, type PageLayout, readPage } from "./page.ts";
import { attempt } from "./tracefs.ts";

const NS_PER_MS = 1e6;

/** Of one CPU at once: some 10,000 locks. The rest stays in the kernel's buffer. */
const MOST_PAGES = 256;

/** The reader of one CPU. */
interface Cpu {
  readonly fd: number;
  /** The time of its last event. */
  lastMs: number;
}

export class Buffers {
  readonly #cpus: readonly Cpu[];
  readonly #layout: PageLayout;
  readonly #base: Base;
  readonly #page: Page;
  readonly #decoders = new Map<number, Decoder>();
  /** Up to here every CPU was read: no loss that is found later is older. */
  #readUntilMs = 0;
  #events: DecodedEvent[] = [];
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
      return { fd, lastMs: 0 };
    });
  }

  /** Events with this number are decoded so. */
  use(id: number, decoder: Decoder): void {
    this.#decoders.set(id, decoder);
  }

  /**
   * A run of events for each CPU that has some. What is newer than `untilMs` may be left for the next call. Returns
   * until when all of it was read: earlier than that where there is more than fits into memory at once.
   */
  read(untilMs: number, take: (run: DecodedEvent[]) => void): number {
    let readMs = untilMs;
    for (const cpu of this.#cpus) {
      this.#events = [];
      let pages = 0;
      // a CPU that is faster than this loop would keep it going
      while (cpu.lastMs <= untilMs) {
        if (pages === MOST_PAGES) {
          readMs = Math.min(readMs, cpu.lastMs);
          break;
        }
        pages += 1;
        const bytes = this.#readPage(cpu);
        if (bytes === 0) break;
        this.#decode(cpu, bytes);
      }
      if (this.#events.length > 0) take(this.#events);
    }
    this.#events = [];
    this.#readUntilMs = Math.max(this.#readUntilMs, readMs);
    return readMs;
  }

  close(): void {
    for (const { fd } of this.#cpus) closeSync(fd);
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
    const at = this.#events.length;
    this.#torn = false;
    const page = readPage(this.#page.words, bytes, this.#layout, this.#base, this.#onRecord);
    const lostFrom = Math.max(cpu.lastMs, this.#readUntilMs);
    const [first, last] = [page.firstNs / NS_PER_MS, page.lastNs / NS_PER_MS];
    if (page.missed > 0)
      this.#events.splice(at, 0, {
        kind: "lost",
        fromMs: Math.min(lostFrom, first),
        atMs: first,
        events: page.missed,
      });
    if (last > cpu.lastMs) cpu.lastMs = last;
    if (!page.torn && !this.#torn) return;
    const tornMs = Math.max(cpu.lastMs, this.#readUntilMs);
    this.#events.push({ kind: "lost", fromMs: tornMs, atMs: tornMs, events: 1 });
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
    if (event !== null) this.#events.push(event);
  };
}
