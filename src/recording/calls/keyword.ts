/** What a statement does to the transaction of its connection, by its first words. Pure. */

export type Border = "begin" | "savepoint" | "commit" | "release" | "rollback" | "rollback-to" | "none";

const FIRST_LETTERS = new Set([..."bBsScCeErR"].map((letter) => letter.charCodeAt(0)));

/** Index of the first character that is no whitespace, comment or semicolon. */
export function startOfStatement(sql: string, from = 0): number {
  let i = from;
  for (;;) {
    const code = sql.charCodeAt(i);
    if (code === 0x20 || (code >= 0x09 && code <= 0x0d && code !== 0x0b) || code === 0x3b || code === 0xfeff) i += 1;
    else if (code === 0x2d && sql.charCodeAt(i + 1) === 0x2d) {
      const end = sql.indexOf("\n", i);
      if (end < 0) return sql.length;
      i = end + 1;
    } else if (code === 0x2f && sql.charCodeAt(i + 1) === 0x2a) {
      const end = sql.indexOf("*/", i + 2);
      if (end < 0) return sql.length;
      i = end + 2;
    } else return i;
  }
}

export interface TransactionWords {
  readonly border: Border;
  /** Of SAVEPOINT, RELEASE and ROLLBACK TO, in lower case. */
  readonly savepoint: string | null;
}

const NONE: TransactionWords = { border: "none", savepoint: null };
const BEGIN: TransactionWords = { border: "begin", savepoint: null };
const COMMIT: TransactionWords = { border: "commit", savepoint: null };
const ROLLBACK: TransactionWords = { border: "rollback", savepoint: null };

/** Most statements are none of these: their first letter shows it. */
export function transactionWords(sql: string): TransactionWords {
  const start = startOfStatement(sql);
  if (!FIRST_LETTERS.has(sql.charCodeAt(start))) return NONE;
  const words = wordsFrom(sql, start, 5);
  const [first, second] = words.map((word) => word.toLowerCase());
  if (first === "begin") return BEGIN;
  if (first === "commit" || first === "end") return COMMIT;
  if (first === "savepoint") return { border: "savepoint", savepoint: name(words[1]) };
  if (first === "release") {
    return {
      border: "release",
      savepoint: name(second === "savepoint" && words[2] !== undefined ? words[2] : words[1]),
    };
  }
  if (first !== "rollback") return NONE;
  const to = words.findIndex((word, i) => i > 0 && word.toLowerCase() === "to");
  if (to < 0 || to > 2) return ROLLBACK;
  const isLong = words[to + 1]?.toLowerCase() === "savepoint" && words[to + 2] !== undefined;
  return { border: "rollback-to", savepoint: name(words[to + (isLong ? 2 : 1)]) };
}

const WORD = /"(?:[^"]|"")*"|'(?:[^']|'')*'|`(?:[^`]|``)*`|\[[^\]]*\]|[A-Za-z_\x80-\uffff][\w$\x80-\uffff]*/y;

function wordsFrom(sql: string, start: number, count: number): string[] {
  const words: string[] = [];
  for (let at = start; words.length < count; ) {
    WORD.lastIndex = at;
    const match = WORD.exec(sql);
    if (match === null) break;
    words.push(match[0]);
    at = startOfWord(sql, WORD.lastIndex);
  }
  return words;
}

/** After whitespace and comments, but not after the end of the statement. */
function startOfWord(sql: string, from: number): number {
  const next = startOfStatement(sql, from);
  const end = sql.indexOf(";", from);
  return end >= 0 && end < next ? sql.length : next;
}

function name(word: string | undefined): string | null {
  if (word === undefined) return null;
  const quote = word[0] ?? "";
  if (quote === "[") return word.slice(1, -1).toLowerCase();
  if (!`"'\``.includes(quote)) return word.toLowerCase();
  return word
    .slice(1, -1)
    .replaceAll(quote + quote, quote)
    .toLowerCase();
}

const FULL_CHECKPOINT = /\bwal_checkpoint\s*(?:=|\()\s*["'`[]?(?:full|restart|truncate)\b/i;

/** A checkpoint that waits for readers and writers: PRAGMA wal_checkpoint(FULL), RESTART or TRUNCATE. */
export function isWaitingCheckpoint(sql: string): boolean {
  return FULL_CHECKPOINT.test(sql);
}
