/**
 * Makes the file of a recording smaller while it is written (--max-size): the oldest half is folded, the rest copied,
 * into a second file, a piece at a time so that no event is lost meanwhile. Whoever started it puts that file in the
 * place of the first; until then the first is whole.
 */
import { fdatasync, readSync, writeSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { Shrinker } from "../../recording/document/shrinker.ts";
import type { FoldedLine } from "../../recording/lines.ts";
import { escapeJson } from "../../text/escape.ts";

/** Folded at a time: 20 ms of work. Copied at a time: a disk's cache takes it at once. */
const FOLD_BYTES = 1024 * 1024;
const COPY_BYTES = 8 * FOLD_BYTES;

/** In characters. The file may be another user's, who can have written to it. */
const LONGEST_LINE = 16 * FOLD_BYTES;

export class FileShrink {
  readonly #source: number;
  readonly #target: number;
  readonly #foldBytes: number;
  readonly #shrinker: Shrinker;
  readonly #decoder = new StringDecoder("utf8");
  readonly #buffer = Buffer.allocUnsafe(FOLD_BYTES);
  /** The line that the last piece ended in. */
  #open = "";
  /** The rest of this line is left out: it is longer than any line of a recording. */
  #isTooLong = false;
  #folded: string[] = [];
  #isFolding = true;
  #told: FoldedLine | null = null;
  /** Read of the first file, and written to the second. */
  #readBytes = 0;
  #bytes = 0;
  #sync: "not-yet" | "running" | "done" = "not-yet";

  /**
   * `source` is open for reading, `target` for writing, and empty. What begins in the first `foldBytes` is folded;
   * `withFailures`: waits that gave up and refusals too.
   */
  constructor(source: number, target: number, foldBytes: number, withFailures: boolean) {
    this.#source = source;
    this.#target = target;
    this.#foldBytes = foldBytes;
    this.#shrinker = new Shrinker({ withFailures }, (text) => this.#folded.push(`${escapeJson(text)}\n`));
  }

  /** What was folded; null until then. */
  get folded(): FoldedLine | null {
    return this.#told;
  }

  /** Of the second file. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * One piece more. `sourceBytes`: whole lines that are in the first file by now. @returns true when all of them are in
   * the second, and most are on the disk. @throws what the system says
   */
  step(sourceBytes: number): boolean {
    if (this.#isFolding) this.#fold();
    else this.#copy(sourceBytes);
    if (this.#isFolding || this.#readBytes < sourceBytes || this.#sync === "running") return false;
    if (this.#sync === "done") return true;
    this.#sync = "running";
    fdatasync(this.#target, () => {
      this.#sync = "done"; // what it could not do, the fsync at the end of the recording reports
    });
    return false;
  }

  /** The second file must stay open. */
  get isSyncing(): boolean {
    return this.#sync === "running";
  }

  #fold(): void {
    const read = readSync(this.#source, this.#buffer, 0, FOLD_BYTES, this.#readBytes);
    const piece = this.#buffer.subarray(0, read);
    const left = this.#foldBytes - this.#readBytes;
    // The last line of the half is whole.
    const border = left < read ? piece.indexOf(0x0a, Math.max(0, left)) : -1;
    const isLast = border !== -1 || read === 0;
    const taken = border === -1 ? piece : piece.subarray(0, border + 1);
    this.#readBytes += taken.length;
    const lines = (this.#open + this.#decoder.write(taken)).split("\n");
    this.#open = lines.pop() ?? "";
    if (this.#isTooLong && lines.length > 0) {
      lines.shift();
      this.#isTooLong = false;
    }
    for (const line of lines) this.#shrinker.line(line);
    if (this.#isTooLong || this.#open.length > LONGEST_LINE) {
      this.#isTooLong = true;
      this.#open = "";
    }
    if (isLast) {
      if (this.#open !== "") this.#shrinker.line(this.#open);
      this.#shrinker.end();
      this.#isFolding = false;
      this.#told = this.#shrinker.folded;
    }
    this.#write(Buffer.from(this.#folded.join("")));
    this.#folded = [];
  }

  #copy(sourceBytes: number): void {
    for (let copied = 0; copied < COPY_BYTES && this.#readBytes < sourceBytes; ) {
      const wanted = Math.min(FOLD_BYTES, sourceBytes - this.#readBytes);
      const read = readSync(this.#source, this.#buffer, 0, wanted, this.#readBytes);
      if (read === 0) return;
      this.#write(this.#buffer.subarray(0, read));
      this.#readBytes += read;
      copied += read;
    }
  }

  #write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#target, bytes, at);
    this.#bytes += bytes.length;
  }
}
