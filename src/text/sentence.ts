/** Sentences as parts of others. Pure. */

/** Without the full stop at its end. */
export function asClause(sentence: string): string {
  return sentence.replace(/\.$/, "");
}
