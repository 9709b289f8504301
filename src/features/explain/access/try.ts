/** Tries the files of a database as the users who may have been refused: it opens them, and changes nothing. */
import { closeSync, constants, lstatSync, openSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { DatabaseReport } from "../../../model/report.ts";
import type { Rights } from "../../../model/snapshot.ts";
import { O_PATH } from "../../../proc/fdinfo.ts";
import { type Mount, mountOfPath, readMountinfo } from "../../../proc/mountinfo.ts";
import { failure, valueOr } from "../../../proc/read.ts";
import { readCredentials } from "../../../proc/status.ts";
import { refusedNewFile, refusedRead, refusedSearch, refusedWrite } from "../../../user/access.ts";
import { asUser } from "../../../user/as-user.ts";
import { uidIn } from "../../../user/caller.ts";
import { isRootOverOthers } from "../../../user/isolated.ts";
import { type User, userOf } from "../../../user/user.ts";
import { attributesOf } from "./attributes.ts";
import type { AccessFacts, Tried, TriedMount, TriedUser } from "./facts.ts";
import { holderFacts } from "./holders.ts";
import { usersToTry } from "./users.ts";

const PROC = "/proc";

/** `as`: of --as; null: whoever may have been refused. */
export function tryAccess(database: DatabaseReport, as: User | null): AccessFacts {
  const mounts = valueOr(readMountinfo(`${PROC}/self`), []);
  const caller = process.geteuid?.() ?? 0;
  const mayBecomeOthers = isRootOverOthers();
  const users = usersToTry({
    asked: as?.uid ?? null,
    caller,
    mayBecomeOthers,
    sudo: uidIn(process.env["SUDO_UID"]),
    owner: rightsOf(database.path)?.uid ?? null,
    holders: database.holders,
  }).map((user): TriedUser => ({ ...user, name: (as ?? userOf(user.uid)).name }));
  const tried: Tried[] = [];
  const notTried: TriedUser[] = [];
  for (const user of users) {
    const other = user.uid === caller ? null : (as ?? asProcess(userOf(user.uid), user.pids[0]));
    const allowed = other === null || (mayBecomeOthers && mayBecome(other));
    const answer = allowed ? answerOf(() => tryAs(user, other, database)) : null;
    if (answer === null) notTried.push(user);
    else tried.push(answer);
  }
  const mount = mountOfPath(mounts, database.path);
  return {
    journalMode: database.journalMode,
    tried,
    notTried,
    mount: mount === null ? null : mountFacts(mount),
    holders: holderFacts(database, mount),
  };
}

/** Null where the files are gone by now, or root cannot reach them (root_squash). */
function answerOf(work: () => Tried): Tried | null {
  try {
    return work();
  } catch (error) {
    failure(error);
    return null;
  }
}

/** With the groups that a process of the user really has: those of a service or a container are its own. */
function asProcess(user: User, pid: number | undefined): User {
  const credentials = pid === undefined ? null : valueOr(readCredentials(`${PROC}/${pid}`), null);
  const [gid] = credentials?.groups ?? [];
  return credentials === null || gid === undefined || credentials.uid !== user.uid
    ? user
    : { ...user, gid, groups: credentials.groups };
}

/** False in a user namespace that has no such user. */
function mayBecome(user: User): boolean {
  try {
    return asUser(user, () => true);
  } catch {
    return false;
  }
}

function tryAs(user: TriedUser, other: User | null, database: DatabaseReport): Tried {
  const folder = dirname(database.path);
  if (user.because !== "holder") {
    const closed = closedFolder(folder, other);
    return closed === null ? tryIn(folder, user, other, database) : { user, closed, files: [], folder: null };
  }
  // A process that has it open has come there, perhaps on a path of its own (a container's): it starts at the folder.
  const fd = openSync(folder, O_PATH | constants.O_DIRECTORY);
  try {
    return tryIn(`/proc/self/fd/${fd}/.`, user, other, database);
  } finally {
    closeSync(fd);
  }
}

/** `at`: where the folder is reached. */
function tryIn(at: string, user: TriedUser, other: User | null, { path, files }: DatabaseReport): Tried {
  const folder = dirname(path);
  const attributes = attributesOf([folder, ...files.map((file) => file.path)], other);
  return {
    user,
    closed: null,
    files: files.map((file) => ({
      role: file.role,
      path: file.path,
      rights: rightsOf(file.path),
      read: refusedRead(join(at, basename(file.path)), other),
      write: refusedWrite(join(at, basename(file.path)), other),
      attribute: attributes.get(file.path) ?? null,
    })),
    folder: {
      path: folder,
      rights: rightsOf(folder),
      newFile: refusedNewFile(at, other),
      attribute: attributes.get(folder) ?? null,
    },
  };
}

/** The first folder, from the root on, that the user may not pass through. */
function closedFolder(folder: string, user: User | null): Tried["closed"] {
  const all = [folder];
  for (let path = folder; path !== dirname(path); path = dirname(path)) all.unshift(dirname(path));
  for (const path of all) {
    const refused = refusedSearch(path, user);
    if (refused !== null && refused !== "ENOENT") return { path, rights: rightsOf(path), refused };
  }
  return null;
}

function rightsOf(path: string): Rights | null {
  try {
    const { mode, uid, gid } = lstatSync(path);
    return { mode: mode & 0o7777, uid, gid };
  } catch {
    return null;
  }
}

/** Options of the mount that say that quotas are kept. Sources: mount(8), ext4(5), xfs(5), tmpfs(5) */
const QUOTA = /^(?:(?:usr|grp|prj)?j?quota|[ugp]?quota|[ugp]qnoenforce|(?:usr|grp)jquota=.+)$/;

function mountFacts({ mountPoint, readOnly, wentReadOnly, superOptions }: Mount): TriedMount {
  return { mountPoint, readOnly, wentReadOnly, quota: superOptions.split(",").some((each) => QUOTA.test(each)) };
}
