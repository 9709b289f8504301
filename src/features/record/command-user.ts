/** As which user the command after `--` runs: what is refused, and how to say it. Pure. */
import { UserError } from "../../errors.ts";
import type { User } from "../../user/user.ts";

export interface Asker {
  /** The effective user of sqlock. */
  readonly uid: number;
  /** It is root, and not only in a user namespace that has no other users. */
  readonly mayBecomeOthers: boolean;
  /** Who has become root, by number or name; null: nobody is known. */
  readonly beforeRoot: string | null;
}

export interface CommandUser {
  readonly user: User;
  /** The one who has become root: the terminal is that user's. */
  readonly isCaller: boolean;
}

/** The highest number of a user: the one above means "unchanged". Source: setresuid(2) */
const MAX_UID = 4_294_967_294;

/**
 * `asked`: of --user, a name or a number. `lookUp`: null where there is no such user. @returns null: as who runs
 * sqlock. @throws UserError
 */
export function commandUser(
  asked: string | null,
  { uid, mayBecomeOthers, beforeRoot }: Asker,
  lookUp: (nameOrUid: string) => User | null,
): CommandUser | null {
  if (asked !== null) {
    const user = known(asked, lookUp);
    if (user.uid === uid) return null;
    if (mayBecomeOthers) return { user, isCaller: beforeRoot !== null && lookUp(beforeRoot)?.uid === user.uid };
    throw new UserError("usage", `only root can run the command as user ${asked}`, "use sudo, or do it as that user");
  }
  if (!mayBecomeOthers) return null;
  const user = beforeRoot === null ? null : known(beforeRoot, lookUp);
  if (user !== null && user.uid !== 0) return { user, isCaller: true };
  throw new UserError(
    "usage",
    "started by root, the command after -- needs a user",
    "give --user NAME (--user root if root is meant), or call sqlock with sudo from that user's account",
  );
}

function known(nameOrUid: string, lookUp: (nameOrUid: string) => User | null): User {
  const user = lookUp(nameOrUid);
  if (user !== null && user.uid <= MAX_UID) return user;
  throw new UserError(
    "usage",
    `there is no user ${nameOrUid === "" ? '""' : nameOrUid}`,
    "give a user name or a user id (getent passwd lists them)",
  );
}
