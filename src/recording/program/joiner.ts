/**
 * Lines of the recording wait a moment for what the programs say of them: their messages come a little later than the
 * kernel's events. Their order stays. Pure.
 */
import type { RecordingLine, TransactionLine } from "../lines.ts";
import { CallSites } from "./call-sites.ts";
import type { Programs } from "./programs.ts";
import { isRefusalOf, Refused } from "./refused.ts";
import { type Seen, Suspects } from "./suspects.ts";

/** A program writes what it gathers 20 times a second, and a busy machine reads it later. */
const HELD_BACK_MS = 300;

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
  readonly #refused = new Refused();
  #queue: Waiting[] = [];

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
    this.#queue.push({ line, isAlone, sinceMs: nowMs });
  }

  /** To be called some 20 times a second. */
  release(nowMs: number): void {
    let passed = 0;
    for (const { line, isAlone, sinceMs } of this.#queue) {
      if (nowMs - sinceMs < HELD_BACK_MS) break;
      passed += 1;
      this.#pass(line, isAlone);
    }
    if (passed > 0) this.#queue = this.#queue.slice(passed);
  }

  end(): void {
    this.release(Number.POSITIVE_INFINITY);
  }

  #pass(line: RecordingLine, isAlone: boolean): void {
    if (isAlone && !this.#isWanted(line)) return;
    if (!isAlone && line.type === "transaction" && this.#isToldByProgram(line)) return;
    if (!this.#options.exact && line.type === "lock") this.#suspects.released(line);
    if (this.#options.exact && !isAlone && (line.type === "wait" || line.type === "refusal")) this.#refused.add(line);
    const shown = isAlone ? this.#suspects.explained(line) : this.#sites.attach(line);
    if (shown !== null && (isAlone || !this.#isTwice(shown))) this.#emit(shown);
  }

  /** What the program alone tells. With the kernel's events, a call of which they tell nothing. */
  #isWanted(line: RecordingLine): boolean {
    const { exact, needsProgram } = this.#options;
    if (exact && line.type === "wait") return false; // attempts tell
    if (exact && line.type === "refusal") {
      const later = this.#queue.some((each) => !each.isAlone && isRefusalOf(each.line, line));
      return !later && !this.#refused.has(line);
    }
    return !("pid" in line) || needsProgram(line.pid);
  }

  /** A transaction of which the program tells in a line of its own, which says more. */
  #isTwice(line: RecordingLine): boolean {
    return line.type === "transaction" && line.program !== undefined && this.#options.needsProgram(line.pid);
  }

  /** Of samples: the program tells the same one, and exactly. */
  #isToldByProgram({ pid, startTicks, path }: TransactionLine): boolean {
    return !this.#options.exact && this.#options.programs.matching(pid, startTicks)?.uses(path) === true;
  }
}
