/** Where the folder of a continuous recording is, and who writes in it. */
import { mkdirSync, rmdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UserError } from "../../../errors.ts";
import { type Mount, mountOfPath, readMountinfo } from "../../../proc/mountinfo.ts";
import { valueOr } from "../../../proc/read.ts";
import { asUser } from "../../../user/as-user.ts";
import type { User } from "../../../user/user.ts";
import { refuseCompanion } from "../../output/errors.ts";
import { type Destination, destinationOf, type GivenOutput } from "../../output/path.ts";

export interface FolderPlace {
  /** Without links. */
  readonly path: string;
  /** Root writes in the folder of another user as that user; null: the caller writes. */
  readonly user: User | null;
  /** It was made just now. */
  readonly isNew: boolean;
  /** Of the file system that it is on; null: not known. */
  readonly mountPoint: string | null;
}

const MODE = 0o700;

/**
 * `name`: of a file that is not there. @throws UserError where another user could have files made elsewhere, or an
 * error of the system
 */
export function placeOfFolder(output: GivenOutput, name: string): FolderPlace {
  const { given } = output;
  const mounts = valueOr(readMountinfo("/proc/self"), []);
  const me = process.geteuid?.() ?? 0;
  const find = () => destinationOf(output, join(resolve(given), name), mounts, me);
  const found = orMissing(find, given);
  if (found !== null) return placeOf(found, false, mounts);
  refuseCompanion(output, resolve(given));
  const { target, user } = destinationOf(output, resolve(given), mounts, me);
  asUser(user, () => mkdirSync(target.path, MODE));
  try {
    return placeOf(find(), true, mounts); // it may be another one by now
  } catch (error) {
    removeIfEmpty(target.path, user);
    throw error;
  }
}

/**
 * The folder of before, or another one in its place, where it was deleted, renamed or unmounted: what was made by this
 * recorder is made again. @throws UserError where it is not the same place any more, or an error of the system
 */
export function sameFolder(output: GivenOutput, before: FolderPlace, name: string): void {
  const mounts = valueOr(readMountinfo("/proc/self"), []);
  if (mountPointOf(mounts, before.path) !== before.mountPoint) throw systemError("ENOENT"); // it would be hidden later
  const there = { ...output, given: before.path };
  if (!before.isNew) {
    const { target, user } = destinationOf(there, join(before.path, name), mounts, process.geteuid?.() ?? 0);
    if (dirname(target.path) === before.path && user?.uid === before.user?.uid) return;
    throw systemError("EACCES");
  }
  const { path, user } = placeOfFolder(there, name);
  if (path !== before.path || user?.uid !== before.user?.uid) throw systemError("EACCES");
}

function placeOf({ target, user }: Destination, isNew: boolean, mounts: readonly Mount[]): FolderPlace {
  const path = dirname(target.path);
  return { path, user, isNew, mountPoint: mountPointOf(mounts, path) };
}

function mountPointOf(mounts: readonly Mount[], path: string): string | null {
  return mountOfPath(mounts, path)?.mountPoint ?? null;
}

function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}

/** Of a folder that was made just now. */
export function removeIfEmpty(path: string, user: User | null): void {
  try {
    asUser(user, () => rmdirSync(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

/** Null: the folder does not exist. */
function orMissing<T>(find: () => T, given: string): T | null {
  try {
    return find();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTDIR")
      throw new UserError("usage", `--output ${given} is a file`, "with --keep, give a folder: it gets many files");
    if (code !== "ENOENT") throw error;
    return null;
  }
}
