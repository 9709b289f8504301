/**
 * Lines of the recording wait a moment for what the programs say of them: their messages come a little later than the
 * kernel's events. Their order stays. Pure.
 */
import type { RecordingLine, TransactionLine } from "../lines.ts";
import { CallSites } from "./call-sites.ts";
import type { Programs } from "./programs.ts";
import { SeenFromOutside } from "./seen-from-outside.ts";
import { type Seen, Suspects } from "./suspects.ts";

/** A program writes what it gathers 20 times a second, and a busy machine reads it later. */
const HELD_BACK_MS = 300;
const ALONE_HELD_BACK_MS = 1_000;

export interface JoinerOptions extends Seen {
  readonly programs: Programs;
  /** The source has every lock, with its thread. */
  readonly exact: boolean;
  /** What the program alone tells of its transactions is wanted: no calls of this process are seen from outside. */
  readonly needsProgram: (pid: number) => boolean;
}

interface Waiting {
  readonly line: RecordingLine;
  readonly isAlone: boolean;
  readonly sinceMs: number;
}

export class Joiner {
  readonly #options: JoinerOptions;
  readonly #sites: CallSites;
  readonly #suspects: Suspects;
  readonly #emit: (line: RecordingLine) => void;
  readonly #seen = new SeenFromOutside();
  #queue: Waiting[] = [];
  /** What programs alone tell: whether the kernel tells it too shows later. */
  #alone: Waiting[] = [];

  constructor(options: JoinerOptions, emit: (line: RecordingLine) => void) {
    this.#options = options;
    this.#sites = new CallSites(options.programs, options.exact);
    this.#suspects = new Suspects(options, this.#sites);
    this.#emit = emit;
  }

  /** `isAlone`: what the program alone tells. */
  add(line: RecordingLine, nowMs: number, isAlone = false): void {
    if (this.#options.programs.size === 0 && this.#queue.length === 0) {
      this.#emit(line);
      return;
    }
    const queue = isAlone && this.#options.exact ? this.#alone : this.#queue;
    queue.push({ line, isAlone, sinceMs: nowMs });
  }

  /** To be called some 20 times a second. */
  release(nowMs: number): void {
    this.#queue = this.#passed(this.#queue, nowMs - HELD_BACK_MS);
    this.#alone = this.#passed(this.#alone, nowMs - ALONE_HELD_BACK_MS);
  }

  /** @returns those that are not as old */
  #passed(queue: Waiting[], untilMs: number): Waiting[] {
    let passed = 0;
    for (const { line, isAlone, sinceMs } of queue) {
      if (sinceMs > untilMs) break;
      passed += 1;
      this.#pass(line, isAlone);
    }
    return passed === 0 ? queue : queue.slice(passed);
  }

  end(): void {
    this.release(Number.POSITIVE_INFINITY);
  }

  #pass(line: RecordingLine, isAlone: boolean): void {
    if (isAlone) this.#passAlone(line);
    else this.#passSeen(line);
  }

  #passAlone(line: RecordingLine): void {
    if (!this.#isWanted(line)) return;
    const shown = this.#suspects.explained(line);
    if (shown !== null) this.#emit(shown);
  }

  #passSeen(line: RecordingLine): void {
    if (line.type === "transaction" && this.#isToldByProgram(line)) return;
    if (!this.#options.exact && line.type === "lock") this.#suspects.released(line);
    const shown = this.#sites.attach(line);
    if (this.#isTwice(shown)) return;
    if (this.#options.exact) this.#seen.add(line);
    // of one inside of a process no lock tells who was in the way
    const isInside = shown.type === "refusal" && shown.why === "same-process";
    this.#emit(isInside ? (this.#suspects.explained(shown) ?? shown) : shown);
  }

  /** What the program alone tells. With the kernel's events, what these do not tell. */
  #isWanted(line: RecordingLine): boolean {
    const { exact, needsProgram } = this.#options;
    if (!exact) return true;
    if (line.type === "wait") return false; // attempts tell
    if (line.type === "refusal") return !this.#seen.hasRefusal(line);
    if ("pid" in line && needsProgram(line.pid)) return true;
    // the calls before its SQLite was probed
    if (line.type === "transaction" || line.type === "counts") return !this.#seen.hasTransaction(line);
    return line.type !== "unknown";
  }

  /** A transaction of which the program tells in a line of its own, which says more. */
  #isTwice(line: RecordingLine): boolean {
    if (line.type !== "transaction" || line.program === undefined) return false;
    return this.#options.needsProgram(line.pid) || (line.atLeast && this.#sites.isToldWhole(line));
  }

  /** Of samples: the program tells the same one, and exactly. */
  #isToldByProgram({ pid, startTicks, path }: TransactionLine): boolean {
    return !this.#options.exact && this.#options.programs.matching(pid, startTicks)?.uses(path) === true;
  }
}
