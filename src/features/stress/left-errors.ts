/** What a run could not remove, or could not write beside its evidence. Pure. */
import { UserError } from "../../errors.ts";

/** What was made for the run, and could not be removed. */
export function folderLeftError(folder: string, why: string): UserError {
  return new UserError("folder-left", `${folder} could not be removed (${why})`, "check what is in it, and remove it");
}

/** Beside a database that is kept. */
export function noEvidenceFileError(folder: string, error: unknown): UserError {
  const { message } = error as Error;
  return new UserError(
    "no-evidence-file",
    `the evidence in ${folder} has no description (${message})`,
    "keep the report",
  );
}

/**
 * The table of --in-place is still in the database. `isMoved`: that is no longer at its path. `command`: what runs SQL
 * (a word of the shell) on a database, as the user who owns it.
 */
export function tableLeftError(
  { path, table, command }: { path: string; table: string; command: (path: string, word: string) => string },
  reason: string,
  isMoved = false,
): UserError {
  const message = `the table ${table} could not be dropped: ${reason}`;
  const drop = command(isMoved ? "FILE" : path, `'DROP TABLE IF EXISTS ${table}'`);
  const hint = isMoved ? "find the file that was there, then" : "sqlock keeps trying for another minute; after that";
  return new UserError("table-left", message, `${hint}: ${drop}`);
}
