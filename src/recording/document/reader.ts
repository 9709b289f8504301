/**
 * Reads a recording's file, piece by piece: lines come out, and what could not be read is named. A file whose recorder
 * was killed ends in the middle of a line; a file of a later sqlock has lines and fields that are not known: neither
 * is an error. Its memory is bounded, whatever the file has. No command reads a whole recording yet: tests do, and
 * `--max-size` reads single lines (read-line.ts). Pure.
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

/** In characters; a wait with 10,000 blockers has less. */
const LONGEST_LINE = 16 * 1024 * 1024;
const MOST_PROBLEMS = 20;

export class RecordingReader {
  readonly #take: (line: RecordingLine) => void;
  readonly #longestLine: number;
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

  constructor(take: (line: RecordingLine) => void, longestLine = LONGEST_LINE) {
    this.#take = take;
    this.#longestLine = longestLine;
  }

  /** The next piece of the file. @returns false: the rest need not be read */
  push(piece: string): boolean {
    let from = 0;
    for (;;) {
      if (this.#refused !== null) return false;
      const end = piece.indexOf("\n", from);
      if (end === -1) break;
      this.#extend(piece.slice(from, end));
      this.#endLine(false);
      from = end + 1;
    }
    this.#extend(piece.slice(from));
    return true;
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
      this.#open = [];
    } else this.#open.push(text);
  }

  #endLine(atEndOfFile: boolean): void {
    const text = this.#open.join("");
    const isTooLong = this.#isTooLong;
    this.#open = [];
    this.#openLength = 0;
    this.#isTooLong = false;
    this.#number++;
    if (isTooLong) this.#addProblem({ line: this.#number, kind: "too-long" });
    else this.#read(text, atEndOfFile);
    if (!this.#sawMeta && this.#refused === null) this.#refused = { kind: "not-a-recording", schemaVersion: null };
  }

  #read(text: string, atEndOfFile: boolean): void {
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
    if (this.#problems.length < MOST_PROBLEMS) this.#problems.push(problem);
    else this.#moreProblems++;
  }
}
