import type { Credentials } from "../../proc/status.ts";
import type { Role } from "../../sqlite/roles.ts";
import { count, list, nameOf } from "../phrases.ts";
import type { Related } from "../relate.ts";
import type { Finding, Holder } from "../report.ts";
import type { DatabaseSnapshot, Rights } from "../snapshot.ts";
import type { Rule } from "./rule.ts";

/** Something that a writer has to be able to write, and what SQLite says when it is not. Tried with SQLite 3.40 as an ordinary user. */
interface Obstacle {
  readonly what: Role | "folder";
  readonly rights: Rights;
  readonly path: string;
  readonly error: string;
}

const READONLY = "'attempt to write a readonly database' (8)";

/** What the mode bits and the mount keep the holders from writing. */
export const notWritable: Rule = ({ database, seen, snapshot }) => {
  if (database.fileSystem?.readOnly === true) return [readOnlyMount(database)];
  const found = new Map<string, { obstacles: Obstacle[]; holders: Holder[] }>();
  for (const holder of database.holders) {
    const credentials = snapshot.processes.get(holder.pid)?.credentials ?? null;
    if (credentials === null || credentials.overridesRights) continue;
    const obstacles = obstaclesOf(database, seen).filter((obstacle) => !mayWrite(obstacle, credentials, holder));
    if (obstacles.length === 0) continue;
    const key = `${credentials.uid} ${obstacles.map((each) => each.what).join(" ")}`;
    const same = found.get(key);
    if (same === undefined) found.set(key, { obstacles, holders: [holder] });
    else same.holders.push(holder);
  }
  return [...found.values()].map(({ obstacles, holders }) => findingOf(obstacles, holders));
};

function obstaclesOf(database: Related, { target }: DatabaseSnapshot): Obstacle[] {
  const wal = database.journalMode === "wal";
  const errors: Record<Obstacle["what"], string | null> = {
    database: READONLY,
    wal: wal ? READONLY : null,
    shm: wal ? READONLY : null,
    journal: wal ? null : "'disk I/O error' (10) or 'attempt to write a readonly database' (8)",
    "super-journal": null,
    folder: wal
      ? "'attempt to write a readonly database' (8, extended 1544) once -wal and -shm are gone"
      : "'attempt to write a readonly database' (8, extended 1544), for the -journal cannot be made",
  };
  const files = target.files.flatMap(({ role, rights, path }) => {
    const error = errors[role];
    return error === null ? [] : [{ what: role, rights, path, error }];
  });
  const folder =
    target.folder === null || errors.folder === null
      ? []
      : [{ what: "folder" as const, rights: target.folder, path: folderOf(target.path), error: errors.folder }];
  return [...files, ...folder];
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** Whether it may by the mode bits, or has shown that it can: by a descriptor that is open to write. */
function mayWrite({ what, rights }: Obstacle, { uid, groups }: Credentials, holder: Holder): boolean {
  if (holder.handles.some((handle) => handle.role === what && (handle.access === "read-write" || handle.access === "write") && !handle.moved)) return true;
  const { mode } = rights;
  const bits = uid === rights.uid ? mode >> 6 : groups.includes(rights.gid) ? mode >> 3 : mode;
  return what === "folder" ? (bits & 0o3) === 0o3 : (bits & 0o2) !== 0;
}

function findingOf(obstacles: readonly Obstacle[], holders: readonly Holder[]): Finding {
  const [holder] = holders;
  const user = holder === undefined ? "somebody" : (holder.user ?? `user ${holder.uid}`);
  const who =
    holder !== undefined && holders.length === 1
      ? nameOf(holder)
      : `${count(holders.length, "process", "processes")} (${list(holders.map((each) => each.pid))})`;
  const onlyReads = obstacles.some((each) => each.what === "database");
  const names = list(obstacles.map(({ what }) => (what === "folder" ? "its folder" : what === "database" ? "the database" : `the -${what}`)));
  return {
    id: "not-writable",
    severity: onlyReads ? "info" : "warning",
    pids: holders.map((each) => each.pid),
    summary: `${who} (user ${user}) may not write ${names}: a write gets ${obstacles[0]?.error ?? READONLY}.`,
    detail: `${obstacles.map(({ path, rights }) => `${path} has mode ${(rights.mode & 0o7777).toString(8).padStart(4, "0")}, owner ${rights.uid}, group ${rights.gid}`).join("; ")}. By the mode bits; an access control list or a security module may say otherwise.${
      onlyReads ? " If the program only reads, nothing is wrong." : ""
    }`,
    remedy: `Give the user the right to write the database, its companion files and the folder they lie in (chown, or a common group with chmod g+w and g+s on the folder). Look for who made the files with another owner: often a command that was run once as root.`,
  };
}

function readOnlyMount(database: Related): Finding {
  const where = database.fileSystem?.mountPoint ?? "its file system";
  const wal = database.journalMode === "wal";
  return {
    id: "not-writable",
    severity: "info",
    pids: database.holders.map((holder) => holder.pid),
    summary: `${where} is mounted read-only: a write gets ${READONLY}${wal ? ", and even opening this WAL database gets 'unable to open database file' (14) where its -wal and -shm cannot be made" : ""}.`,
    detail: wal
      ? "A WAL database needs its -shm to be read; on a read-only mount it opens only with immutable=1, or when -wal and -shm exist already."
      : "Reading works as long as no hot journal has to be rolled back.",
    remedy: `If it should be writable: mount -o remount,rw ${where} (see dmesg first: after a disk error the kernel remounts read-only). To read a copy: cp the database with its companion files elsewhere.`,
  };
}
