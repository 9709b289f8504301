/** What a run could not remove, or could not write beside its evidence. Pure. */
import { UserError } from "../../errors.ts";
import { shellQuoted } from "../../text/shell.ts";

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

/** The table of --in-place is still in the database. `isMoved`: that is no longer at its path. */
export function tableLeftError(path: string, table: string, reason: string, isMoved = false): UserError {
  const drop = `'DROP TABLE IF EXISTS ${table}'`;
  const later = `sqlite3 ${shellQuoted(path)} ${drop}`;
  const message = `the table ${table} could not be dropped: ${reason}`;
  if (isMoved) return new UserError("table-left", message, `find the file that was there, then: sqlite3 FILE ${drop}`);
  return new UserError("table-left", message, `sqlock keeps trying for another minute; after that: ${later}`);
}
