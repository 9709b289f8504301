/** Why a file cannot be written, and which files are never written to. */
import { UserError } from "../../errors.ts";
import { readBytes } from "../../observe/open-file.ts";
import { WAL_HEADER_BYTES } from "../../sqlite/wal.ts";
import type { GivenOutput } from "./path.ts";
import { companionSuffix, contentAtRisk } from "./target.ts";

const WORDS = { database: "a database", wal: "the -wal of a database", journal: "the -journal of a database" } as const;

/** `path`: where the given path leads to. */
export function refuseDatabase({ option, given }: GivenOutput, path: string): void {
  const bytes = readBytes(path, 0, WAL_HEADER_BYTES);
  const content = bytes.kind === "ok" ? contentAtRisk(bytes.value) : null;
  if (content !== null)
    throw new UserError(
      "usage",
      `${option} ${given} is ${WORDS[content]}, which would be replaced`,
      "give another file for the output",
    );
}

export function refuseCompanion({ option, given }: GivenOutput, path: string): void {
  const suffix = companionSuffix(given) ?? companionSuffix(path);
  if (suffix === null) return;
  throw new UserError(
    "usage",
    `${option} ${given} has the name of a database's companion file (${suffix})`,
    "give another file for the output",
  );
}

const CAUSES: Record<string, string | undefined> = {
  ENOENT: "its folder does not exist",
  ENOTDIR: "its folder is a file",
  EACCES: "no permission",
  EPERM: "no permission",
  EMFILE: "too many open files (raise ulimit -n)",
  EFBIG: "it would be larger than a file may be here (raise ulimit -f)",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "its links lead in a circle",
  EEXIST: "another program has created a file with that name in the meantime",
  ESTALE: "it was replaced in the meantime",
};

export function cannotWrite({ option, given, isFolder }: GivenOutput, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof UserError || code === undefined) return error;
  return new UserError(
    "cannot-write",
    `${option} ${given} cannot be written: ${CAUSES[code] ?? code}`,
    `give a ${isFolder === true ? "folder" : "file in a folder"} that exists and that you can write to`,
  );
}
