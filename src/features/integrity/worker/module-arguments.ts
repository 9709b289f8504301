/** The arguments of a module in the text of a virtual table, and the options of the full-text modules in them. Pure. */

import { unquoted } from "../../../recording/sql/solid-tokens.ts";
import { Tokens } from "../../../recording/sql/tokens.ts";

/** Split as by SQLite: at commas outside of parentheses. Source: `parse.y`, vtabarglist. */
export function moduleArguments(sql: string): string[] {
  const tokens = new Tokens(sql);
  let afterUsing = false;
  let depth = 0;
  let start = 0;
  const found: string[] = [];
  while (tokens.next()) {
    const { kind } = tokens;
    if (kind === "word" && depth === 0 && !afterUsing) afterUsing = tokens.word() === "using";
    if (kind !== "symbol" || !afterUsing) continue;
    const symbol = tokens.text[tokens.start];
    if (symbol === "(" && depth++ === 0) start = tokens.end;
    else if (symbol === "," && depth === 1) {
      found.push(tokens.text.slice(start, tokens.start));
      start = tokens.end;
    } else if (symbol === ")" && --depth === 0) {
      found.push(tokens.text.slice(start, tokens.start));
      break;
    }
  }
  return found.map((argument) => argument.trim());
}

/** The value of `name = value`, without its quotes; null: there is none. FTS5 takes the first letters for the name. */
export function optionIn(
  args: readonly string[],
  name: string,
  { abbreviated }: { readonly abbreviated: boolean },
): string | null {
  for (const argument of args) {
    const at = argument.indexOf("=");
    const key = argument.slice(0, Math.max(0, at)).trim().toLowerCase();
    if (key !== "" && (abbreviated ? name.startsWith(key) : key === name))
      return withoutQuotes(argument.slice(at + 1).trim());
  }
  return null;
}

function withoutQuotes(text: string): string {
  return /^["'`[]/.test(text) ? unquoted(text) : text;
}

/** The words of FTS5's `tokenize`: the name of a tokenizer, and its arguments. */
export function tokenizerWords(value: string): string[] {
  const words: string[] = [];
  const tokens = new Tokens(value);
  while (tokens.nextSolid()) words.push(unquoted(value.slice(tokens.start, tokens.end)));
  return words;
}
