/**
 * The pieces of a statement to show, with `?` for its literals: nothing that a user typed may be left. What is a
 * literal follows SQLite's tokens; where these leave it open, it is taken for one:
 *
 * - `"…"` is a name, or a string where no column has that name. It is kept where the grammar allows nothing but a name
 *   (`from "t"`, `"t"."c"`, the columns of INSERT, SET and CREATE TABLE), and where the same name stands in the
 *   statement anyway.
 * - `'…'` is replaced everywhere, although SQLite takes it for a name in some places (`from 't'`).
 * - Comments are removed.
 * - Where nobody knows what is inside of the quotes (certain.ts), all from the first literal on is replaced. Of a text
 *   that was cut, only the part that its end lies in.
 * - A key, or a setting of an extension, may be a bare word (secrets.ts).
 * - Each statement of a text is looked at by itself.
 */
import { endOfCertain } from "./certain.ts";
import { kindOf, type StatementKind } from "./kind.ts";
import { bareValues, startOfSecret } from "./secrets.ts";
import { isLiteral, type Piece, statementStarts, type Token, tokensOf, unquoted } from "./solid-tokens.ts";

const HIDDEN = "?";

/** `cut`: the text is the beginning of a longer one. */
export function piecesOf(text: string, cut: boolean): Piece[] {
  const tokens = tokensOf(text);
  let end = endOfCertain(tokens, cut);
  const starts = statementStarts(tokens);
  const pieces: Piece[] = [];
  for (const [number, start] of starts.entries()) {
    if (start >= end) break;
    const next = starts[number + 1] ?? tokens.length;
    end = Math.min(end, startOfSecret(tokens, start, next));
    const statement = tokens.slice(start, Math.min(next, end));
    const kept = keptNames(statement, kindOf(text.slice(statement[0]?.start)));
    const bare = bareValues(tokens, start, next);
    for (const [index, token] of statement.entries()) {
      const isHidden = (isLiteral(token) && !kept.has(index)) || bare.has(start + index);
      pieces.push(isHidden ? hidden(token) : token);
    }
  }
  const rest = tokens[end];
  if (rest !== undefined) pieces.push(hidden(rest));
  return pieces;
}

function hidden({ spaced }: Token): Piece {
  return { text: HIDDEN, kind: "number", spaced };
}

/** After these words stands a name, in every kind of statement. */
const BEFORE_A_NAME = new Set(["join", "exists", "references", "savepoint", "release", "collate", "constraint"]);
const BEFORE_A_NAME_IN_SCHEMA = new Set([
  ...["table", "index", "view", "trigger", "on", "to", "column", "add", "rename", "reindex"],
]);
const AFTER_SET = new Set(["where", "from", "returning", "order", "limit", ";"]);
const AFTER_COLUMNS = new Set(["values", "select", "with", "using", "default", "set", "on", "returning"]);
const QUERY = new Set(["values", "select", "with"]);
const BODY = new Set(["select", "values", "with", "begin", "when", "check"]);

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
  /** Of a view, a trigger or a constraint: no words of the schema come any more. */
  #inBody = false;
  #before = "";
  #first = "";

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
    if (this.#kind === "schema" && !this.#inBody && BEFORE_A_NAME_IN_SCHEMA.has(word)) return true;
    return BEFORE_A_NAME.has(word);
  }

  pass({ word }: Token): void {
    if (this.#first === "") this.#first = word;
    if (word === "(") {
      this.#depth++;
      if (this.#columnsToCome && this.#depth === 1) this.#columns = 1;
      this.#columnsToCome = false;
    } else if (word === ")") {
      if (this.#depth === this.#columns) this.#columns = 0;
      if (this.#depth === this.#set) this.#set = -1;
      this.#depth--;
    } else if (BODY.has(word)) this.#inBody = true;
    else if (this.#depth === 0 && word === "into") this.#columnsToCome = this.#kind === "insert";
    else if (this.#depth === 0 && word === "table") this.#columnsToCome = this.#first === "create";
    if (AFTER_COLUMNS.has(word)) {
      this.#columnsToCome = false;
      if (QUERY.has(word) && this.#columns === this.#depth) this.#columns = 0; // INSERT INTO t (SELECT …)
    }
    if (word === "set" && (this.#kind === "update" || this.#kind === "insert")) this.#set = this.#depth;
    else if (this.#set === this.#depth && AFTER_SET.has(word) && !this.#isOperator(word)) this.#set = -1;
    this.#before = word;
  }

  /** FROM of IS DISTINCT FROM. */
  #isOperator(word: string): boolean {
    return word === "from" && this.#before === "distinct";
  }
}
