/** What an error of better-sqlite3 means for a check. Pure. */
import { codeOf, messageOf } from "../../worker/sqlite-error.ts";

/** The database itself is damaged. */
export function isDamage(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB)/.test(codeOf(error));
}

const MISSING = [
  /no such module: (?<name>.*)$/s,
  /no such collation sequence: (?<name>.*)$/s,
  /no such function: (?<name>.*)$/s,
  /unknown function: (?<name>.*?)(?:\(\))?$/s,
  /no such tokenizer: (?<name>.*)$/s,
  /unknown tokenizer: (?<name>.*)$/s,
] as const;
const WORDS = ["module", "collation", "function", "function", "tokenizer", "tokenizer"];

/**
 * `the module sqlite_vec`: what the program that made the database brings and this SQLite does not have; null for other
 * errors.
 */
export function missingOf(error: unknown): string | null {
  for (const [i, pattern] of MISSING.entries()) {
    const name = pattern.exec(messageOf(error))?.groups?.["name"];
    if (name !== undefined) return `the ${WORDS[i]} ${name}`;
  }
  return null;
}
