/** From an argument to the database that is meant: existing, deleted, or none and why. */
import { type Dirent, readdirSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve as resolvePath } from "node:path";
import { UserError } from "../errors.ts";
import type { Target } from "../model/snapshot.ts";
import { lookUpMayHang, type Mount, mountOfPath } from "../proc/mountinfo.ts";
import { failure } from "../proc/read.ts";
import { HEADER_BYTES, hasDatabaseMagic, parseDatabaseHeader } from "../sqlite/header.ts";
import { databaseOfCompanion } from "../sqlite/roles.ts";
import { parseArgument } from "./argument.ts";
import { fileSystemOf, type IdentifiedFile, identify, readBytes } from "./identify.ts";
import { memoryError, notAFile, notUtf8, permissionError } from "./path-errors.ts";
import { answersInTime } from "./probe.ts";
import { describeTarget } from "./target.ts";

export type Resolution =
  | { readonly kind: "target"; readonly target: Target }
  /** Nothing lies at the path; the error stands unless somebody has a deleted file of that name open. */
  | { readonly kind: "missing"; readonly target: Target; readonly error: UserError }
  /**
   * No database by its first bytes; the error stands unless somebody holds SQLite's locks on it (an encrypted
   * database).
   */
  | { readonly kind: "doubtful"; readonly target: Target; readonly error: UserError }
  | { readonly kind: "error"; readonly givenAs: string; readonly error: UserError };

/** One argument may be several databases (a folder). */
export async function resolveArgument(givenAs: string, mounts: readonly Mount[]): Promise<Resolution[]> {
  try {
    return await resolveOrThrow(givenAs, mounts);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [{ kind: "error", givenAs, error }];
  }
}

