/** Names for SQL. Pure. */

/** `"name"`: a name as SQL reads it back. Source: https://www.sqlite.org/lang_keywords.html */
export function sqlQuoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
