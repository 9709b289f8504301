import type { Related } from "../model/relate.ts";
import type { Holder } from "../model/report.ts";
import type { DatabaseSnapshot, Rights, Snapshot } from "../model/snapshot.ts";
import type { WentReadOnly } from "../proc/mountinfo.ts";
import type { Credentials } from "../proc/status.ts";
import { companionsOfMode, type Role } from "../sqlite/roles.ts";
import { asRoot } from "../text/as-root.ts";
import { nameOf } from "../text/holder.ts";
import { count, list } from "../text/list.ts";
import { fileName } from "../text/role.ts";
import { shellQuoted } from "../text/shell.ts";
import { type Diagnosis, defineFinding, type Rule } from "./shared/record.ts";

/** Something that a writer has to be able to write. */
interface Place {
  readonly what: Role | "folder";
  readonly rights: Rights;
  readonly path: string;
}

/** A place that a holder may not write, and what SQLite then says. */
interface Obstacle extends Place {
  readonly outcome: string;
  /** Not even to read: then a program that only reads fails as well. */
  readonly unreadable: boolean;
}

const READONLY = "'attempt to write a readonly database' (8)";

const READONLY_DIRECTORY = "'attempt to write a readonly database' (8, extended 1544)";

const CANTOPEN = "'unable to open database file' (14)";

/** What the mode bits and the mount prevent the holders from writing. */
const rule: Rule = ({ database, seen, snapshot }) => {
  if (database.fileSystem?.readOnly === true) return [readOnlyMount(database, seen.target.wentReadOnly, snapshot)];
  const found = new Map<string, { obstacles: Obstacle[]; holders: Holder[] }>();
  for (const holder of database.holders) {
    const credentials = snapshot.processes.get(holder.pid)?.credentials ?? null;
    if (credentials === null || credentials.overridesRights) continue;
    const obstacles = obstaclesFor(holder, credentials, placesOf(database, seen), database.journalMode === "wal");
    if (obstacles.length === 0) continue;
    const key = `${credentials.uid} ${obstacles.map((each) => each.what).join(" ")}`;
    const same = found.get(key);
    if (same === undefined) found.set(key, { obstacles, holders: [holder] });
    else same.holders.push(holder);
  }
  return [...found.values()].map(({ obstacles, holders }) => findingOf(obstacles, holders));
};

function placesOf(database: Related, { target }: DatabaseSnapshot): Place[] {
  const mode = database.journalMode === "wal" ? "wal" : "rollback";
  const needed: readonly Role[] = ["database", ...companionsOfMode(mode).map(({ role }) => role)];
  const files = target.files.flatMap(({ role, rights, path }) =>
    needed.includes(role) ? [{ what: role, rights, path }] : [],
  );
  return target.folder === null
    ? files
    : [...files, { what: "folder", rights: target.folder, path: folderOf(target.path) }];
}

function obstaclesFor(holder: Holder, credentials: Credentials, places: readonly Place[], wal: boolean): Obstacle[] {
  const closed = places.filter((place) => !mayWrite(place, credentials, holder));
  // In truncate and persist mode the -journal stays, and is not made anew: then the folder does not matter.
  const journalStays = places.some(({ what }) => what === "journal") && !closed.some(({ what }) => what === "journal");
  return closed
    .filter(({ what }) => what !== "folder" || !journalStays)
    .map((place) => {
      const unreadable = place.what !== "folder" && !mayRead(place, credentials, holder);
      return { ...place, unreadable, outcome: outcomeOf(place.what, unreadable, wal) };
    });
}

