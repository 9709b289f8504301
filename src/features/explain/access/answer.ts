/** What trying the files as a user comes to, for the answer and for the rank of the causes. Pure. */
import type { TriedAccess } from "../rank.ts";
import type { Sign } from "../signs.ts";
import type { AccessFacts, TriedHolder, TriedMount, TriedUser } from "./facts.ts";
import { type Refusal, refusalsOf } from "./refusals.ts";

export interface AccessAnswer {
  /** As whom it was tried. */
  readonly users: readonly TriedUser[];
  readonly notTried: readonly TriedUser[];
  readonly refusals: readonly Refusal[];
  readonly mount: TriedMount | null;
  readonly holders: readonly TriedHolder[];
}

export function accessAnswer(facts: AccessFacts): AccessAnswer {
  const { tried, notTried, mount, holders } = facts;
  return { users: tried.map(({ user }) => user), notTried, refusals: refusalsOf(facts), mount, holders };
}

/** `message`: the id of its entry. */
export function triedAccess(facts: AccessFacts, message: string): TriedAccess {
  const all = refusalsOf(facts);
  const refusals = all.filter((refusal) => refusal.message === message);
  const allowed = facts.tried.map(({ user }) => user).filter((user) => !refusals.some((each) => each.user === user));
  return { refusals, allowed };
}

/** Who has the database open so that it cannot write, though its user may; and who is confined. */
export function accessSigns(facts: AccessFacts): Sign[] {
  const refusals = refusalsOf(facts);
  const mayWrite = (uid: number) =>
    facts.tried.some(({ user }) => user.uid === uid && !refusals.some((each) => each.user === user));
  const first = (id: Sign["id"], is: (holder: TriedHolder) => boolean): Sign[] => {
    const holder = facts.holders.find(is);
    return holder === undefined ? [] : [{ id, pid: holder.pid }];
  };
  return [
    ...first("only-reads", ({ onlyReads, uid }) => onlyReads && mayWrite(uid)),
    ...(facts.mount?.quota === true ? [{ id: "quota", pid: null } as const] : []),
    ...first("confined", ({ label, uid }) => label?.confined === true && mayWrite(uid)),
  ];
}
