/**
 * An unused user id, for work on bytes that the owner of a database cannot read himself: no other process can reach its
 * files, and it can reach nobody's.
 */
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { asUser } from "./as-user.ts";
import { type User, userOf } from "./user.ts";

/** Numbers that neither distributions nor systemd nor containers give. Source: systemd, docs/UIDS-GIDS.md */
const UNUSED: IdRange = { first: 1_879_048_192, last: 2_147_483_647 };

/** In a container with few users: this many of the last ones, where they are far from those that programs get. */
const LAST_IDS = 500;
const MIN_LAST_ID = 60_000;

/** "nobody", which unmapped users show as. */
const OVERFLOW_ID = 65_534;

const MAX_TRIES = 20;

/** Null where this process may take none. */
export function isolatedUser(): User | null {
  const range = unusedRange(readMap("uid_map"), readMap("gid_map"));
  if (range === null) return null;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const id = randomInt(range.first, range.last + 1);
    if (id === OVERFLOW_ID || userOf(id).name !== null) continue;
    const user: User = { uid: id, gid: id, name: null };
    return mayBecome(user) ? user : null;
  }
  return null;
}

/** CAP_SETUID and CAP_SETGID. */
function mayBecome(user: User): boolean {
  try {
    return asUser(user, () => true);
  } catch (error) {
    if (!["EPERM", "EINVAL"].includes(String((error as NodeJS.ErrnoException).code))) throw error;
    return false;
  }
}

/**
 * Whether this process is root over other users: where a user has mapped none but itself (unshare -r), root has that
 * user's rights and no more. Source: user_namespaces(7)
 */
export function isRootOverOthers(): boolean {
  return process.geteuid?.() === 0 && rangesOf(readMap("uid_map")).reduce((sum, each) => sum + lengthOf(each), 0) !== 1;
}

function readMap(name: string): string {
  try {
    return readFileSync(`/proc/self/${name}`, "utf8");
  } catch {
    return "";
  }
}

export interface IdRange {
  readonly first: number;
  readonly last: number;
}

/** Pure. Ids that are mapped as a user and as a group, and that nobody is likely to have; null: there are none. */
export function unusedRange(uidMap: string, gidMap: string): IdRange | null {
  const [uids, gids] = [rangesOf(uidMap), rangesOf(gidMap)];
  const common = uids.flatMap((uid) =>
    gids.flatMap((gid): IdRange[] => {
      const both = { first: Math.max(uid.first, gid.first), last: Math.min(uid.last, gid.last) };
      return both.first <= both.last ? [both] : [];
    }),
  );
  if (common.some(({ first, last }) => first <= UNUSED.first && last >= UNUSED.last)) return UNUSED;
  const [top] = common.sort((a, b) => b.last - a.last);
  if (top === undefined || top.last < MIN_LAST_ID) return null;
  return { first: Math.max(top.first, top.last - LAST_IDS, MIN_LAST_ID), last: top.last };
}

/** Those inside of the namespace. Source: user_namespaces(7), uid_map */
function rangesOf(map: string): IdRange[] {
  return map.split("\n").flatMap((line): IdRange[] => {
    const [first = Number.NaN, , length = Number.NaN] = line.trim().split(/\s+/).map(Number);
    return line.trim() !== "" && length > 0 ? [{ first, last: first + length - 1 }] : [];
  });
}

function lengthOf({ first, last }: IdRange): number {
  return last - first + 1;
}
