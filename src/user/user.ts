/** A user as whom a part of the work is done, with the groups that are that user's own. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

export interface User {
  readonly uid: number;
  readonly gid: number;
  /** Its name, by which initgroups(3) finds its groups; null for a user without an entry: it is in no other group. */
  readonly name: string | null;
  /** Those of a process that runs as this user; left out: by its name. */
  readonly groups?: readonly number[];
}

/**
 * The group of a user that has no entry in the list of users: `nogroup`. Not the group of its file: a folder with the
 * setgid bit, or a container, gives files of a group that the user of this number is not in on this machine.
 */
const NO_GROUP = 65534;

/** How long the list of users may take to answer: it may be on the network (LDAP), in ms. */
const LOOK_UP_LIMIT_MS = 5000;

const known = new Map<number, User>();

/** By getent(1), which also asks LDAP and the like; by /etc/passwd where there is no getent. Source: passwd(5) */
export function userOf(uid: number): User {
  const user = known.get(uid) ?? parsePasswd(entryOf(uid), uid);
  known.set(uid, user);
  return user;
}

/** By its name, or its number. Null: there is no user of that name. */
export function userNamed(nameOrUid: string): User | null {
  if (/^\d{1,10}$/.test(nameOrUid)) return userOf(Number(nameOrUid));
  if (!/^[^\s:/-][^\s:/]*$/.test(nameOrUid)) return null;
  return parseNamed(entryOf(nameOrUid), nameOrUid);
}

/** Pure. `text`: lines of passwd(5). */
export function parseNamed(text: string, user: string): User | null {
  for (const line of text.split("\n")) {
    const [name, , uid = "", gid = ""] = line.split(":");
    if (name === user && /^\d+$/.test(uid) && /^\d+$/.test(gid)) return { uid: Number(uid), gid: Number(gid), name };
  }
  return null;
}

/** Lines of passwd(5), one of which may be that of the user, by name or number. */
export function entryOf(user: number | string): string {
  try {
    return execFileSync("getent", ["passwd", String(user)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: LOOK_UP_LIMIT_MS,
      cwd: "/",
    });
  } catch (error) {
    // 2: there is no such user
    return (error as { status?: number | null }).status === 2 ? "" : passwdFile();
  }
}

function passwdFile(): string {
  try {
    return readFileSync("/etc/passwd", "utf8");
  } catch {
    return "";
  }
}

/** Pure. `text`: lines of passwd(5); the first with this uid counts. */
export function parsePasswd(text: string, uid: number): User {
  for (const line of text.split("\n")) {
    const [name = "", , id, group] = line.split(":");
    if (name !== "" && id === String(uid) && /^\d+$/.test(group ?? "")) return { uid, gid: Number(group), name };
  }
  return { uid, gid: NO_GROUP, name: null };
}
