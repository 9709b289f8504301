/** From an argument to the database it means: existing, deleted, or none and why. */
import { resolve as absolutePath, dirname } from "node:path";
import { UserError } from "../errors.ts";
import type { Target } from "../model/snapshot.ts";
import type { Mount } from "../proc/mountinfo.ts";
import { ENCRYPTED_START_BYTES, likelyEncrypted } from "../sqlite/encrypted.ts";
import { parseDatabaseHeader } from "../sqlite/header.ts";
import { COMPANIONS, databaseOfCompanion, type Role } from "../sqlite/roles.ts";
import type { User } from "../user/user.ts";
import { parseArgument } from "./argument.ts";
import { databasesInFolder, isDatabaseFile } from "./database-file.ts";
import { deletedByDescriptor } from "./deleted-descriptor.ts";
import { fileSystemOf, type IdentifiedFile, identify, pathExists, statIfPresent } from "./identify.ts";
import { readBytes } from "./open-file.ts";
import { Turns } from "./pace.ts";
import { deniedError, loopError, memoryError, notAFile, notUtf8 } from "./path-errors.ts";
import { mayHangOnTheWay, realPath } from "./real-path.ts";
import { anotherFileError } from "./same-file.ts";
import { userForDenied } from "./squashed-root.ts";
import { describeTarget } from "./target.ts";

export type Resolution =
  | { readonly kind: "target"; readonly target: Target }
  /** There is no file at the path; the error stands unless a process has a deleted file of that name open. */
  | { readonly kind: "missing"; readonly target: Target; readonly error: UserError }
  /**
   * Its first bytes are neither those of a database nor noise; the error stands unless it has companion files or locks
   * of SQLite's.
   */
  | { readonly kind: "doubtful"; readonly target: Target; readonly error: UserError }
  | { readonly kind: "error"; readonly givenAs: string; readonly error: UserError };

/** How the paths are looked at. */
interface View {
  /** Of this process. */
  readonly mounts: readonly Mount[];
  /** Who looks, where root may not; null: this process. */
  readonly user: User | null;
}

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
  if (argument.kind === "memory") throw memoryError(givenAs, statIfPresent(`./${givenAs}`) !== undefined);
  const path = absolute(argument.path);
  const literalPath = literalPathOf(argument, mounts);
  return literalPath !== undefined && !mayHangOnTheWay(path, mounts) && !pathExists(path)
    ? absolute(literalPath)
    : path;
}

async function resolveOrThrow(givenAs: string, mounts: readonly Mount[]): Promise<Resolution[]> {
  const path = pathOfArgument(givenAs, mounts);
  try {
    return await resolvePath(givenAs, path, { mounts, user: null });
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== "permission-denied" || process.geteuid?.() !== 0) throw error;
    const user = await userForDenied(path, mounts);
    if (user === null) throw error;
    return await resolvePath(givenAs, path, { mounts, user });
  }
}

async function resolvePath(givenAs: string, path: string, view: View): Promise<Resolution[]> {
  const { mounts, user } = view;
  const real = await realPath(path, mounts, user);
  const found = identify(real, { user });
  switch (found.kind) {
    case "denied":
      throw deniedError(real, found);
    case "disconnected":
      throw new UserError("not-responding", `the daemon behind the file system of ${real} has died`, "mount it again");
    case "loop":
      throw loopError(real);
    case "gone": {
      const deleted = deletedByDescriptor(givenAs, path, mounts);
      if (deleted !== null) return [{ kind: "target", target: deleted }];
      if (real.includes("\ufffd")) throw notUtf8(real);
      return [await resolveMissing(givenAs, real, view)];
    }
  }
  const { stats } = found.value;
  if (stats.isSymbolicLink()) throw anotherFileError(real); // set since: realPath() follows every link
  if (stats.isDirectory()) return await resolveFolder(givenAs, real, view);
  if (!stats.isFile()) throw notAFile(real, found.value);
  const companion = databaseOfCompanion(real);
  if (companion !== null && !isDatabaseFile(real, user))
    return [await resolveCompanion(givenAs, real, companion, view)];
  return [fromFile(givenAs, real, found.value, view)];
}

