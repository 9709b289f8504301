/** Whether a path still leads to the same file. Pure. */
import { UserError } from "../errors.ts";
import type { DatabaseFile, Target } from "../model/snapshot.ts";

/** A file, whatever its name. */
export type FileIdentity = Pick<DatabaseFile, "device" | "inode">;

export function databaseFile({ files }: Pick<Target, "files">): DatabaseFile | null {
  return files.find(({ role }) => role === "database") ?? null;
}

export function isSameFile(one: FileIdentity | null, other: FileIdentity | null): boolean {
  return one?.device === other?.device && one?.inode === other?.inode;
}

/** Whether the database of a target is not the pinned file. One that is gone by now is no other. */
export function isAnotherFile({ files }: Pick<Target, "files">, pinned: FileIdentity | null): boolean {
  const now = databaseFile({ files });
  return now !== null && !isSameFile(now, pinned);
}

/** The code of {@link anotherFileError}. */
export const ANOTHER_FILE = "another-file";

export function anotherFileError(path: string): UserError {
  return new UserError(
    ANOTHER_FILE,
    `${path}: the path now leads to a different file`,
    "the file, or a link or folder on its path, has been replaced: check again before you do anything",
  );
}
