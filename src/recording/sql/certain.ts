/**
 * Up to where a text is certainly read as its author meant it. SQLite refuses what is not, but a refused text is
 * recorded too: written for another database, with quotes that do not pair up, or with those of a word processor.
 * Pure.
 */
import { isLiteral, type Token } from "./solid-tokens.ts";

/** Words that SQL often has right after a string, without a space. */
const AFTER_A_STRING = new Set(
  (
    "and or as from where order group having limit offset union except intersect collate like glob regexp match in " +
    "is isnull notnull not between then else end when escape on asc desc returning do set values key"
  ).split(" "),
);

/** Words that stand before a string. Another one may be inside of a string that ended too early: `'' a secret ''`. */
const BEFORE_A_STRING = new Set(
  (
    "select distinct all from join as by when then else case on and or not like glob regexp match between in is " +
    "values set returning limit offset where having collate default using exists into database attach detach " +
    "escape key add column table index view trigger to update insert replace references savepoint release " +
    "reindex analyze pragma union except intersect if no do rename constraint over partition"
  ).split(" "),
);

/** Quotes that SQLite takes for letters of a name, and `$` inside of one: PostgreSQL's `$$secret$$`. */
const OTHER_QUOTES = /[\u2018-\u201f\u2032-\u2037\u2039\u203a\u00ab\u00bb\u00b4\uff02\uff07\u275b-\u275e\u301d-\u301f]/;

/**
 * Index of the first token from which on nothing is certain: the first literal, or what makes it uncertain. A quote
 * that belongs to the string (`'O'Brien'`) shows as a word that touches the string before it. `cut`: the text may end
 * in any token.
 */
export function endOfCertain(tokens: readonly Token[], cut: boolean): number {
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index] as Token;
    if (token.unterminated && cut) return index;
    if (token.unterminated || !isCertain(token, tokens[index - 1])) {
      const literal = tokens.findIndex((each) => isLiteral(each) && each.kind !== "number");
      return literal === -1 ? index : Math.min(literal, index);
    }
  }
  return tokens.length;
}

function isCertain(token: Token, before: Token | undefined): boolean {
  const { kind, text, spaced, word } = token;
  if (kind === "illegal") return false;
  if (kind === "word" && OTHER_QUOTES.test(text)) return false;
  if (kind === "variable" && (/.[$#]/.test(text) || /^#\D/.test(text) || OTHER_QUOTES.test(text))) return false;
  const isAfterString = before?.kind === "string" || before?.kind === "quoted";
  if (kind === "string" && before?.kind === "word" && !BEFORE_A_STRING.has(before.word)) return false;
  if (!isAfterString || (spaced && !isBackslashed(before.text))) return true;
  return kind === "word" ? AFTER_A_STRING.has(word) : kind !== "number";
}

/** `'it\'`: other databases go on there. */
function isBackslashed(text: string): boolean {
  return text.endsWith("\\'") || text.endsWith('\\"');
}
