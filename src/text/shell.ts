/** Words for a POSIX shell. Pure. */

/**
 * A word as the shell reads it back; plain where that is safe. A leading dash is quoted as well, so that it is seen.
 */
export function shellQuoted(word: string): string {
  return /^(?!-)[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
