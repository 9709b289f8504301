/** The tracer of this thread: made when its first driver is loaded, and the same for all of them. */
import { Output } from "./output.ts";
import { own } from "./own.ts";
import { Sites } from "./sites.ts";
import { type Definition, Stream } from "./stream.ts";
import { startTicks, thisThread } from "./thread.ts";

const VERSION = 1;
const MOST_TEXTS = 1000;
const LONGEST_TEXT = 1000;
const SHORT_US = 1_000;
const MOST_GATHERED = 100;
/** A text of which each character is escaped still fits into a message. */
const LONGEST_ESCAPED = 3600;
/** Gathered calls are told at most this much later. */
export const GATHER_US = 50_000;

export class Tracer {
  readonly stream: Stream;
  readonly sites: Sites;
  /** This thread. */
  readonly who: Definition;
  /** A thread of libuv's pool, whichever. */
  readonly pool: Definition;
  readonly #texts = new Map<string, Definition>();
  readonly #gathered = new Set<() => void>();
  #gatheredSince = 0;
  #endAt = 0;
  #isTimerSet = false;
  #isFlushSet = false;

  constructor(folder: string) {
    const thread = thisThread();
    const hello = [VERSION, startTicks(), "node", process.versions.node];
    this.stream = new Stream(new Output(folder), thread.number, hello);
    this.sites = new Sites(this.stream);
    this.who = this.stream.define("who", [thread.tid, thread.name, null]);
    this.pool = this.stream.define("who", [0, null, null]);
    process.on("exit", () => this.#end());
    this.stream.greet();
  }

  text(text: string): Definition {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size >= MOST_TEXTS) this.#texts.clear();
    const definition = this.stream.define("sql", cut(text));
    if (text.length <= LONGEST_TEXT) this.#texts.set(text, definition);
    return definition;
  }

  /** Calls `tell` soon, or at the end of the program. A program that is never idle runs no timer. */
  gather(tell: () => void, now: number): void {
    const isFull = this.#gathered.size >= MOST_GATHERED || now - this.#gatheredSince >= GATHER_US;
    if (isFull) this.tellGathered();
    if (this.#gathered.size === 0) this.#gatheredSince = now;
    this.#gathered.add(tell);
    if (this.#isTimerSet) return;
    this.#isTimerSet = true;
    own
      .startTimer(() => {
        this.#isTimerSet = false;
        this.tellGathered();
      }, GATHER_US / 1000)
      .unref();
  }

  /** Of transactions in a row, the end of one is told in the same write as the next one's first statement. */
  flushEnd(now: number): void {
    if (now - this.#endAt < SHORT_US) this.flushSoon();
    else this.stream.flush();
    this.#endAt = now;
  }

  /** With the next message that is urgent, and before the program waits for anything. */
  flushSoon(): void {
    if (this.#isFlushSet) return;
    this.#isFlushSet = true;
    own.afterThis(() => {
      this.#isFlushSet = false;
      this.stream.flush();
    });
  }

  tellGathered(): void {
    try {
      const all = [...this.#gathered];
      this.#gathered.clear();
      for (const tell of all) tell();
      this.stream.flush();
    } catch {
      // nothing is told
    }
  }

  #end(): void {
    this.tellGathered();
    try {
      this.stream.add("bye", []);
      this.stream.flush();
    } catch {
      // nothing is told
    }
  }
}

let tracer: Tracer | undefined;

export function tracerOf(folder: string): Tracer {
  tracer ??= new Tracer(folder);
  return tracer;
}

function cut(text: string): readonly [text: string, bytes: number] {
  let kept = text.slice(0, LONGEST_TEXT);
  while (JSON.stringify(kept).replace(/[^\0-\x7f]/g, "123456").length > LONGEST_ESCAPED) {
    kept = kept.slice(0, kept.length >> 1);
  }
  return kept.length === text.length ? [text, 0] : [kept, Buffer.byteLength(text)];
}
