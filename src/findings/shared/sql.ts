/** How SQL is run on a database, in a remedy. Pure. */
import type { DatabaseSnapshot } from "../../model/snapshot.ts";
import { shellQuoted } from "../../text/shell.ts";

/**
 * After a colon: a line with the command. An encrypted database is opened only by what has its key: then the statement
 * alone, in a sentence without a full stop.
 */
export function sqlCommand({ facts, target }: Pick<DatabaseSnapshot, "facts" | "target">, sql: string): string {
  return facts.header === "likely-encrypted"
    ? ` ${sql}, with the program that has its key (it is likely encrypted, and sqlite3 cannot read it)`
    : `\n  sqlite3 ${shellQuoted(target.path)} '${sql}'`;
}