function absolute(path: string): string {
  try {
    return absolutePath(path);
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
  return [`./${literal}`, `/${path}`].find((each) => !mayHangOnTheWay(absolute(each), mounts) && pathExists(each));
}

/** Nothing exists at `path`: it is a deleted database, or a companion file that an existing database does not have. */
async function resolveMissing(givenAs: string, path: string, view: View): Promise<Resolution> {
  const companion = databaseOfCompanion(path);
  if (companion === null) return missing(givenAs, path, view);
  const real = await realPath(companion.database, view.mounts, view.user);
  const database = identify(real, view);
  return database.kind === "ok" && database.value.stats.isFile()
    ? fromFile(givenAs, real, database.value, view)
    : missing(givenAs, companion.database, view);
}

/** A companion file means its database. */
async function resolveCompanion(
  givenAs: string,
  path: string,
  companion: { readonly database: string; readonly role: Role },
  view: View,
): Promise<Resolution> {
  const real = await realPath(companion.database, view.mounts, view.user);
  const database = identify(real, view);
  if (database.kind === "ok" && database.value.stats.isFile()) return fromFile(givenAs, real, database.value, view);
  const hasNoPages = COMPANIONS.some(({ role, hasPages }) => role === companion.role && !hasPages);
  return {
    ...missing(givenAs, companion.database, view),
    error: new UserError(
      "no-such-file",
      `${path} is the ${companion.role} file of ${companion.database}, which does not exist`,
      hasNoPages
        ? "give the path of the database"
        : "keep this file: it may hold the last transactions; put its database back beside it",
    ),
  };
}

function fromFile(givenAs: string, path: string, file: IdentifiedFile, { mounts, user }: View): Resolution {
  const target = describeTarget(givenAs, path, file, mounts, user);
  const bytes = readBytes(path, 0, ENCRYPTED_START_BYTES, target.files[0], user);
  if (bytes.kind !== "ok") return { kind: "target", target };
  const header = parseDatabaseHeader(bytes.value);
  if (header.kind !== "other" || likelyEncrypted(bytes.value, file.stats.size) !== null)
    return { kind: "target", target };
  const error = new UserError(
    "not-a-database",
    `${path} is not a SQLite database: it looks like ${header.looksLike}`,
    "give the path of the database file",
  );
  return { kind: "doubtful", target, error };
}

function missing(givenAs: string, path: string, { mounts, user }: View): Extract<Resolution, { kind: "missing" }> {
  const folder = identify(dirname(path), { user });
  return {
    kind: "missing",
    target: {
      givenAs,
      path,
      files: [],
      oddCompanions: [],
      fileSystem: folder.kind === "ok" ? fileSystemOf(folder.value.mountId, mounts) : null,
      space: null,
      wentReadOnly: null,
      mountOptions: [],
      folder: null,
      lookAs: user,
      lockDirectorySince: null,
    },
    error: new UserError(
      "no-such-file",
      `there is no file ${path}`,
      "check the path; a relative path starts in the current folder",
    ),
  };
}

async function resolveFolder(givenAs: string, folder: string, { mounts, user }: View): Promise<Resolution[]> {
  const databases = await databasesInFolder(folder, user);
  const turns = new Turns();
  const found: Resolution[] = [];
  for (const path of databases.paths) {
    const file = identify(path, { user });
    if (file.kind === "ok" && file.value.stats.isFile())
      found.push({ kind: "target", target: describeTarget(givenAs, path, file.value, mounts, user) });
    await turns.giveWay();
  }
  found.push(...databases.notUtf8.map((path): Resolution => ({ kind: "error", givenAs, error: notUtf8(path) })));
  if (found.length > 0) return found;
  throw new UserError(
    "no-databases-in-folder",
    `${folder} is a folder with no SQLite database directly in it`,
    "give the path of a database file",
  );
}
