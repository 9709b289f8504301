/**
 * What proves that a holder itself keeps others out, and that it is its owner's to end. A descriptor proves nothing of
 * the process that has it: another process may have opened the file, locked it through that descriptor (OFD, flock),
 * and passed it on (SCM_RIGHTS of unix(7)), even to a process that never asked for it. A POSIX lock belongs to the
 * process that took it, and cannot be given away. Pure.
 */
import { blocksSomebody, keepsOthersOut } from "../../model/blockers.ts";
import type { DatabaseReport, Holder, Lock } from "../../model/report.ts";
import { causesOf } from "../../model/waits.ts";
import type { Block, LockApi } from "../../sqlite/locks.ts";
import type { Role } from "../../sqlite/roles.ts";

export interface User {
  readonly uid: number;
  readonly name: string | null;
}

/** Who ends processes, and whose the database and its holders are. */
export interface Parties {
  readonly callerUid: number;
  /** Of the database; null where its file is gone. */
  readonly owner: User | null;
  /** By pid: its real, effective, saved and file system user ids; none of a process that could not be asked. */
  readonly userIds: ReadonlyMap<number, readonly number[]>;
  /** Of those users. */
  readonly names: ReadonlyMap<number, string | null>;
}

/** Why a holder is not ended unless a person names it. */
export type Doubt =
  /** It blocks others by locks of these kinds alone, which come with a descriptor. */
  | { readonly kind: "passed-lock"; readonly apis: readonly LockApi[] }
  /** Its own locks are on these companion files alone, none on the database itself. */
  | { readonly kind: "companion-only"; readonly roles: readonly Role[] }
  | { readonly kind: "other-user"; readonly user: User | null; readonly owner: User };

/** The first one is the most telling. */
export interface Doubts {
  /** That it keeps readers or writers out. */
  readonly byYes: readonly Doubt[];
  /** That it blocks other processes. */
  readonly byStale: readonly Doubt[];
}

const ROOT = 0;

export const NO_DOUBTS: Doubts = { byYes: [], byStale: [] };

/**
 * For root, and for any user in a database of another user: in a database of their own, ordinary users can only end
 * their own processes, and no other user can mislead them. Null as `parties`: no doubts.
 */
export function doubtsOf(
  holder: Holder,
  { blockers, waits }: Pick<DatabaseReport, "blockers" | "waits">,
  parties: Parties | null,
): Doubts {
  if (parties === null) return NO_DOUBTS;
  const { callerUid, owner } = parties;
  if (callerUid !== ROOT && callerUid === owner?.uid) return NO_DOUBTS;
  const proved = blockers
    .filter(({ pid, sure }) => pid === holder.pid && sure === "proved")
    .map(({ effect }) => effect);
  const claim = claimDoubts(holder, proved);
  const user = callerUid === ROOT ? userDoubts(holder, parties) : [];
  // Of a reader that another process is waiting for, any lock of its own will do: it keeps others out by that wait.
  if (causesOf(waits).has(holder.pid)) {
    const doubts = [...claim(({ blocks }) => blocks.length > 0), ...user];
    return { byYes: doubts, byStale: doubts };
  }
  return { byYes: [...claim(keepsOthersOut), ...user], byStale: [...claim(blocksSomebody), ...user] };
}

function claimDoubts({ locks }: Holder, proved: readonly Block[]) {
  const held = locks.filter(({ waiting }) => !waiting);
  const own = held.filter(isOwn);
  const onDatabase = own.some(({ role }) => role === "database");
  return (counts: (holder: Pick<Holder, "blocks">) => boolean): Doubt[] => {
    if (!counts({ blocks: proved }))
      return [{ kind: "passed-lock", apis: unique(held.filter((lock) => !isOwn(lock)).map(({ api }) => api)) }];
    return onDatabase ? [] : [{ kind: "companion-only", roles: unique(own.map(({ role }) => role)) }];
  };
}

function isOwn({ api }: Lock): boolean {
  return api === "posix";
}

/** All user ids count: a service of root's may work as another user for a while, who could not signal it. */
function userDoubts({ pid, uid }: Holder, { owner, userIds, names }: Parties): Doubt[] {
  const ids = userIds.get(pid) ?? [];
  if (owner === null || (ids.length > 0 && ids.every((id) => id === owner.uid))) return [];
  const other = ids.find((id) => id !== owner.uid) ?? uid;
  const user = other === null ? null : { uid: other, name: names.get(other) ?? null };
  return [{ kind: "other-user", user, owner }];
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
