/** How SQL is run on a database, in a remedy. Pure. */
import type { Related } from "../../model/relate.ts";
import type { DatabaseSnapshot } from "../../model/snapshot.ts";
import type { Viewer } from "../../model/viewer.ts";
import { sqlite3As } from "../../text/as-root.ts";
import { shellQuoted } from "../../text/shell.ts";
import { ownerOf } from "./owner.ts";

/** A database, and as whom it is looked at. */
export interface SqlTarget {
  readonly database: Pick<Related, "path" | "header">;
  readonly seen: Pick<DatabaseSnapshot, "target">;
  readonly snapshot: { readonly viewer: Viewer };
}

/**
 * After a colon: a line with the command. An encrypted database is opened only by what has its key: then the statement
 * alone, in a sentence without a full stop.
 */
export function sqlCommand(target: SqlTarget, sql: string): string {
  return target.database.header === "likely-encrypted"
    ? ` ${sql}, with the program that has its key (it is likely encrypted, and sqlite3 cannot read it)`
    : `\n  ${sqlite3(target, sql)}`;
}

/** The command, to be carried out by the user who owns the database. */
export function sqlite3(target: SqlTarget, sql: string): string {
  return sqlite3With(target, shellQuoted(sql));
}

/** `word`: as the shell reads it. */
export function sqlite3With({ database, seen, snapshot }: SqlTarget, word: string): string {
  return sqlite3As(ownerOf(seen), database.path, word, snapshot.viewer);
}
