/**
 * Every column of the who-holds table: its name, what it shows, how it may shrink. The table, --columns and its help
 * read it here.
 */

import type { Holder, Lock } from "../../model/report.ts";
import type { Source } from "../../model/source.ts";
import { duration } from "../../text/duration.ts";
import { escapeText } from "../../text/escape.ts";
import { commandOf } from "../../text/holder.ts";

export interface Column {
  /** In the table's head, and what --columns takes. */
  readonly name: string;
  readonly help: string;
  /** Escaped text. Spaces and commas are where it may be broken into lines. */
  readonly value: (holder: Holder) => string;
  readonly right?: boolean;
  /** May be cut off at its end. */
  readonly cut?: boolean;
}

const NONE = "-";
const UNKNOWN = "?";

/** Of a holder that lsof found, no locks are known. */
const knowsLocks = (holder: Holder) => holder.activity !== "unknown";

export const COLUMNS: readonly Column[] = [
  { name: "PID", help: "process id", value: (holder) => String(holder.pid), right: true },
  {
    name: "USER",
    help: "whose process it is",
    value: (holder) => escapeText(holder.user ?? String(holder.uid ?? "?")),
    cut: true,
  },
  { name: "COMMAND", help: "what it runs", value: (holder) => escapeText(commandOf(holder)), cut: true },
  {
    name: "STATE",
    help: "running, sleeping, disk-sleep, stopped, traced, zombie",
    value: (holder) => holder.state ?? "?",
  },
  { name: "ACTIVITY", help: "what its locks say that it is doing", value: (holder) => holder.activity },
  {
    name: "LOCKS",
    help: "SQLite's names of its locks",
    value: (holder) => (knowsLocks(holder) ? locksText(holder.locks) : UNKNOWN),
  },
  {
    name: "HELD",
    help: "for how long, at least, it has held them",
    value: (holder) =>
      holder.heldAtLeastMs === null
        ? holder.locks.length === 0 && knowsLocks(holder)
          ? NONE
          : UNKNOWN
        : duration(holder.heldAtLeastMs),
  },
  {
    name: "BLOCKS",
    help: "what others cannot do because of it",
    value: (holder) => holder.blocks.join(", ") || (knowsLocks(holder) ? NONE : UNKNOWN),
  },
  { name: "HANDLES", help: "its descriptors on the database's files", value: (holder) => handlesText(holder) },
  { name: "PPID", help: "parent process id", value: (holder) => String(holder.parentPid ?? "?"), right: true },
  { name: "UID", help: "user id", value: (holder) => String(holder.uid ?? "?"), right: true },
  { name: "NAME", help: "the kernel's name of the process", value: (holder) => escapeText(holder.name) },
  { name: "TTY", help: "its terminal", value: (holder) => holder.terminal ?? NONE },
  { name: "UNIT", help: "its systemd unit", value: (holder) => escapeText(holder.unit ?? NONE) },
  { name: "CONTAINER", help: "its container", value: (holder) => escapeText(holder.container ?? NONE) },
  {
    name: "STARTED",
    help: "when it was started (UTC)",
    value: (holder) => holder.startedAt?.toISOString().slice(0, 19).replace("T", " ") ?? "?",
  },
  {
    name: "IDLE",
    help: "since any of its threads last ran",
    value: (holder) => (holder.idleMs === null ? "?" : duration(holder.idleMs)),
  },
  {
    name: "READ MARK",
    help: "WAL: the frame its snapshot is pinned at",
    value: (holder) => String(holder.readMark ?? NONE),
    right: true,
  },
  {
    name: "FDS",
    help: "open files, of how many it may have",
    value: (holder) => `${holder.openFiles ?? "?"}/${holder.openFilesLimit ?? "?"}`,
    right: true,
  },
  { name: "STALE", help: "why it may have been forgotten", value: (holder) => holder.stale.join(", ") || NONE },
];

/** The usual ones. */
export const DEFAULT_COLUMNS = ["PID", "USER", "COMMAND", "STATE", "ACTIVITY", "LOCKS", "HELD", "BLOCKS", "HANDLES"];

/** Those of them that lsof can fill, and one more. */
const LSOF_COLUMNS = ["PID", "USER", "COMMAND", "STARTED", "HANDLES"];

export function usualNames(source: Source): readonly string[] {
  return source === "lsof" ? LSOF_COLUMNS : DEFAULT_COLUMNS;
}

/** Names as people type them: `read-mark`, `read_mark` and `READ MARK` are one. */
export function findColumn(name: string): Column | undefined {
  const wanted = name.trim().toUpperCase().replace(/[-_]/g, " ");
  return COLUMNS.find((column) => column.name === wanted);
}

export function defaultColumns(source: Source = "proc"): Column[] {
  return usualNames(source).flatMap((name) => findColumn(name) ?? []);
}

/** Each lock once; of one that is not SQLite's default, how it was taken; one that is only waited for, in brackets. */
export function locksText(locks: readonly Lock[]): string {
  const texts = locks.map((lock) => {
    const api = lock.api === "posix" ? "" : `(${lock.api})`;
    const type =
      lock.type === "write" && lock.name.startsWith("READ")
        ? "(write)"
        : lock.name === "FOREIGN"
          ? `(${lock.role})`
          : "";
    return lock.waiting ? `[waits:${lock.name}]` : `${lock.name}${api}${type}`;
  });
  return [...new Set(texts)].join(", ") || NONE;
}

const MOST_FDS = 8;

/** The first few of many: a leak of thousands is one number. */
function fdsText(fds: readonly number[]): string {
  return fds.length <= MOST_FDS ? fds.join(",") : `${fds.slice(0, MOST_FDS - 1).join(",")}...(${fds.length})`;
}

/** `database:3, wal:4, shm:5`; a deleted file is marked. */
function handlesText(holder: Holder): string {
  if (holder.handles.length === 0) return holder.complete ? NONE : "not visible";
  const byRole = new Map<string, number[]>();
  for (const handle of holder.handles) {
    const role = `${handle.role}${handle.deleted ? "(deleted)" : handle.moved ? "(moved)" : ""}`;
    byRole.set(role, [...(byRole.get(role) ?? []), handle.fd]);
  }
  return [...byRole].map(([role, fds]) => `${role}:${fdsText(fds)}`).join(", ");
}
