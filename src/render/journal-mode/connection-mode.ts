/** The words for journal modes that a connection has and the file does not keep. Pure. */

/** Whether a crash in the middle of a transaction corrupts the database. Source: https://www.sqlite.org/pragma.html */
const DANGEROUS: Record<string, boolean | undefined> = { truncate: false, persist: false, memory: true, off: true };

/** Null for a word that is no such mode. */
export function connectionModeError(mode: string): { readonly message: string; readonly hint: string } | null {
  const word = mode.toLowerCase();
  const dangerous = DANGEROUS[word];
  if (dangerous === undefined) return null;
  const danger = dangerous ? " (a crash in the middle of a transaction then corrupts the database)" : "";
  return {
    message:
      `journal mode ${word} belongs to a connection, and is not stored in the file: the next program that opens it ` +
      "would not have it",
    hint: `set it in the program, on each connection: PRAGMA journal_mode = ${word.toUpperCase()}${danger}`,
  };
}
