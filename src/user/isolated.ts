/**
 * An unused user id, for work on bytes that the owner of a database cannot read himself: no other process can reach
 * its files, and it can reach nobody's.
 */
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import type { User } from "./user.ts";

/** Numbers that neither distributions nor systemd nor containers give. Source: systemd, docs/UIDS-GIDS.md */
const UNUSED = { first: 1_879_048_192, last: 2_147_483_647 };

/** Null where this user namespace has none of these numbers (a container with a map of its own). */
export function isolatedUser(): User | null {
  const uid = randomInt(UNUSED.first, UNUSED.last);
  return isMapped(readMap("uid_map"), uid) && isMapped(readMap("gid_map"), uid) ? { uid, gid: uid, name: null } : null;
}

function readMap(name: string): string {
  try {
    return readFileSync(`/proc/self/${name}`, "utf8");
  } catch {
    return "";
  }
}

/** Pure. Source: user_namespaces(7), uid_map */
export function isMapped(map: string, id: number): boolean {
  return map.split("\n").some((line) => {
    const [first = Number.NaN, , length = Number.NaN] = line.trim().split(/\s+/).map(Number);
    return id >= first && id < first + length;
  });
}