/** Tried with SQLite 3.40 as an ordinary user. */
function outcomeOf(what: Place["what"], unreadable: boolean, wal: boolean): string {
  if (unreadable)
    return `${what === "journal" ? "a write, and often also a read," : "a read or a write"} gets ${CANTOPEN}`;
  if (what === "folder" && wal) return `once -wal and -shm are gone, even a read gets ${READONLY_DIRECTORY}`;
  if (what === "folder") return `a write gets ${READONLY_DIRECTORY}, because the -journal cannot be created`;
  return `a write gets ${what === "journal" ? "'disk I/O error' (10, extended 778)" : READONLY}`;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** Whether it may by the mode bits, or has shown that it can: by a descriptor that is open to write. */
function mayWrite({ what, rights }: Place, credentials: Credentials, holder: Holder): boolean {
  if (
    holder.handles.some(
      (handle) =>
        handle.role === what && (handle.access === "read-write" || handle.access === "write") && !handle.moved,
    )
  )
    return true;
  const needed = what === "folder" ? 0o3 : 0o2;
  return (bitsFor(rights, credentials) & needed) === needed;
}

function mayRead({ what, rights }: Place, credentials: Credentials, holder: Holder): boolean {
  return (
    holder.handles.some((handle) => handle.role === what && !handle.moved) || (bitsFor(rights, credentials) & 0o4) !== 0
  );
}

/** The three bits of the mode that count for it. */
function bitsFor({ mode, uid, gid }: Rights, credentials: Credentials): number {
  if (credentials.uid === uid) return mode >> 6;
  return credentials.groups.includes(gid) ? mode >> 3 : mode;
}

function findingOf(obstacles: readonly Obstacle[], holders: readonly Holder[]): Diagnosis {
  const [holder] = holders;
  const user = holder === undefined ? "unknown" : (holder.user ?? `uid ${holder.uid}`);
  const who =
    holder !== undefined && holders.length === 1
      ? nameOf(holder)
      : `${count(holders.length, "process", "processes")} (${list(holders.map((each) => each.pid))})`;
  const unreadable = obstacles.find((each) => each.unreadable);
  const onlyReads = obstacles.some((each) => each.what === "database") && unreadable === undefined;
  const names = list(obstacles.map(({ what }) => (what === "folder" ? "its folder" : `the ${fileName(what)}`)));
  return {
    severity: onlyReads ? "info" : "warning",
    pids: holders.map((each) => each.pid),
    summary: `${who} (user ${user}) cannot write ${names}: ${(unreadable ?? obstacles[0])?.outcome}.`,
    detail:
      `${obstacles
        .map(
          ({ path, rights }) =>
            `${path} has mode ${(rights.mode & 0o7777).toString(8).padStart(4, "0")}, owner ${rights.uid}, group ` +
            rights.gid,
        )
        .join("; ")}` +
      ". This follows from the mode bits; an access control list or a security module may say otherwise." +
      (onlyReads
        ? " If the program only reads, nothing is wrong."
        : obstacles.every((each) => each.what === "folder")
          ? " A program that has its journal in memory is not affected."
          : ""),
    remedy:
      "Give the user permission to write the database, its companion files and their folder (chown, or a common " +
      "group with chmod g+w, and g+s on the folder). Find out what created the files with another owner: often a " +
      "command that was run once as root.",
  };
}

function readOnlyMount(database: Related, went: WentReadOnly, { viewer }: Pick<Snapshot, "viewer">): Diagnosis {
  const mountPoint = database.fileSystem?.mountPoint;
  const where = mountPoint ?? "its file system";
  const wal = database.journalMode === "wal";
  const dmesg = asRoot("dmesg", viewer);
  const remount = `mount -o remount,rw ${mountPoint === undefined ? where : shellQuoted(mountPoint)}`;
  return {
    severity: went === "proved" ? "error" : "info",
    pids: database.holders.map((holder) => holder.pid),
    summary:
      `${where} ` +
      `${went === "proved" ? "has refused all writes since a file system error" : "is mounted read-only"}: ` +
      `a write gets ${READONLY}` +
      (wal
        ? ", and even opening this WAL database gets 'unable to open database file' (14) if its -wal and -shm " +
          "cannot be created"
        : "") +
      ".",
    detail:
      (wal
        ? "Even reading a WAL database needs its -shm: on a read-only mount, it can be opened only with immutable=1, " +
          "or if -wal and -shm already exist."
        : "Reading works as long as no hot journal has to be rolled back.") + WENT_READ_ONLY[went ?? "no"],
    remedy:
      went === "proved"
        ? `First find out what is wrong (${dmesg} shows it), and copy the database with its companion files ` +
          "elsewhere: the disk may be failing. Then end the programs that use it, unmount the file system, check it " +
          "(fsck), and mount it again."
        : `First check ${dmesg}: after a disk error the kernel remounts a file system read-only. If it should be ` +
          `writable: ${asRoot(remount, viewer)}. To read a copy: cp the database with its companion files elsewhere.`,
  };
}

const WENT_READ_ONLY: Readonly<Record<NonNullable<WentReadOnly> | "no", string>> = {
  no: "",
  likely:
    " This mount is for reading and writing, but its file system is read-only: likely the kernel made it read-only " +
    "after an error, or another mount of it was remounted.",
  proved: " It was mounted for reading and writing; its option emergency_ro says that the kernel has stopped writes.",
};

export const notWritable = defineFinding({
  id: "not-writable",
  severity: "warning",
  needs: "handles",
  transient: "no",
  namesBlocker: false,
  blocksSwitch: null,
  rule,
});
