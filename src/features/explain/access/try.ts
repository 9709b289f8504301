/** Tries the files of a database as the users who may have been refused: it opens them, and changes nothing. */
import { execFileSync } from "node:child_process";
import { lstatSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseReport, Holder } from "../../../model/report.ts";
import type { Rights } from "../../../model/snapshot.ts";
import { readFdInfo } from "../../../proc/fdinfo.ts";
import { type Mount, mountOfPath, readMountinfo } from "../../../proc/mountinfo.ts";
import { valueOr } from "../../../proc/read.ts";
import { readSecurityLabel, readSelinuxEnforcing } from "../../../proc/security.ts";
import { readCredentials } from "../../../proc/status.ts";
import { refusedNewFile, refusedRead, refusedSearch, refusedWrite } from "../../../user/access.ts";
import { asUser } from "../../../user/as-user.ts";
import { isRootOverOthers } from "../../../user/isolated.ts";
import { type User, userOf } from "../../../user/user.ts";
import type { AccessFacts, Attribute, Tried, TriedHolder, TriedMount, TriedUser } from "./facts.ts";
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
    if (other === null || (mayBecomeOthers && mayBecome(other))) tried.push(tryAs(user, other, database));
    else notTried.push(user);
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

function tryAs(user: TriedUser, other: User | null, { path, files }: DatabaseReport): Tried {
  const folder = dirname(path);
  const closed = closedFolder(folder, other);
  if (closed !== null) return { user, closed, files: [], folder: null };
  const attributes = attributesOf([folder, ...files.map((file) => file.path)], other);
  return {
    user,
    closed: null,
    files: files.map((file) => ({
      role: file.role,
      path: file.path,
      rights: rightsOf(file.path),
      read: refusedRead(file.path, other),
      write: refusedWrite(file.path, other),
      attribute: attributes.get(file.path) ?? null,
    })),
    folder: {
      path: folder,
      rights: rightsOf(folder),
      newFile: refusedNewFile(folder, other),
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

const LSATTR_LIMIT_MS = 2000;

/**
 * By lsattr(1), which opens the files. Root runs it only where all of them are its own: who owns a folder could put
 * something else there. Empty where that is not known; what is immutable shows by EPERM all the same.
 */
function attributesOf(paths: readonly string[], other: User | null): Map<string, Attribute> {
  const found = new Map<string, Attribute>();
  const caller = process.geteuid?.() ?? 0;
  if (other !== null || (caller === 0 && paths.some((path) => rightsOf(path)?.uid !== 0))) return found;
  let text: string;
  try {
    text = execFileSync("lsattr", ["-d", "--", ...paths], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      cwd: "/",
      timeout: LSATTR_LIMIT_MS,
    });
  } catch (error) {
    text = String((error as { stdout?: unknown }).stdout ?? "");
  }
  for (const path of paths) {
    const flags = text
      .split("\n")
      .find((line) => line.endsWith(` ${path}`))
      ?.slice(0, -path.length);
    const attribute = flags === undefined ? null : attributeIn(flags);
    if (attribute !== null) found.set(path, attribute);
  }
  return found;
}

/** Of a line of lsattr(1): `----i---------e-------`. */
function attributeIn(flags: string): Attribute | null {
  return flags.includes("i") ? "immutable" : flags.includes("a") ? "append-only" : null;
}

/** Options of the mount that say that quotas are kept. Sources: mount(8), ext4(5), xfs(5), tmpfs(5) */
const QUOTA = /^(?:(?:usr|grp|prj)?j?quota|[ugp]?quota|[ugp]qnoenforce|(?:usr|grp)jquota=.+)$/;

function mountFacts({ mountPoint, readOnly, wentReadOnly, superOptions }: Mount): TriedMount {
  return { mountPoint, readOnly, wentReadOnly, quota: superOptions.split(",").some((each) => QUOTA.test(each)) };
}

function holderFacts({ holders }: DatabaseReport, mount: Mount | null): TriedHolder[] {
  const enforcing = readSelinuxEnforcing();
  return holders.flatMap((holder) => {
    if (holder.uid === null) return [];
    const directory = `${PROC}/${holder.pid}`;
    const handles = holder.handles.filter(({ role, deleted, moved }) => role === "database" && !deleted && !moved);
    return [
      {
        pid: holder.pid,
        uid: holder.uid,
        onlyReads: handles.length > 0 && handles.every(({ access }) => access === "read"),
        writes: holder.handles.flatMap(({ role, access, deleted, moved }) =>
          (access === "read-write" || access === "write") && !deleted && !moved ? [role] : [],
        ),
        readOnlyMount: mount?.readOnly === false && seesItReadOnly(directory, handles),
        label: valueOr(readSecurityLabel(directory, enforcing), null),
      },
    ];
  });
}

/** By the mount of its descriptor, which may be one of another mount namespace. */
function seesItReadOnly(directory: string, handles: Holder["handles"]): boolean {
  const [handle] = handles;
  if (handle === undefined) return false;
  const id = valueOr(readFdInfo(directory, String(handle.fd)), null)?.mountId;
  return valueOr(readMountinfo(directory), []).find((each) => each.id === id)?.readOnly === true;
}

function uidIn(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : null;
}
