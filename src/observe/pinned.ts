/**
 * A database that is known by its file, from the first look to the last: paths are resolved once, and a path that leads
 * to another file later is noticed. For what changes a database or signals its holders.
 */
import { UserError } from "../errors.ts";
import type { Target } from "../model/snapshot.ts";
import { type Mount, readMountinfo } from "../proc/mountinfo.ts";
import { valueOr } from "../proc/read.ts";
import { quotedPath } from "../text/shell.ts";
import { sleep } from "../time.ts";
import { foreignLinkError, foreignLinkOf } from "./foreign-links.ts";
import { ownerIn, type PathWalk, walkPath } from "./path-walk.ts";
import { pathOfArgument, resolveArgument } from "./resolve.ts";
import { anotherFileError, databaseFile, type FileIdentity, isSameFile } from "./same-file.ts";
import { userNames } from "./sources/proc/users.ts";

export interface PinnedDatabase {
  readonly givenAs: string;
  /** The real path: it is looked up again, and no link is followed any more. */
  readonly path: string;
  /** Null: there is no such file (some process may have it open, though). */
  readonly file: FileIdentity | null;
  /** The user whose file it is; null where there is none. */
  readonly owner: number | null;
}

/**
 * The database that an argument means now. Run by root, no name on the way to it is another user's.
 *
 * @throws UserError also for a folder of several databases
 */
export async function pinDatabase(givenAs: string): Promise<PinnedDatabase> {
  const mounts = valueOr(readMountinfo("/proc/self"), []);
  const [resolution, ...more] = await resolveArgument(givenAs, mounts);
  if (resolution === undefined || more.length > 0) throw severalError(givenAs, more.length + 1);
  if (resolution.kind === "error") throw resolution.error;
  const { target } = resolution;
  if (target.descriptor !== undefined) throw descriptorError(givenAs, target.path);
  const refusal = await linkRefusal(givenAs, target, mounts);
  if (refusal !== null) throw refusal;
  const file = databaseFile(target);
  const mount = mounts.find(({ id }) => id === file?.mountId);
  return {
    givenAs,
    path: target.path,
    file: file === null ? null : { device: file.device, inode: file.inode },
    owner: file === null ? null : ownerIn(mount, file.rights.uid),
  };
}

/** Nothing is changed, nor anybody ended, by a descriptor: what is lost by it has no name any more. */
function descriptorError(givenAs: string, path: string): UserError {
  return new UserError(
    "no-such-file",
    `${givenAs} is ${path}, which was deleted while it was open (and still is)`,
    `see who has it open and how to rescue it: sqlock who-holds ${quotedPath(givenAs)}`,
  );
}

function severalError(givenAs: string, count: number): UserError {
  return new UserError("usage", `${givenAs} is a folder of ${count} databases`, "give the path of one database");
}

/** How often, and after how many ms, a path is followed again on which a link has just been set. */
const UNSETTLED_LOOKS = 5;
const UNSETTLED_PAUSE_MS = 25;

/** Why root does not act on the target of an argument; null where it may, and for others than root. */
export async function linkRefusal(
  givenAs: string,
  target: Target,
  mounts: readonly Mount[],
): Promise<UserError | null> {
  // without /proc there is nothing to act on, as is said elsewhere
  if (process.geteuid?.() !== 0 || mounts.length === 0) return null;
  const given = pathOfArgument(givenAs, mounts);
  for (let looks = 1; ; looks++) {
    const walks = [walkPath(given, mounts), walkPath(target.path, mounts)] as const;
    const foreign = foreignLinkOf(walks);
    if (foreign !== null) {
      const names = userNames(new Set([foreign.owner, ...(foreign.kind === "link" ? [foreign.link.uid] : [])]));
      return foreignLinkError(foreign, (uid) => names.get(uid) ?? `user ${uid}`);
    }
    if (!leadToTarget(walks, target)) return anotherFileError(given);
    if (walks.every(({ settled }) => settled)) return null;
    if (looks === UNSETTLED_LOOKS) return anotherFileError(given);
    await sleep(UNSETTLED_PAUSE_MS);
  }
}

/** Both to the target's own file; or, for the name of a companion or of its folder, to the same folder. */
function leadToTarget([given, real]: readonly [PathWalk, PathWalk], target: Target): boolean {
  if (!isSameFile(real.file, databaseFile(target))) return false;
  return isSameFile(given.folder, real.folder) || (given.file !== null && isSameFile(given.file, real.file));
}
