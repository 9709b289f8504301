/** What a statement does to the transaction of its connection. Pure. */
import { isCut } from "./fingerprint.ts";
import { kindOf, type StatementKind } from "./kind.ts";
import { unquoted } from "./solid-tokens.ts";
import { Tokens } from "./tokens.ts";

export type Border = "begin" | "savepoint" | "commit" | "release" | "rollback" | "rollback-to" | "none";

const BORDERS: Readonly<Partial<Record<StatementKind, Border>>> = {
  begin: "begin",
  "begin-immediate": "begin",
  "begin-exclusive": "begin",
  commit: "commit",
  savepoint: "savepoint",
  release: "release",
  rollback: "rollback",
  "rollback-to": "rollback-to",
};

export interface TransactionWords {
  readonly border: Border;
  /** Of SAVEPOINT, RELEASE and ROLLBACK TO, in lower case. */
  readonly savepoint: string | null;
}

const NONE: TransactionWords = { border: "none", savepoint: null };
const BEGIN: TransactionWords = { border: "begin", savepoint: null };
const COMMIT: TransactionWords = { border: "commit", savepoint: null };
const ROLLBACK: TransactionWords = { border: "rollback", savepoint: null };

/** BEGIN, COMMIT, END, SAVEPOINT, RELEASE, ROLLBACK; or a space, a comment or a semicolon before one. */
const MAYBE_ONE = /^[^A-Za-z]|^(?:begin|commit|end|savepoint|release|rollback)/i;

/**
 * For each step: most statements are none of these, which their first word shows. Null: it may be one of several, since
 * only its beginning is known.
 */
export function transactionWords(sql: string): TransactionWords | null {
  if (!MAYBE_ONE.test(sql)) return NONE;
  const kind = kindOf(sql);
  const border = BORDERS[kind];
  switch (border) {
    case undefined:
      return (kind === "empty" || kind === "unknown") && isCut(sql) ? null : NONE;
    case "begin":
      return BEGIN;
    case "commit":
      return COMMIT;
    case "rollback":
      return isCut(sql) ? null : ROLLBACK; // or back to a savepoint
    default:
      return isCut(sql) ? null : { border, savepoint: lastName(sql) };
  }
}

/** The last word of the first statement: the name of a savepoint. */
function lastName(sql: string): string | null {
  const tokens = new Tokens(sql);
  let [start, end, count] = [0, 0, 0];
  while (tokens.nextSolid()) {
    const isEnd = tokens.text[tokens.start] === ";";
    if (isEnd && count > 0) break;
    if (isEnd) continue;
    count += 1;
    ({ start, end } = tokens);
  }
  return count < 2 ? null : unquoted(sql.slice(start, end)).toLowerCase();
}
