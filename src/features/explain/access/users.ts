/** The users as which the files of a database are tried. Pure. */
import type { TriedUser } from "./facts.ts";

export interface Candidates {
  /** Of --as. */
  readonly asked: number | null;
  /** Who runs sqlock. */
  readonly caller: number;
  /** The caller can act as other users. */
  readonly mayBecomeOthers: boolean;
  /** Who has run sudo (SUDO_UID). */
  readonly sudo: number | null;
  /** Of the database. */
  readonly owner: number | null;
  readonly holders: readonly { readonly pid: number; readonly uid: number | null }[];
}

/** Users are tried one after the other: no more than this on a busy machine. */
const MAX_USERS = 5;

/**
 * Who may have got the message: the user who was asked for; an ordinary caller itself; for root the users of the
 * processes that have the database open, else who called sudo, and the owner.
 */
export function usersToTry({
  asked,
  caller,
  mayBecomeOthers,
  sudo,
  owner,
  holders,
}: Candidates): Omit<TriedUser, "name">[] {
  const one = (uid: number, because: TriedUser["because"]) => [{ uid, because, pids: [] }];
  if (asked !== null) return one(asked, "asked");
  const uids = holders.flatMap(({ uid }) => uid ?? []);
  if (!mayBecomeOthers) return one(caller, uids.length === 0 || uids.includes(caller) ? "caller" : "onlooker");
  const byUid = new Map<number, number[]>();
  for (const { pid, uid } of holders) if (uid !== null) byUid.set(uid, [...(byUid.get(uid) ?? []), pid]);
  if (byUid.size > 0)
    return [...byUid].slice(0, MAX_USERS).map(([uid, pids]) => ({ uid, because: "holder" as const, pids }));
  const others = [
    ...(sudo === null || sudo === caller ? [] : one(sudo, "sudo")),
    ...(owner === null || owner === caller || owner === sudo ? [] : one(owner, "owner")),
  ];
  return others.length > 0 ? others : one(caller, "caller");
}
