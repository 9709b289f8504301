/** From an argument to the database it means: existing, deleted, or none and why. */
import { dirname, resolve as resolvePath } from "node:path";
import { UserError } from "../errors.ts";
import type { Target } from "../model/snapshot.ts";
import { lookUpMayHang, type Mount, mountOfPath } from "../proc/mountinfo.ts";
import { HEADER_BYTES, parseDatabaseHeader } from "../sqlite/header.ts";
import { COMPANIONS, databaseOfCompanion, type Role } from "../sqlite/roles.ts";
import { parseArgument } from "./argument.ts";
import { databasesInFolder, isDatabaseFile } from "./database-file.ts";
import { fileSystemOf, type IdentifiedFile, identify, pathExists, readBytes } from "./identify.ts";
import { memoryError, notAFile, notUtf8, permissionError } from "./path-errors.ts";
import { realPath } from "./real-path.ts";
import { describeTarget } from "./target.ts";

export type Resolution =
  | { readonly kind: "target"; readonly target: Target }
  /** There is no file at the path; the error stands unless a process has a deleted file of that name open. */
  | { readonly kind: "missing"; readonly target: Target; readonly error: UserError }
  /**
   * Its first bytes are not those of a database; the error stands unless a process holds SQLite's locks on it (an
   * encrypted database).
   */
  | { readonly kind: "doubtful"; readonly target: Target; readonly error: UserError }
  | { readonly kind: "error"; readonly givenAs: string; readonly error: UserError };

/** One argument may mean several databases (a folder). */
export async function resolveArgument(givenAs: string, mounts: readonly Mount[]): Promise<Resolution[]> {
  try {
    return await resolveOrThrow(givenAs, mounts);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [{ kind: "error", givenAs, error }];
  }
}

/** The absolute path that an argument is, with its links. @throws UserError */
export function pathOfArgument(givenAs: string, mounts: readonly Mount[]): string {
  if (givenAs === "")
    throw new UserError("usage", "the name of the database is empty", "give the path of a database file");
  if (givenAs.includes("\0"))
    throw new UserError("usage", "a path cannot hold a NUL character", "give the path of a database file");
  const argument = parseArgument(givenAs);
  if (argument.kind === "memory") throw memoryError(givenAs, pathExists(`./${givenAs}`));
  const literalPath = literalPathOf(argument, mounts);
  // in this order: the path may be on a mount that does not answer
  return absolute(literalPath !== undefined && !pathExists(argument.path) ? literalPath : argument.path);
}

async function resolveOrThrow(givenAs: string, mounts: readonly Mount[]): Promise<Resolution[]> {
  const real = await realPath(pathOfArgument(givenAs, mounts), mounts);
  const found = identify(real);
  switch (found.kind) {
    case "denied":
      throw permissionError(real);
    case "disconnected":
      throw new UserError("not-responding", `the daemon behind the file system of ${real} has died`, "mount it again");
    case "loop":
      throw new UserError(
        "no-such-file",
        `${real} is a loop of symbolic links`,
        "give the path of the database file itself",
      );
    case "gone":
      if (real.includes("\ufffd")) throw notUtf8(real);
      return [resolveMissing(givenAs, real, mounts)];
  }
  const { stats } = found.value;
  if (stats.isDirectory()) return resolveFolder(givenAs, real, mounts);
  if (!stats.isFile()) throw notAFile(real, found.value);
  const companion = databaseOfCompanion(real);
  if (companion !== null && !isDatabaseFile(real)) return [resolveCompanion(givenAs, real, companion, mounts)];
  return [fromFile(givenAs, real, found.value, mounts)];
}

function absolute(path: string): string {
  try {
    return resolvePath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new UserError(
      "no-such-file",
      `${path} starts at the current folder, which no longer exists`,
      "give an absolute path, or go to another folder",
    );
  }
}

/** An existing file whose name is the whole argument, or whose absolute path is meant (sqlx: sqlite:///absolute). */
function literalPathOf(
  { path, literal }: { readonly path: string; readonly literal: string | null },
  mounts: readonly Mount[],
): string | undefined {
  if (literal === null) return undefined;
  return [`./${literal}`, `/${path}`].find((each) => {
    const mount = mountOfPath(mounts, resolvePath(each));
    return (mount === null || !lookUpMayHang(mount.type)) && pathExists(each);
  });
}

/** Nothing exists at `path`: it is a deleted database, or a companion file that an existing database does not have. */
function resolveMissing(givenAs: string, path: string, mounts: readonly Mount[]): Resolution {
  const companion = databaseOfCompanion(path);
  if (companion === null) return missing(givenAs, path, mounts);
  const database = identify(companion.database);
  return database.kind === "ok" && database.value.stats.isFile()
    ? fromFile(givenAs, companion.database, database.value, mounts)
    : missing(givenAs, companion.database, mounts);
}

/** A companion file means its database. */
function resolveCompanion(
  givenAs: string,
  path: string,
  companion: { readonly database: string; readonly role: Role },
  mounts: readonly Mount[],
): Resolution {
  const database = identify(companion.database);
  if (database.kind === "ok" && database.value.stats.isFile())
    return fromFile(givenAs, companion.database, database.value, mounts);
  const hasNoPages = COMPANIONS.some(({ role, hasPages }) => role === companion.role && !hasPages);
  return {
    ...missing(givenAs, companion.database, mounts),
    error: new UserError(
      "no-such-file",
      `${path} is the ${companion.role} file of ${companion.database}, which does not exist`,
      hasNoPages
        ? "give the path of the database"
        : "keep this file: it may hold the last transactions; put its database back beside it",
    ),
  };
}

function fromFile(givenAs: string, path: string, file: IdentifiedFile, mounts: readonly Mount[]): Resolution {
  const target = describeTarget(givenAs, path, file, mounts);
  const bytes = readBytes(path, 0, HEADER_BYTES);
  if (bytes.kind !== "ok") return { kind: "target", target };
  const header = parseDatabaseHeader(bytes.value);
  if (header.kind !== "other") return { kind: "target", target };
  const error = new UserError(
    "not-a-database",
    `${path} is not an SQLite database: it looks like ${header.looksLike}`,
    "give the path of the database file",
  );
  return { kind: "doubtful", target, error };
}

function missing(givenAs: string, path: string, mounts: readonly Mount[]): Extract<Resolution, { kind: "missing" }> {
  const folder = identify(dirname(path));
  return {
    kind: "missing",
    target: {
      givenAs,
      path,
      files: [],
      fileSystem: folder.kind === "ok" ? fileSystemOf(folder.value.mountId, mounts) : null,
      space: null,
      mountOptions: [],
      folder: null,
      lockDirectorySince: null,
    },
    error: new UserError(
      "no-such-file",
      `there is no file ${path}`,
      "check the path; a relative one starts at the current folder",
    ),
  };
}

function resolveFolder(givenAs: string, folder: string, mounts: readonly Mount[]): Resolution[] {
  const databases = databasesInFolder(folder);
  const found = databases.paths.flatMap((path): Resolution[] => {
    const file = identify(path);
    return file.kind === "ok" ? [{ kind: "target", target: describeTarget(givenAs, path, file.value, mounts) }] : [];
  });
  found.push(...databases.notUtf8.map((path): Resolution => ({ kind: "error", givenAs, error: notUtf8(path) })));
  if (found.length > 0) return found;
  throw new UserError(
    "no-databases-in-folder",
    `${folder} is a folder with no SQLite database directly in it`,
    "give the path of a database file",
  );
}
