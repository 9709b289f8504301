/**
 * Folds the oldest half of a recording's file, a piece at a time, while the recording goes on: into a second file, which
 * is complete when `step` says so.
 */
import { readSync, writeSync } from "node:fs";
import { Shrinker } from "../../recording/document/shrinker.ts";
import type { FoldedLine } from "../../recording/lines.ts";
import { escapeJson } from "../../text/escape.ts";

/** Of the half that is folded: as much as takes some 50 ms. */
const FOLDED_BYTES = 2e6;

/** Of what is copied as it is. */
const COPIED_BYTES = 32e6;

const LINE_FEED = 0x0a;

export interface FoldingFiles {
  /** The file as it is; others append to it. */
  readonly from: number;
  readonly to: number;
}

export class Folding {
  readonly #files: FoldingFiles;
  readonly #shrinker: Shrinker;
  /** What is after it is copied as it is. */
  readonly #halfBytes: number;
  #out: string[] = [];
  /** Read so far, and written. */
  #at = 0;
  #bytes = 0;
  #isFolded = false;
  #folded: FoldedLine | null = null;

  /** `withFailures`: also what gave up is only counted. */
  constructor(files: FoldingFiles, bytes: number, withFailures: boolean) {
    this.#files = files;
    this.#halfBytes = bytes / 2;
    this.#shrinker = new Shrinker({ withFailures }, (text) => this.#out.push(text));
  }

  /** Bytes of the second file. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What was folded; null until then. */
  get folded(): FoldedLine | null {
    return this.#folded;
  }

  /** `size`: of the file now. @returns whether the second file has all of it. @throws the system's error */
  step(size: number): boolean {
    if (!this.#isFolded) {
      this.#foldPiece(size);
      return false;
    }
    const bytes = this.#read(Math.min(COPIED_BYTES, size - this.#at));
    this.#write(bytes);
    this.#at += bytes.length;
    return this.#at >= size;
  }

  #foldPiece(size: number): void {
    let bytes = this.#read(Math.min(FOLDED_BYTES, size - this.#at));
    // a line that is longer than the piece
    while (!bytes.includes(LINE_FEED) && this.#at + bytes.length < size)
      bytes = this.#read(Math.min(bytes.length * 2, size - this.#at));
    const whole = bytes.subarray(0, bytes.lastIndexOf(LINE_FEED) + 1);
    for (const line of whole.toString().split("\n")) if (line !== "") this.#shrinker.line(line);
    this.#at += whole.length;
    this.#isFolded = this.#at >= this.#halfBytes || whole.length === 0;
    if (this.#isFolded) {
      this.#shrinker.end();
      this.#folded = foldedOf(this.#out.at(-1));
    }
    this.#write(Buffer.from(this.#out.map((line) => `${escapeJson(line)}\n`).join("")));
    this.#out = [];
  }

  #read(length: number): Buffer {
    const bytes = Buffer.alloc(length);
    let at = 0;
    for (let read = -1; at < length && read !== 0; at += read)
      read = readSync(this.#files.from, bytes, at, length - at, this.#at + at);
    return bytes.subarray(0, at);
  }

  #write(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#files.to, bytes, at);
    this.#bytes += bytes.length;
  }
}

function foldedOf(text: string | undefined): FoldedLine | null {
  const line = text === undefined ? null : (JSON.parse(text) as { readonly type: string });
  return line?.type === "folded" ? (line as FoldedLine) : null;
}
