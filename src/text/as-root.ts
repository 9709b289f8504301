/** Commands as the person who reads them has to type them: with sudo where another user's right is needed. Pure. */
import type { Viewer } from "../model/viewer.ts";
import { shellQuoted } from "./shell.ts";

/** Of a process: as whom it runs. Null: it is hidden (hidepid), and so another user's. */
export interface Owner {
  readonly uid: number | null;
  /** Left out where it is the same. */
  readonly realUid?: number;
}

const ROOT = 0;

/** `overflowuid`: every user that a user namespace does not have. Source: user_namespaces(7) */
const UNMAPPED = 65534;

/** `sudo chown …`: a command that only root can carry out. Root gets it as it is. */
export function asRoot(command: string, { uid }: Viewer): string {
  return uid === null || uid === ROOT ? command : `sudo ${command}`;
}

/** `sudo kill 4242`: a command that acts on a process, where the process is another user's. */
export function asOwnerOf(process: Owner, command: string, viewer: Viewer): string {
  return isForeign(process, viewer) ? asRoot(command, viewer) : command;
}

/** `sudo kill 4242 4243`: one that acts on several, of which one at least is another user's. */
export function asOwnersOf(processes: readonly Owner[], command: string, viewer: Viewer): string {
  return processes.some((process) => isForeign(process, viewer)) ? asRoot(command, viewer) : command;
}

/** `sudo -u '#1000' sqlite3 …`: a command that this user has to carry out, and nobody else, not even root. */
export function asUser(uid: number, command: string, viewer: Viewer): string {
  if (viewer.uid === null || viewer.uid === uid) return command;
  return uid === ROOT ? asRoot(command, viewer) : `sudo -u '#${uid}' ${command}`;
}

/**
 * `sqlite3 db.sqlite3 …`, as this user. `word`: as the shell reads it. As another user, sudo takes that user's home
 * folder: without -init, the .sqliterc there would run commands at the terminal of whoever types this.
 */
export function sqlite3As(uid: number, path: string, word: string, viewer: Viewer): string {
  const init = viewer.uid === null || viewer.uid === uid || uid === ROOT ? "" : "-init /dev/null ";
  return asUser(uid, `sqlite3 ${init}${shellQuoted(path)} ${word}`, viewer);
}

/** Where a file may not be read or written: `sudo sqlock integrity db, or run it as the user that owns it`. */
export function asPermitted(command: string, viewer: Viewer): string {
  const asOwner = "run it as the user that owns it";
  return viewer.uid === null || viewer.uid === ROOT ? asOwner : `${asRoot(command, viewer)}, or ${asOwner}`;
}

/**
 * This user may not signal it. A process that may not be inspected (a setuid program, one that is not dumpable) can
 * still be signalled by the user who started it. Source: kill(2)
 */
function isForeign({ uid, realUid }: Owner, viewer: Viewer): boolean {
  if (viewer.uid === null || viewer.uid === uid || viewer.uid === realUid) return false;
  // The root of this user namespace has no right over a process of a user from outside: sudo does not help.
  return !(viewer.userNamespace === true && uid === UNMAPPED);
}
