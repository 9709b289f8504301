/**
 * Turns bytes into lines that are not empty, as they arrive and in bounded memory, whatever their encoding, control
 * characters or length.
 */
import { StringDecoder } from "node:string_decoder";

export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  /** How many characters at its end come again at the beginning of the next one: a long line comes in pieces. */
  readonly overlap: number;
}

/** A longer line comes in pieces of this many characters. */
const MAX_PIECE = 16_384;
const OVERLAP = 1024;

/** How many of the first characters decide whether it is a text at all. */
const SAMPLE = 1 << 20;

/** Byte order marks of UTF-8 and UTF-16. */
const MARKS = [
  [0xef, 0xbb, 0xbf],
  [0xff, 0xfe],
  [0xfe, 0xff],
];
const MAX_MARK = 3;

/** Colours and other sequences of a terminal; NUL, which every other byte of UTF-16 is in a message. */
const INVISIBLE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))|\0/g;

/** What does not occur in text: control characters, and bytes that form no character. */
const NOT_TEXT = /[\x01-\x08\x0e-\x1f\x7f\ufffd]/g;

export class Lines {
  readonly #decoder = new StringDecoder("utf8");
  /** The first bytes, until there are enough to recognise a byte order mark. */
  #head: Uint8Array | null = new Uint8Array();
  #rest = "";
  #number = 1;
  #sampled = 0;
  #notText = 0;
  #nul = 0;
  #letters = false;

  *push(bytes: Uint8Array): Generator<Line> {
    if (this.#head === null) {
      yield* this.#split(this.#decoder.write(bytes), false);
      return;
    }
    this.#head = Buffer.concat([this.#head, bytes]);
    if (this.#head.length >= MAX_MARK) yield* this.#begin(this.#head);
  }

  *end(): Generator<Line> {
    if (this.#head !== null) yield* this.#begin(this.#head);
    yield* this.#split(this.#decoder.end(), true);
  }

  *#begin(head: Uint8Array): Generator<Line> {
    this.#head = null;
    const mark = MARKS.find((each) => each.every((byte, i) => head[i] === byte))?.length ?? 0;
    yield* this.#split(this.#decoder.write(head.subarray(mark)), false);
  }

  /** No letter and no digit: nothing that could be a message. */
  get empty(): boolean {
    return !this.#letters;
  }

  /** More than a tenth is not text; NUL is not text either, except as half of UTF-16. */
  get binary(): boolean {
    return (this.#notText + (this.#letters ? 0 : this.#nul)) * 10 > this.#sampled;
  }

  *#split(more: string, ended: boolean): Generator<Line> {
    let text = this.#rest + more;
    if (text.includes("\0") || text.includes("\x1b")) text = text.replace(INVISIBLE, "");
    this.#sample(more);
    let at = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", at)) {
      if (end > at) yield* this.#pieces(text.slice(at, text[end - 1] === "\r" ? end - 1 : end));
      this.#number++;
      at = end + 1;
    }
    this.#rest = text.slice(at);
    if (ended) {
      if (this.#rest !== "") yield* this.#pieces(this.#rest);
      this.#rest = "";
      return;
    }
    while (this.#rest.length > MAX_PIECE) {
      yield { number: this.#number, text: this.#rest.slice(0, MAX_PIECE), overlap: OVERLAP };
      this.#rest = this.#rest.slice(MAX_PIECE - OVERLAP);
    }
  }

  *#pieces(text: string): Generator<Line> {
    let at = 0;
    for (; text.length - at > MAX_PIECE; at += MAX_PIECE - OVERLAP)
      yield { number: this.#number, text: text.slice(at, at + MAX_PIECE), overlap: OVERLAP };
    yield { number: this.#number, text: at === 0 ? text : text.slice(at), overlap: 0 };
  }

  #sample(more: string): void {
    this.#letters ||= /[\p{L}\p{N}]/u.test(more);
    if (this.#sampled >= SAMPLE) return;
    this.#sampled += more.length;
    this.#notText += more.match(NOT_TEXT)?.length ?? 0;
    this.#nul += more.match(/\0/g)?.length ?? 0;
  }
}
