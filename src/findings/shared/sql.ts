/** How SQL is run on a database, in a remedy. Pure. */
import type { Related } from "../../model/relate.ts";
import { shellQuoted } from "../../text/shell.ts";

/**
 * After a colon: a line with the command. An encrypted database is opened only by what has its key: then the statement
 * alone, in a sentence without a full stop.
 */
export function sqlCommand({ path, header }: Pick<Related, "path" | "header">, sql: string): string {
  return header === "likely-encrypted"
    ? ` ${sql}, with the program that has its key (it is likely encrypted, and sqlite3 cannot read it)`
    : `\n  sqlite3 ${shellQuoted(path)} '${sql}'`;
}
