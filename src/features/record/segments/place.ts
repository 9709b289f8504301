/** Where the folder of a continuous recording is, and who writes in it. */
import { mkdirSync, rmdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UserError } from "../../../errors.ts";
import { readMountinfo } from "../../../proc/mountinfo.ts";
import { valueOr } from "../../../proc/read.ts";
import { asUser } from "../../../user/as-user.ts";
import type { User } from "../../../user/user.ts";
import { refuseCompanion } from "../../output/errors.ts";
import { destinationOf, type GivenOutput } from "../../output/path.ts";

export interface FolderPlace {
  /** Without links. */
  readonly path: string;
  /** Root writes in the folder of another user as that user; null: the caller writes. */
  readonly user: User | null;
  /** It was made just now. */
  readonly isNew: boolean;
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
  if (found !== null) return { path: dirname(found.target.path), user: found.user, isNew: false };
  refuseCompanion(output, resolve(given));
  const { target, user } = destinationOf(output, resolve(given), mounts, me);
  asUser(user, () => mkdirSync(target.path, MODE));
  try {
    const made = find(); // it may be another one by now
    return { path: dirname(made.target.path), user: made.user, isNew: true };
  } catch (error) {
    removeIfEmpty(target.path, user);
    throw error;
  }
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