async function resolveOrThrow(givenAs: string, mounts: readonly Mount[]): Promise<Resolution[]> {
  if (givenAs === "")
    throw new UserError("usage", "the name of the database is empty", "give the path of a database file");
  if (givenAs.includes("\0"))
    throw new UserError("usage", "a path cannot hold a NUL character", "give the path of a database file");
  const argument = parseArgument(givenAs);
  if (argument.kind === "memory") throw memoryError(givenAs, exists(`./${givenAs}`));
  let path = argument.path;
  const other = otherMeaning(argument, mounts);
  // in this order: the path may lie on a mount that does not answer
  if (other !== undefined && !exists(path)) path = other;
  const real = await realPath(absolute(path), mounts);
  const found = identify(real);
  if (found.kind === "denied") throw permissionError(real);
  if (found.kind === "disconnected")
    throw new UserError("not-responding", `the daemon behind the file system of ${real} has died`, "mount it again");
  if (found.kind === "loop")
    throw new UserError(
      "no-such-file",
      `${real} is a loop of symbolic links`,
      "give the path of the database file itself",
    );
  if (found.kind === "gone") {
    if (real.includes("\ufffd")) throw notUtf8(real);
    const companion = databaseOfCompanion(real)?.database;
    const database = companion === undefined ? null : identify(companion);
    if (companion !== undefined && database?.kind === "ok" && database.value.stats.isFile())
      return [fromFile(givenAs, companion, database.value, mounts)];
    return [missing(givenAs, companion ?? real, mounts)];
  }
  const { stats } = found.value;
  if (stats.isDirectory()) return resolveFolder(givenAs, real, mounts);
  if (!stats.isFile()) throw notAFile(real, found.value);
  const companion = databaseOfCompanion(real);
  if (companion !== null && !isDatabaseFile(real)) {
    const database = identify(companion.database);
    if (database.kind === "ok" && database.value.stats.isFile())
      return [fromFile(givenAs, companion.database, database.value, mounts)];
    const lost = missing(givenAs, companion.database, mounts);
    return [
      {
        ...lost,
        error: new UserError(
          "no-such-file",
          `${real} is the ${companion.role} file of ${companion.database}, which does not exist`,
          companion.role === "shm"
            ? "give the path of the database"
            : "keep this file: it may hold the last transactions; put its database back beside it",
        ),
      },
    ];
  }
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

/** A file whose name is the whole argument, or (sqlx: sqlite:///absolute) the absolute path, where one lies there. */
function otherMeaning(
  { path, literal }: { readonly path: string; readonly literal: string | null },
  mounts: readonly Mount[],
): string | undefined {
  if (literal === null) return undefined;
  return [`./${literal}`, `/${path}`].find((each) => {
    const mount = mountOfPath(mounts, resolvePath(each));
    return (mount === null || !lookUpMayHang(mount.type)) && exists(each);
  });
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
  let entries: Dirent[];
  try {
    // no stat(2) of its folders: one may be a mount that does not answer
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    failure(error);
    throw permissionError(folder);
  }
  const names = entries.flatMap((entry) => (entry.isFile() ? entry.name : [])).sort();
  const found = names.flatMap((name): Resolution[] => {
    const path = join(folder, name);
    if (!isDatabaseFile(path)) return [];
    const file = identify(path);
    return file.kind === "ok" ? [{ kind: "target", target: describeTarget(givenAs, path, file.value, mounts) }] : [];
  });
  found.push(
    ...unspeakable(folder, names).map((path): Resolution => ({ kind: "error", givenAs, error: notUtf8(path) })),
  );
  if (found.length > 0) return found;
  throw new UserError(
    "no-databases-in-folder",
    `${folder} is a folder with no SQLite database directly in it`,
    "give the path of a database file",
  );
}

/** Databases with names that are not UTF-8: seen, but there is no text to look at them by. */
function unspeakable(folder: string, names: readonly string[]): string[] {
  if (!names.some((name) => name.includes("\ufffd"))) return [];
  return readdirSync(folder, { encoding: "buffer" }).flatMap((name) => {
    const text = name.toString("utf8");
    const path = Buffer.concat([Buffer.from(`${folder}/`), name]);
    return !Buffer.from(text).equals(name) && isDatabaseFile(path) ? [join(folder, text)] : [];
  });
}

/** Whether a regular file begins as an SQLite database does. */
function isDatabaseFile(path: string | Buffer): boolean {
  const bytes = readBytes(path, 0, 16);
  return bytes.kind === "ok" && hasDatabaseMagic(bytes.value);
}

function exists(path: string): boolean {
  const found = identify(path);
  return found.kind === "ok" || found.kind === "denied";
}

/** realpath(3), of a path that need not exist; a mount that does not answer is met with a time limit. */
async function realPath(path: string, mounts: readonly Mount[]): Promise<string> {
  const hanging = mounts.some((mount) => lookUpMayHang(mount.type)) ? mountThatMayHang(path, mounts) : null;
  if (hanging !== null && !(await answersInTime(path))) {
    throw new UserError(
      "not-responding",
      `the ${hanging.type} file system at ${hanging.mountPoint} does not answer, so ${path} cannot be looked at`,
      "mend the mount (is its server up?), then try again",
    );
  }
  try {
    const real = realpathSync.native(path);
    return real === path || isSameFile(path, real) ? real : path;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" && exists(path)) return path; // see isSameFile()
    if (code === "EACCES") throw permissionError(path);
    if (code !== "ENOENT") return path; // ELOOP, ENOTDIR, ENAMETOOLONG: identify() says it
    return danglingTarget(path);
  }
}

/**
 * Not so below /proc/PID/root: its link reads "/", but leads into the mount namespace of that process, a container's
 * say.
 */
function isSameFile(path: string, real: string): boolean {
  const [one, other] = [identify(path), identify(real)];
  if (one.kind !== "ok" || other.kind !== "ok") return true;
  return one.value.stats.dev === other.value.stats.dev && one.value.stats.ino === other.value.stats.ino;
}

/** Of a path with nothing at its end: the folder made real, and where a dangling link at its end points to. */
function danglingTarget(path: string, depth = 0): string {
  let real = path;
  try {
    real = join(realpathSync.native(dirname(path)), basename(path));
    if (depth < 40) return danglingTarget(resolvePath(dirname(real), readlinkSync(real)), depth + 1);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
  return real;
}

/** Follows a path link by link, as the kernel would, and stops before the first mount on which a look could hang. */
function mountThatMayHang(path: string, mounts: readonly Mount[]): Mount | null {
  const rest = path.split("/").filter((part) => part !== "");
  let here = "/";
  for (let steps = 0; rest.length > 0 && steps < 400; steps++) {
    const next = join(here, rest.shift() ?? "");
    const mount = mountOfPath(mounts, next);
    if (mount !== null && lookUpMayHang(mount.type)) return mount;
    let link: string | null = null;
    try {
      link = readlinkSync(next);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
    if (link === null) here = next;
    else {
      rest.unshift(...link.split("/").filter((part) => part !== ""));
      if (link.startsWith("/")) here = "/";
    }
  }
  return null;
}
