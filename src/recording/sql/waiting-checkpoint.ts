/** PRAGMA wal_checkpoint(FULL), RESTART or TRUNCATE: a checkpoint that waits for readers and writers. Pure. */
import { unquoted } from "./solid-tokens.ts";
import { Tokens } from "./tokens.ts";

/** Most texts are none, which this shows. */
const MAYBE_ONE = /\bwal_checkpoint\b/i;

const MODES: ReadonlySet<string> = new Set(["full", "restart", "truncate"]);

/** PRAGMA [schema .] wal_checkpoint = mode, or with the mode in parentheses: the first statement of the text. */
export function isWaitingCheckpoint(sql: string): boolean {
  if (!MAYBE_ONE.test(sql)) return false;
  const tokens = new Tokens(sql);
  const next = () => (tokens.nextSolid() ? unquoted(sql.slice(tokens.start, tokens.end)).toLowerCase() : "");
  let word = next();
  while (word === ";") word = next();
  if (word !== "pragma") return false;
  let name = next();
  let symbol = next();
  if (symbol === ".") {
    name = next();
    symbol = next();
  }
  return name === "wal_checkpoint" && (symbol === "=" || symbol === "(") && MODES.has(next());
}
