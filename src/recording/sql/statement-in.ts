/**
 * One statement of a text with several, as `sqlite3_sql` tells it: from the end of the one before to its own `;`, less
 * the space before it. Source: sqlite3_exec (legacy.c), sqlite3RunParser (tokenize.c). Pure.
 */
import type { SqlText } from "../source-event.ts";
import { Tokens } from "./tokens.ts";

/** `place`: 0 is the first. Null: there is none, or it is not known where it begins. */
export function statementIn({ text, cut }: SqlText, place: number): SqlText | null {
  if (place * SHORTEST > text.length) return null;
  if (place === 0 && isSingle(text, cut)) return last(text, cut);
  const tokens = new Tokens(text);
  let [from, left, isEmpty] = [0, place, true];
  while (tokens.nextSolid()) {
    const word = tokens.word();
    if (word === "trigger") return null; // its own statements are between semicolons, too
    if (word !== ";") isEmpty = false;
    else if (!isEmpty) {
      if (left === 0) return { text: text.slice(from, tokens.end).trimStart(), cut: false };
      left -= 1;
      from = tokens.end;
      isEmpty = true;
    }
  }
  return left > 0 || isEmpty ? null : last(text.slice(from), cut);
}

/** `END;`: a script has a hundred thousand statements, of which the kernel has copied the first few. */
const SHORTEST = 4;

function last(rest: string, cut: boolean): SqlText {
  const text = rest.trimStart();
  return cut ? { text, cut, length: { bytes: Buffer.byteLength(text), atLeast: true } } : { text, cut };
}

/** Nearly always, which is seen without reading its tokens. */
function isSingle(text: string, cut: boolean): boolean {
  const semicolon = text.indexOf(";");
  return semicolon < 0 || (!cut && semicolon === text.trimEnd().length - 1);
}
