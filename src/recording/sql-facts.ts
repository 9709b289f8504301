/** What a line has of a statement: its text, and its length where the text is not all of it. Pure. */
import type { SqlFacts } from "./lines.ts";
import type { SqlText } from "./source-event.ts";

const NONE: SqlFacts = { sql: null };

export function sqlFacts(sql: SqlText | null): SqlFacts {
  if (sql === null) return NONE;
  if (sql.length === undefined) return { sql: sql.text };
  const { bytes, atLeast } = sql.length;
  return { sql: sql.text, sqlBytes: bytes, ...(atLeast ? { sqlBytesAtLeast: true } : {}) };
}
