/**
 * The pieces of a statement to show, with `?` for its literals: nothing that a user typed may be left. What is a
 * literal follows SQLite's tokens; where these leave it open, it is taken for one:
 *
 * - `"…"` is a name, or a string where no column has that name. It is kept where the grammar allows nothing but a name
 *   (`from "t"`, `"t"."c"`, the columns of INSERT, SET and CREATE TABLE), and where the same name stands in the
 *   statement anyway.
 * - `'…'` is replaced everywhere, although SQLite takes it for a name in some places (`from 't'`).
 * - Comments are removed.
 * - Where the quotes do not pair up (SQLite refuses such a text), nobody knows what is inside of them: all from the
 *   first literal on is replaced. Of a text that was cut, only the part that its end lies in.
 * - The key of an encrypted database may be a bare word (`pragma key = secret`).
 */
import { kindOf, type StatementKind } from "./kind.ts";
import { type TokenKind, Tokens } from "./tokens.ts";

export interface Piece {
  readonly text: string;
  readonly kind: TokenKind;
  /** A space or a comment stands before it. */
  readonly spaced: boolean;
}

interface Token extends Piece {
  readonly unterminated: boolean;
  /** In lower case, of words and symbols; else empty. */
  readonly word: string;
}

const HIDDEN = "?";

/** `cut`: the text is the beginning of a longer one. */
export function piecesOf(text: string, cut: boolean): Piece[] {
  const tokens = tokensOf(text);
  const end = Math.min(endOfCertain(tokens, cut), startOfKey(tokens));
  const kept = keptNames(tokens.slice(0, end), kindOf(text));
  const pieces: Piece[] = [];
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index] as Token;
    if (index >= end) {
      pieces.push({ text: HIDDEN, kind: "number", spaced: token.spaced });
      break;
    }
    pieces.push(isLiteral(token) && !kept.has(index) ? { text: HIDDEN, kind: "number", spaced: token.spaced } : token);
  }
  return pieces;
}

function isLiteral({ kind, unterminated, text }: Token): boolean {
  if (kind === "variable") return /['"`]/.test(text); // $a('b'): many a SQLite is built without this kind of name
  return kind === "string" || kind === "blob" || kind === "number" || kind === "quoted" || unterminated;
}

function tokensOf(text: string): Token[] {
  const tokens = new Tokens(text);
  const all: Token[] = [];
  let spaced = false;
  while (tokens.next()) {
    const { kind } = tokens;
    if (kind === "space" || kind === "comment") {
      spaced = true;
      continue;
    }
    const slice = tokens.text.slice(tokens.start, tokens.end);
    const word = kind === "word" ? slice.toLowerCase() : kind === "symbol" ? slice : "";
    all.push({ text: slice, kind, spaced, unterminated: tokens.unterminated, word });
    spaced = false;
  }
  return all;
}

/** Words that SQL often has right after a string, without a space. */
const AFTER_A_STRING = new Set(
  (
    "and or as from where order group having limit offset union except intersect collate like glob regexp match in " +
    "is isnull notnull not between then else end when escape on asc desc returning do set values key"
  ).split(" "),
);

/**
 * Index of the first token from which on nothing is certain: the quotes do not pair up. A quote that belongs to the
 * string (`'O'Brien'`) shows as a word that touches the string before it.
 */
function endOfCertain(tokens: readonly Token[], cut: boolean): number {
  const firstLiteral = tokens.findIndex((token) => isLiteral(token) && token.kind !== "number");
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index] as Token;
    if (token.unterminated) return cut ? index : Math.min(firstLiteral, index);
    const before = tokens[index - 1];
    if (before === undefined || token.spaced || (before.kind !== "string" && before.kind !== "quoted")) continue;
    const touches = token.kind === "word" ? !AFTER_A_STRING.has(token.word) : token.kind === "number";
    if (touches) return firstLiteral;
  }
  return tokens.length;
}

/** Index of the token that holds the key of an encrypted database; Infinity without. */
function startOfKey(tokens: readonly Token[]): number {
  const first = tokens[0]?.word;
  if (first === "pragma") {
    const name = tokens[2]?.word === "." ? 3 : 1;
    if (/^(text|hex)?(re)?key$/.test(unquoted(tokens[name]?.text ?? "").toLowerCase())) return name + 2;
  }
  if (first === "attach") {
    const key = tokens.findIndex(({ word }) => word === "key");
    if (key !== -1) return key + 1;
  }
  return Number.POSITIVE_INFINITY;
}

