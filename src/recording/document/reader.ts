/**
 * Reads a recording's file, piece by piece: lines come out, and what could not be read is named. A file whose recorder
 * was killed ends in the middle of a line; a file of a later sqlock has lines and fields that are not known: neither
 * is an error. Its memory is bounded, whatever the file has. Pure.
 */
import type { RecordingLine } from "../lines.ts";
import { type ReadProblem, readLine } from "./read-line.ts";

export interface ReadResult {
  /** The file has a summary: its recorder came to its end. */
  readonly isComplete: boolean;
  /** `not-a-recording`: there is no `meta` at its start. `newer`: this sqlock is too old for it. */
  readonly refused: { readonly kind: "not-a-recording" | "newer"; readonly schemaVersion: number | null } | null;
  readonly lines: number;
  /** The first ones. */
  readonly problems: readonly ReadProblem[];
  readonly moreProblems: number;
}

export interface ReaderOptions {
  /** In characters. */
  readonly longestLine?: number;
  /** By its text alone: a line that is not wanted is not parsed. Asked after `meta`. */
  readonly wants?: (json: string) => boolean;
  /**
   * A line after `meta`, from `from` to before `end` in the text: true where it was taken in already. Before it is cut
   * out of the text, which costs more than to look at it there.
   */
  readonly takes?: (text: string, from: number, end: number) => boolean;
  readonly onProblem?: (problem: ReadProblem) => void;
}

/** In characters; a wait with 10,000 blockers has less. */
const LONGEST_LINE = 16 * 1024 * 1024;
const MOST_PROBLEMS = 20;

export class RecordingReader {
  readonly #take: (line: RecordingLine) => void;
  readonly #longestLine: number;
  readonly #wants: ((json: string) => boolean) | null;
  readonly #takes: ((text: string, from: number, end: number) => boolean) | null;
  readonly #onProblem: ((problem: ReadProblem) => void) | null;
  /** Pieces of the line that has not ended yet. */
  #open: string[] = [];
  #openLength = 0;
  /** The rest of this line is skipped. */
  #isTooLong = false;
  #number = 0;
  #lines = 0;
  #isComplete = false;
  #refused: ReadResult["refused"] = null;
  #sawMeta = false;
  readonly #problems: ReadProblem[] = [];
  #moreProblems = 0;

  constructor(
    take: (line: RecordingLine) => void,
    { longestLine = LONGEST_LINE, wants, takes, onProblem }: ReaderOptions = {},
  ) {
    this.#take = take;
    this.#longestLine = longestLine;
    this.#wants = wants ?? null;
    this.#takes = takes ?? null;
    this.#onProblem = onProblem ?? null;
  }

  /** The next piece of the file. @returns false: the rest need not be read */
  push(piece: string): boolean {
    let from = 0;
    for (;;) {
      if (this.#refused !== null) return false;
      const end = piece.indexOf("\n", from);
      if (end === -1) break;
      if (this.#openLength > 0 || this.#isTooLong || end - from > this.#longestLine) {
        this.#extend(piece.slice(from, end));
        this.#endLine(false);
      } else if (this.#sawMeta && this.#takes?.(piece, from, end) === true) this.#number++;
      else this.#line(piece.slice(from, end));
      from = end + 1;
    }
    this.#extend(piece.slice(from));
    return this.#refused === null;
  }

  /** So far. */
  get refused(): ReadResult["refused"] {
    return this.#refused;
  }

  end(): ReadResult {
    if (this.#refused === null && (this.#openLength > 0 || this.#isTooLong)) this.#endLine(true);
    if (!this.#sawMeta) this.#refused ??= { kind: "not-a-recording", schemaVersion: null };
    return {
      ...{ isComplete: this.#isComplete, refused: this.#refused, lines: this.#lines },
      ...{ problems: this.#problems, moreProblems: this.#moreProblems },
    };
  }

  #extend(text: string): void {
    if (this.#isTooLong || text === "") return;
    this.#openLength += text.length;
    if (this.#openLength > this.#longestLine) {
      this.#isTooLong = true;
      if (!this.#sawMeta) this.#refused = { kind: "not-a-recording", schemaVersion: null };
      this.#open = [];
    } else this.#open.push(text);
  }

  #endLine(atEndOfFile: boolean): void {
    const text = this.#open.join("");
    const isTooLong = this.#isTooLong;
    this.#open = [];
    this.#openLength = 0;
    this.#isTooLong = false;
    if (isTooLong) this.#addProblem({ line: ++this.#number, kind: "too-long" });
    else this.#line(text, atEndOfFile);
  }

  #line(text: string, atEndOfFile = false): void {
    this.#number++;
    this.#read(text, atEndOfFile);
    if (!this.#sawMeta && this.#refused === null) this.#refused = { kind: "not-a-recording", schemaVersion: null };
  }

  #read(text: string, atEndOfFile: boolean): void {
    if (this.#sawMeta && this.#wants?.(text) === false) return;
    const { line, problem, isSummary, newer } = readLine(text, this.#number);
    if (isSummary === true) this.#isComplete = true;
    if (problem !== null) {
      const isCut = atEndOfFile && problem.kind === "not-json";
      this.#addProblem(isCut ? { line: this.#number, kind: "cut" } : problem);
    }
    if (newer !== undefined) this.#refused = { kind: "newer", schemaVersion: newer };
    if (line === null) return;
    if (line.type === "meta") this.#sawMeta = true;
    if (!this.#sawMeta) return;
    this.#lines++;
    this.#take(line);
  }

  #addProblem(problem: ReadProblem): void {
    this.#onProblem?.(problem);
    if (this.#problems.length < MOST_PROBLEMS) this.#problems.push(problem);
    else this.#moreProblems++;
  }
}
