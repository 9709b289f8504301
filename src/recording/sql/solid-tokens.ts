/** The tokens of a text without spaces and comments, and its statements. Pure. */
import { type TokenKind, Tokens } from "./tokens.ts";

export interface Piece {
  readonly text: string;
  readonly kind: TokenKind;
  /** A space or a comment stands before it. */
  readonly spaced: boolean;
}

export interface Token extends Piece {
  readonly unterminated: boolean;
  /** In lower case, of words and symbols; else empty. */
  readonly word: string;
  /** In the text. */
  readonly start: number;
}

export function tokensOf(text: string): Token[] {
  const tokens = new Tokens(text);
  const all: Token[] = [];
  let spaced = false;
  while (tokens.next()) {
    const { kind, start, unterminated } = tokens;
    if (kind === "space" || kind === "comment") {
      spaced = true;
      continue;
    }
    const slice = tokens.text.slice(start, tokens.end);
    const word = kind === "word" ? slice.toLowerCase() : kind === "symbol" ? slice : "";
    all.push({ text: slice, kind, spaced, unterminated, word, start });
    spaced = false;
  }
  return all;
}

/** Index of the first token of each statement: exec gets many in one text. */
export function statementStarts(tokens: readonly Token[]): number[] {
  const starts: number[] = [];
  for (let index = 0; index < tokens.length; index++) {
    const isEnd = tokens[index]?.word === ";";
    if (!isEnd && (index === 0 || tokens[index - 1]?.word === ";")) starts.push(index);
  }
  return starts;
}

/** What may be a value that a user typed; a name in double quotes too. */
export function isLiteral({ kind, unterminated, text }: Token): boolean {
  // many a SQLite has no names like $a(b): then a value is in the parentheses
  if (kind === "variable") return /['"`(]/.test(text);
  return kind === "string" || kind === "blob" || kind === "number" || kind === "quoted" || unterminated;
}

/** Of a name. SQLite takes a string for one in some places. */
export function unquoted(text: string): string {
  const first = text[0];
  if (first === '"' || first === "`" || first === "'") return text.slice(1, -1).replaceAll(first + first, first);
  return first === "[" ? text.slice(1, -1) : text;
}
