/** COLLATE clauses in the text of a table or an index. Pure. */

import { unquoted } from "../../../../recording/sql/solid-tokens.ts";
import { type TokenKind, Tokens } from "../../../../recording/sql/tokens.ts";

/** Those of this SQLite: better-sqlite3 registers none. (PRAGMA collation_list also has those that were looked for.) */
const KNOWN: ReadonlySet<string> = new Set(["binary", "nocase", "rtrim"]);

/** SQLite ignores the case of ASCII letters. */
export function isMissingCollation(name: string): boolean {
  return !KNOWN.has(name.toLowerCase());
}

/** COLLATE takes a name or a string. Source: `parse.y`, ids. */
const NAMES: ReadonlySet<TokenKind> = new Set<TokenKind>(["word", "quoted", "bracketed", "string"]);

interface CollateClause {
  /** Without its quotes. */
  readonly name: string;
  /** Of the keyword. */
  readonly start: number;
  readonly nameStart: number;
  readonly end: number;
  readonly isQuoted: boolean;
}

function* clausesOf(sql: string): Generator<CollateClause> {
  const tokens = new Tokens(sql);
  let keyword: number | null = null;
  while (tokens.nextSolid()) {
    const { kind, start, end, unterminated } = tokens;
    if (keyword !== null && NAMES.has(kind) && !unterminated) {
      const name = unquoted(tokens.text.slice(start, end));
      yield { name, start: keyword, nameStart: start, end, isQuoted: kind !== "word" };
    }
    keyword = kind === "word" && end - start === "collate".length && tokens.word() === "collate" ? start : null;
  }
}

/** The collations that a text names, in its own letters. */
export function collationsIn(sql: string): string[] {
  return [...clausesOf(sql)].map(({ name }) => name);
}

/** One that every SQLite has, and hardly a schema uses. */
const STAND_IN = "RTRIM";

/**
 * The text with another collation in place of each that is missing, in exactly as many characters: no page of the
 * schema is split. A clause that is too short for that is left out, which is the same as BINARY.
 */
export function withStandIns(sql: string): string {
  let text = "";
  let done = 0;
  for (const { name, start, nameStart, end, isQuoted } of clausesOf(sql)) {
    if (!isMissingCollation(name)) continue;
    const standIn = isQuoted ? `"${STAND_IN}"` : STAND_IN;
    const fits = standIn.length <= end - nameStart;
    text += fits
      ? sql.slice(done, nameStart) + standIn.padEnd(end - nameStart)
      : sql.slice(done, start) + " ".repeat(end - start);
    done = end;
  }
  return text + sql.slice(done);
}
