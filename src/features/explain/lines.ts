/**
 * Bytes to lines that are not empty, as they come, in bounded memory: whatever encoding, control characters or length
 * they have.
 */
import { StringDecoder } from "node:string_decoder";

export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  /** How many characters at its end come again at the beginning of the next one: a long line comes in pieces. */
  readonly again: number;
}

const LONGEST = 16_384;
const AGAIN = 1024;

/** The first so many characters tell whether it is a text at all. */
const SAMPLE = 1 << 20;

/** Byte order marks of UTF-8 and of UTF-16. */
const MARKS = [
  [0xef, 0xbb, 0xbf],
  [0xff, 0xfe],
  [0xfe, 0xff],
];
const LONGEST_MARK = 3;

/** Colours and other sequences of a terminal; NUL, which every other byte of UTF-16 is in a message. */
const UNSEEN = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))|\0/g;

/** What no text has: control characters, and bytes that are no characters. */
const NO_TEXT = /[\x01-\x08\x0e-\x1f\x7f\ufffd]/g;

export class Lines {
  readonly #decoder = new StringDecoder("utf8");
  /** The first bytes, until there are enough to tell a byte order mark. */
  #head: Uint8Array | null = new Uint8Array();
  #rest = "";
  #number = 1;
  #sampled = 0;
  #noise = 0;
  #nul = 0;
  #letters = false;

  *push(bytes: Uint8Array): Generator<Line> {
    if (this.#head === null) {
      yield* this.#split(this.#decoder.write(bytes), false);
      return;
    }
    this.#head = Buffer.concat([this.#head, bytes]);
    if (this.#head.length >= LONGEST_MARK) yield* this.#begin(this.#head);
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

  /** More than a tenth is no text; NUL is none where it is not the half of UTF-16. */
  get noise(): boolean {
    return (this.#noise + (this.#letters ? 0 : this.#nul)) * 10 > this.#sampled;
  }

  *#split(more: string, ended: boolean): Generator<Line> {
    let text = this.#rest + more;
    if (text.includes("\0") || text.includes("\x1b")) text = text.replace(UNSEEN, "");
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
    while (this.#rest.length > LONGEST) {
      yield { number: this.#number, text: this.#rest.slice(0, LONGEST), again: AGAIN };
      this.#rest = this.#rest.slice(LONGEST - AGAIN);
    }
  }

  *#pieces(text: string): Generator<Line> {
    let at = 0;
    for (; text.length - at > LONGEST; at += LONGEST - AGAIN)
      yield { number: this.#number, text: text.slice(at, at + LONGEST), again: AGAIN };
    yield { number: this.#number, text: at === 0 ? text : text.slice(at), again: 0 };
  }

  #sample(more: string): void {
    this.#letters ||= /[\p{L}\p{N}]/u.test(more);
    if (this.#sampled >= SAMPLE) return;
    this.#sampled += more.length;
    this.#noise += more.match(NO_TEXT)?.length ?? 0;
    this.#nul += more.match(/\0/g)?.length ?? 0;
  }
}
