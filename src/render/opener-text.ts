/** The words for who opens a database when root runs sqlock, and why. Pure. */
import type { Actor, IsolationReason, OpenedAs } from "../safe-open/actor.ts";
import type { Intruder } from "../user/intruder.ts";

export function isolationText(why: IsolationReason): string {
  switch (why.kind) {
    case "out-of-reach":
      return `its owner (uid ${why.uid}) cannot read ${why.path}, and SQLite is not run as root on it`;
    case "folder-of-others":
      return why.uid === 0
        ? `it is root's, and ${intruderText(why.intruder)}: SQLite is not run as root there`
        : `it is uid ${why.uid}'s, and ${intruderText(why.intruder)}: root does not have it changed there`;
  }
}

export function intruderText(intruder: Intruder): string {
  const { folder } = intruder;
  switch (intruder.kind) {
    case "owner":
      return `uid ${intruder.uid}, who owns ${folder}, can put other files there`;
    case "group":
      return `group ${intruder.gid}, or whom an ACL names, can put other files into ${folder}`;
    case "everybody":
      return `everybody can put other files into ${folder}`;
  }
}

/**
 * Run by root. SQLite gives the files that it makes to the owner of the database: so he counts. `verb`: what is done as
 * that user.
 */
export function openerText({ uid, of, folderUid }: OpenedAs, verb = "opened"): string {
  const whose = of === "database" ? "who owns it" : "who owns its companion files";
  const folder = folderUid === null ? "" : ` (its folder is uid ${folderUid}'s: the files' owner counts)`;
  return `${verb} as uid ${uid}, ${whose}${folder}`;
}

export function noUserText(actor: Actor): string {
  const who = actor.kind === "owner" ? `uid ${actor.uid}, who owns it` : "an unused user id";
  return `SQLite is not run as root on it, and this process may not become ${who}`;
}

export const NO_USER_REMEDY = "run it as that user, or where root may change its user (CAP_SETUID)";