/** After these words stands a name, in every kind of statement. */
const BEFORE_A_NAME = new Set(["join", "exists", "references", "savepoint", "release", "collate", "constraint"]);
const BEFORE_A_NAME_IN_SCHEMA = new Set([
  ...["table", "index", "view", "trigger", "on", "to", "column", "add", "rename", "reindex"],
]);
const AFTER_SET = new Set(["where", "from", "returning", "order", "limit", ";"]);
const AFTER_COLUMNS = new Set(["values", "select", "default", "set", "on", "returning"]);

/** Indexes of the tokens in double quotes that are names. */
function keptNames(tokens: readonly Token[], kind: StatementKind): Set<number> {
  const kept = new Set<number>();
  if (!tokens.some((token) => token.kind === "quoted")) return kept;
  const open: number[] = [];
  const position = new NamePositions(kind);
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index] as Token;
    const before = tokens[index - 1];
    if (token.kind === "quoted") {
      const dotted = before?.word === "." || tokens[index + 1]?.word === ".";
      if (dotted || position.isName(before, tokens[index - 2])) {
        kept.add(index);
      } else open.push(index);
    }
    position.pass(token);
  }
  if (open.length === 0) return kept;
  const names = namesIn(tokens, kept);
  for (const index of open) if (names.has(unquoted(tokens[index]?.text ?? "").toLowerCase())) kept.add(index);
  return kept;
}

/** All that is shown anyway, in lower case. */
function namesIn(tokens: readonly Token[], kept: ReadonlySet<number>): Set<string> {
  const shown = tokens.filter(({ kind }, index) => kind === "word" || kind === "bracketed" || kept.has(index));
  return new Set(shown.map(({ text }) => unquoted(text).toLowerCase()));
}

/** Where the grammar allows nothing but a name, from the left to the right. */
class NamePositions {
  readonly #kind: StatementKind;
  #depth = 0;
  /** Depth of the parentheses of a list of columns: INSERT INTO t (…), CREATE TABLE t (…). 0: in none. */
  #columns = 0;
  /** A list of columns may still come. */
  #columnsToCome = false;
  /** Depth of a SET list; -1 outside. */
  #set = -1;
  #before = "";

  constructor(kind: StatementKind) {
    this.#kind = kind;
  }

  isName(before: Token | undefined, second: Token | undefined): boolean {
    const word = before?.word ?? "";
    if (this.#set === this.#depth && (word === "set" || word === ",")) return true;
    if (this.#columns > 0 && this.#columns === this.#depth && (word === "(" || word === ",")) return true;
    if (word === "from") return second?.word !== "distinct"; // a IS DISTINCT FROM "b"
    if (word === "as") return this.#kind !== "attach";
    if (word === "into") return this.#kind === "insert";
    if (word === "update") return this.#kind === "update";
    if (second?.word === "or" && this.#kind === "update") return before?.kind === "word"; // UPDATE OR IGNORE "t"
    if (this.#kind === "schema" && BEFORE_A_NAME_IN_SCHEMA.has(word)) return true;
    return BEFORE_A_NAME.has(word);
  }

  pass({ word }: Token): void {
    if (word === "(") {
      this.#depth++;
      if (this.#columnsToCome && this.#depth === 1) this.#columns = 1;
      this.#columnsToCome = false;
    } else if (word === ")") {
      if (this.#depth === this.#columns) this.#columns = 0;
      if (this.#depth === this.#set) this.#set = -1;
      this.#depth--;
    } else if (this.#depth === 0 && word === "into") this.#columnsToCome = this.#kind === "insert";
    else if (this.#depth === 0 && word === "table") this.#columnsToCome = this.#kind === "schema";
    else if (AFTER_COLUMNS.has(word)) this.#columnsToCome = false;
    if (word === "set" && (this.#kind === "update" || this.#kind === "insert")) this.#set = this.#depth;
    else if (this.#set === this.#depth && AFTER_SET.has(word) && !this.#isOperator(word)) this.#set = -1;
    this.#before = word;
  }

  /** FROM of IS DISTINCT FROM. */
  #isOperator(word: string): boolean {
    return word === "from" && this.#before === "distinct";
  }
}

function unquoted(text: string): string {
  const first = text[0];
  if (first === '"' || first === "`") return text.slice(1, -1).replaceAll(first + first, first);
  return first === "[" ? text.slice(1, -1) : text;
}
