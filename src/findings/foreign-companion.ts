import type { DatabaseFile } from "../model/snapshot.ts";
import { asRoot } from "../text/as-root.ts";
import { list } from "../text/list.ts";
import { fileName } from "../text/role.ts";
import { shellQuoted } from "../text/shell.ts";
import { defineFinding, type Rule } from "./shared/record.ts";

/**
 * A companion file of another user, which the database's owner may not write: left by a command that was run as root.
 * SQLite itself gives what it makes as root to the database's owner, where it may (robustFchown, os_unix.c).
 */
const rule: Rule = ({ database, seen, snapshot }) => {
  const { files } = seen.target;
  const main = files.find(({ role }) => role === "database");
  // a network file system, or a program, may show other owners than those that it checks
  if (main === undefined || database.fileSystem?.network === true) return [];
  // not-writable reports those that have it open
  if (database.holders.some(({ uid }) => uid === main.rights.uid)) return [];
  const isUnmapped = ({ rights }: DatabaseFile) => snapshot.userNamespace === true && rights.uid === UNMAPPED;
  const foreign = files.filter(
    (file) => NEEDED.has(file.role) && isClosedTo(main, file) && (main.rights.uid !== 0 || isUnmapped(file)),
  );
  if (foreign.length === 0) return [];
  const owners = [...new Set(foreign.map(({ rights }) => rights.uid))];
  const names = foreign.map(({ role }) => fileName(role));
  const several = foreign.length > 1;
  const paths = foreign.map(({ path }) => shellQuoted(path)).join(" ");
  return [
    {
      pids: [],
      summary:
        `${list(names)} ${several ? "belong" : "belongs"} to ${list(owners.map(userName))}, and the owner of ` +
        `the database (uid ${main.rights.uid}) cannot write ${several ? "them" : "it"}: every write of that user ` +
        `fails with ${foreign.some(({ role }) => role === "journal") ? IOERR : READONLY}` +
        `${foreign.some((file) => isUnreadable(main, file)) ? `, and every read with ${CANTOPEN}` : ""}.`,
      detail:
        `${foreign.map(rightsText).join("; ")}. ` +
        "Likely a command was run as another user (sudo, cron, another container)." +
        (foreign.some(isUnmapped) ? " In this user namespace, 65534 stands for every user outside it." : ""),
      remedy: foreign.some(({ links }) => links > 1)
        ? notGiven(foreign)
        : `Give ${several ? "them" : "it"} to the owner of the database. Never delete ${several ? "them" : "it"}: ` +
          `${several ? "they" : "it"} may hold committed changes.\n  ` +
          `${asRoot(`chown -h --reference=${shellQuoted(main.path)} ${paths}`, snapshot.viewer)}\n` +
          (foreign.some(isUnmapped) ? "Inside the user namespace that fails: do it on the host. " : "") +
          "From then on, run such commands as that user.",
    },
  ];
};

/** The owner of the folder may have made the other name, to get a file of root's. */
function notGiven(foreign: readonly DatabaseFile[]): string {
  const paths = foreign.map(({ path }) => shellQuoted(path)).join(" ");
  return (
    "Do not give it to the owner of the database: it has several names (hard links), so it may be another file that " +
    `was linked here. Find out which file it is: ls -li ${paths}.`
  );
}

const NEEDED: ReadonlySet<DatabaseFile["role"]> = new Set(["wal", "shm", "journal"]);

const READONLY = "'attempt to write a readonly database' (8)";
const IOERR = "'disk I/O error' (10)";
const CANTOPEN = "'unable to open database file' (14)";

/** `overflowuid`: how users that a user namespace does not have appear in it. */
const UNMAPPED = 65534;

function rightsText({ path, rights: { uid, mode } }: DatabaseFile): string {
  return `${path}: uid ${uid}, mode ${mode.toString(8)}`;
}

function userName(uid: number): string {
  return uid === 0 ? "root" : `uid ${uid}`;
}

/** By the mode bits; its group is taken to be the owner's where it is the database's. */
function isClosedTo({ rights: { uid, gid } }: DatabaseFile, { rights }: DatabaseFile): boolean {
  return rights.uid !== uid && !allows(rights.mode, 2, rights.gid === gid);
}

function isUnreadable({ rights: { gid } }: DatabaseFile, { rights }: DatabaseFile): boolean {
  return !allows(rights.mode, 4, rights.gid === gid);
}

function allows(mode: number, bit: 2 | 4, sameGroup: boolean): boolean {
  return ((sameGroup ? mode >> 3 : mode) & bit) !== 0;
}

export const foreignCompanion = defineFinding({
  id: "foreign-companion",
  severity: "warning",
  needs: "handles",
  transient: "no",
  namesBlocker: false,
  blocksSwitch: null,
  rule,
});
