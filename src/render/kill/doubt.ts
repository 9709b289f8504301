/** Why a process is not ended unless it is named: clauses without a full stop. Pure. */
import type { Turns } from "../../features/kill/candidates.ts";
import type { Doubt, User } from "../../features/kill/claims.ts";
import type { LockApi } from "../../sqlite/locks.ts";
import { count, list } from "../../text/list.ts";
import { fileName } from "../../text/role.ts";

export function doubtClause(doubt: Doubt): string {
  switch (doubt.kind) {
    case "passed-lock":
      return (
        `it blocks only by ${apisText(doubt.apis)} locks, which come with an open descriptor: another process may ` +
        "have taken them, and passed it that descriptor"
      );
    case "companion-only":
      return (
        `its own locks are only on the ${list(doubt.roles.map(fileName))}, and none is on the database itself, where ` +
        "SQLite would have one: it may hold another file of that name"
      );
    case "other-user":
      return `it belongs to ${userText(doubt.user)}, and the database belongs to ${userText(doubt.owner)}`;
  }
}

/** The same in the list, after the process. */
export function doubtNote(doubt: Doubt): string {
  switch (doubt.kind) {
    case "passed-lock":
      return `warning: only ${apisText(doubt.apis)} locks, which may have been passed to it`;
    case "companion-only":
      return `warning: only by locks on the ${list(doubt.roles.map(fileName))}`;
    case "other-user":
      return `warning: belongs to ${userText(doubt.user)}, not to ${userText(doubt.owner)}`;
  }
}

/** Why --yes spares it. */
export function turnsClause(turns: Turns, subject = "it"): string {
  return `${subject} ${turnsText(turns)}: it is not stuck`;
}

/** With 0 commits, its lock was seen to be released. */
export function turnsText({ commits, withinMs }: Turns): string {
  const what = commits === 0 ? "released its lock" : `at least ${count(commits, "commit")}`;
  return `takes turns (${what} within ${withinMs} ms)`;
}

function apisText(apis: readonly LockApi[]): string {
  return list(apis.map((api) => (api === "ofd" ? "OFD" : api)));
}

function userText(user: User | null): string {
  return user === null ? "an unknown user" : (user.name ?? `user ${user.uid}`);
}
