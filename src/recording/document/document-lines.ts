/**
 * The JSON document of `record --json` as the lines that a file has: piece by piece, so that its memory is that of one
 * line. Pure.
 */

/** In characters. */
const LONGEST_LINE = 16 * 1024 * 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

export class DocumentLines {
  readonly #take: (line: string) => void;
  /** Objects and lists around the current character. */
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  /** Of the element of `lines` that is open; null: none is. */
  #open: string[] | null = null;
  #openLength = 0;

  /** `take` gets each line without a line feed. */
  constructor(take: (line: string) => void) {
    this.#take = take;
  }

  /** Whether a file that begins so is such a document: its first field is no `type`. */
  static isOne(beginning: string): boolean {
    return /^\uFEFF?\s*\{\s*"(?:schemaVersion|sqlock|lines)"\s*:/.test(beginning);
  }

  push(piece: string): void {
    let from = 0;
    for (let at = 0; at < piece.length; at++) {
      const code = piece.charCodeAt(at);
      if (this.#inString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (code === BACKSLASH) this.#isEscaped = true;
        else if (code === QUOTE) this.#inString = false;
        continue;
      }
      if (code === QUOTE) this.#inString = true;
      else if (code === 0x7b || code === 0x5b) {
        this.#depth++;
        // { "lines": [ {
        if (this.#depth === 3 && code === 0x7b) {
          this.#open = [];
          this.#openLength = 0;
          from = at;
        }
      } else if (code === 0x7d || code === 0x5d) {
        this.#depth--;
        if (this.#depth === 2 && this.#open !== null) {
          this.#add(piece.slice(from, at + 1));
          this.#take(this.#open.join("").replaceAll("\n", " "));
          this.#open = null;
        }
      }
    }
    if (this.#open !== null) this.#add(piece.slice(from));
  }

  /** The document is not complete: its last line is what there is of it. */
  end(): void {
    if (this.#open !== null) this.#take(this.#open.join("").replaceAll("\n", " "));
    this.#open = null;
  }

  get isCut(): boolean {
    return this.#depth > 0;
  }

  /** What is too long is cut, which makes it a line that is no JSON. */
  #add(text: string): void {
    if (this.#openLength > LONGEST_LINE) return;
    this.#openLength += text.length;
    this.#open?.push(text);
  }
}
