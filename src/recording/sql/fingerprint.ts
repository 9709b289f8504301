/**
 * How a statement is shown and grouped: with `?` for its literals, one space where there was any, and lists folded, so
 * that the same statement with other values has the same text. Pure.
 */
import type { SqlText } from "../source-event.ts";
import { piecesOf } from "./pieces.ts";
import type { Piece } from "./solid-tokens.ts";

/** So much of a text is shown, in characters: the rest is of no use to people. */
const MOST_SHOWN = 1_000;

/** At the end of a text of which only the beginning is known. */
const CUT = " …";

/**
 * `in (?, ?, ?)` becomes `in (…)`, and `values (?, ?), (?, ?)` becomes `values (?, ?), (…)`: how many they are is a
 * value too.
 */
export function fingerprintOf({ text, cut }: SqlText): string {
  const shown = joined(folded(piecesOf(text, cut)));
  return cut ? shown + CUT : shown;
}

/** With its literals, as the program wrote it. */
export function withLiterals({ text, cut }: SqlText): string {
  return cut ? text + CUT : text.trim();
}

/** Whether only the beginning of the statement is known, which `fingerprintOf` or `withLiterals` made. */
export function isCut(shown: string): boolean {
  return shown.endsWith(CUT);
}

/** The texts of a recording: the same few come again and again. Its memory is bounded. */
export class StatementTexts {
  readonly #shown: (sql: SqlText) => string;
  readonly #byText = new Map<string, string>();
  readonly #byBeginning = new Map<string, string>();
  readonly #texts = new Map<string, string>();
  readonly #most: number;

  constructor(literals: boolean, most = 5_000) {
    this.#shown = literals ? withLiterals : fingerprintOf;
    this.#most = most;
  }

  /** The same string object for the same statement. */
  of(sql: SqlText): string {
    const known = this.#known(sql).get(sql.text);
    if (known !== undefined) return known;
    const shown = this.#only(shortened(this.#shown(sql)));
    const texts = this.#known(sql);
    if (texts.size >= this.#most) texts.clear();
    texts.set(sql.text, shown);
    return shown;
  }

  #known({ cut }: SqlText): Map<string, string> {
    return cut ? this.#byBeginning : this.#byText;
  }

  #only(shown: string): string {
    const known = this.#texts.get(shown);
    if (known !== undefined) return known;
    if (this.#texts.size >= this.#most) this.#texts.clear();
    this.#texts.set(shown, shown);
    return shown;
  }
}

/** Never half of a character. What is left out was shown with `?` before: no half of a literal is left. */
function shortened(shown: string): string {
  if (shown.length <= MOST_SHOWN) return shown;
  const end = shown.charCodeAt(MOST_SHOWN - 1) >>> 10 === 0x36 ? MOST_SHOWN - 1 : MOST_SHOWN;
  return shown.slice(0, end) + CUT;
}

const FOLDED: Piece = { text: "…", kind: "symbol", spaced: false };

function folded(pieces: readonly Piece[]): Piece[] {
  const result: Piece[] = [];
  for (let index = 0; index < pieces.length; ) {
    const piece = pieces[index] as Piece;
    result.push(piece);
    index++;
    if (piece.kind !== "word" || pieces[index]?.text !== "(") continue;
    if (piece.text.length !== 2 && piece.text.length !== 6) continue; // IN, VALUES
    const word = piece.text.toLowerCase();
    if (word === "in") {
      const close = endOfValues(pieces, index);
      if (close === null) continue;
      result.push(pieces[index] as Piece, FOLDED);
      index = close;
    } else if (word === "values") {
      const first = endOfGroup(pieces, index);
      if (first === null) continue;
      result.push(...pieces.slice(index, first + 1));
      index = first + 1;
      const after = endOfRows(pieces, index);
      if (after === index) continue;
      result.push({ text: ",", kind: "symbol", spaced: false }, { text: "(…)", kind: "symbol", spaced: true });
      index = after;
    }
  }
  return result;
}

/** Index of the `)` of a list of nothing but values, which begins at `open`; null for other lists. */
function endOfValues(pieces: readonly Piece[], open: number): number | null {
  let index = open + 1;
  for (;;) {
    if (isSign(pieces[index])) index++;
    if (!isValue(pieces[index])) return null;
    index++;
    const after = pieces[index]?.text;
    if (after === ")") return index;
    if (after !== ",") return null;
    index++;
  }
}

/** Index after further rows `, (…), (…)`; of a cut text also after the incomplete last one. */
function endOfRows(pieces: readonly Piece[], from: number): number {
  let index = from;
  while (pieces[index]?.text === "," && (pieces[index + 1]?.text === "(" || index + 1 === pieces.length)) {
    const close = endOfGroup(pieces, index + 1);
    if (close === null) return pieces.length;
    index = close + 1;
  }
  return index;
}

/** Index of the `)` that belongs to the `(` at `open`; null where the text ends before. */
function endOfGroup(pieces: readonly Piece[], open: number): number | null {
  let depth = 0;
  for (let index = open; index < pieces.length; index++) {
    const piece = pieces[index] as Piece;
    if (piece.kind !== "symbol") continue;
    if (piece.text === "(") depth++;
    else if (piece.text === ")" && --depth === 0) return index;
  }
  return null;
}

function isSign(piece: Piece | undefined): boolean {
  return piece?.kind === "symbol" && (piece.text === "-" || piece.text === "+");
}

function isValue(piece: Piece | undefined): boolean {
  if (piece === undefined) return false;
  return piece.text === "?" || piece.kind === "variable" || /^(null|true|false)$/i.test(piece.text);
}

/** Without the semicolons at the end. */
function joined(pieces: readonly Piece[]): string {
  let end = pieces.length;
  while (end > 0 && pieces[end - 1]?.text === ";") end--;
  let text = "";
  for (let index = 0; index < end; index++) {
    const { text: piece, spaced } = pieces[index] as Piece;
    text += spaced && index > 0 ? ` ${piece}` : piece;
  }
  return text;
}
