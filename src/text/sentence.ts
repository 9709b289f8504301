/** Sentences as parts of others. Pure. */

/** With a capital letter at its beginning. */
export function capitalized(clause: string): string {
  return clause.charAt(0).toUpperCase() + clause.slice(1);
}

/** Without the full stop at its end. */
export function asClause(sentence: string): string {
  return sentence.replace(/\.$/, "");
}
