/** The words for the user as whom root has a database opened, and why. Pure. */
import type { Actor, IsolationReason, OpenedAs } from "../safe-open/actor.ts";
import type { Intruder } from "../user/intruder.ts";

export function isolationText(why: IsolationReason): string {
  switch (why.kind) {
    case "out-of-reach":
      return `its owner (uid ${why.uid}) cannot read ${why.path}, and sqlock does not run SQLite as root on it`;
    case "folder-of-others":
      return why.uid === 0
        ? `it belongs to root, and ${intruderText(why.intruder)}: sqlock does not run SQLite as root there`
        : `it belongs to uid ${why.uid}, and ${intruderText(why.intruder)}: as root, sqlock does not change it there`;
  }
}

export function intruderText(intruder: Intruder): string {
  const { folder } = intruder;
  switch (intruder.kind) {
    case "owner":
      return `uid ${intruder.uid}, the owner of ${folder}, can put other files there`;
    case "group":
      return `group ${intruder.gid}, or anyone an ACL names, can put other files into ${folder}`;
    case "everybody":
      return `every user can put other files into ${folder}`;
  }
}

/**
 * Run by root. SQLite gives the files that it makes to the owner of the database, so that this user counts. `verb`:
 * what is done as that user.
 */
export function openerText({ uid, of, folderUid }: OpenedAs, verb = "opened"): string {
  const whose = of === "database" ? "its owner" : "the owner of its companion files";
  const folder = folderUid === null ? "" : ` (its folder belongs to uid ${folderUid}; the owner of the files counts)`;
  return `${verb} as uid ${uid}, ${whose}${folder}`;
}

export function noUserText(actor: Actor): string {
  const who = actor.kind === "owner" ? `uid ${actor.uid}, its owner` : "an unused user id";
  return `sqlock does not run SQLite as root on it, and this process cannot become ${who}`;
}

export const NO_USER_REMEDY = "run it as that user, or where root may change its user (CAP_SETUID)";
