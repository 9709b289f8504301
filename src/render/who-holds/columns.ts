/**
 * Every column of the who-holds table. One row here is all of a column: the table, `--columns`, the help, the manual
 * page and docs/commands.md are made from it.
 */

import type { Holder, Lock } from "../../model/report.ts";
import type { Source } from "../../model/source.ts";
import { withoutImplied } from "../../sqlite/implied-locks.ts";
import type { Block } from "../../sqlite/locks.ts";
import { duration } from "../../text/duration.ts";
import { escapeText } from "../../text/escape.ts";
import { commandOf } from "../../text/holder.ts";
import { likelyAge } from "../../text/likely.ts";
import type { TableColumn } from "../column.ts";
import type { ColumnShape } from "../layout.ts";
import { locksText } from "../lock-text.ts";

/**
 * How much a cell says. `full`: everything, where the column was asked for by name. `usual`: without what is rarely
 * asked. `brief`: also without what the other words of its row imply, where there is no room.
 */
export type Detail = "full" | "usual" | "brief";

/** Its name is its header, and what --columns takes. Its text may be broken into lines at spaces and commas. */
export interface Column extends TableColumn<Holder> {
  readonly help: string;
  readonly value: (holder: Holder, detail?: Detail) => string;
  /** Of the row for locks whose owner is unknown; `?` where it is left out. `blocks`: null where it is not known. */
  readonly unowned?: (locks: readonly Lock[], blocks: readonly Block[] | null, detail?: Detail) => string;
  /** Its text depends on the detail. */
  readonly hasDetail?: true;
  /** Other names that --columns takes. */
  readonly otherNames?: readonly string[];
  /** The sources with which it is shown without --columns. */
  readonly defaultFor?: readonly Source[];
  /** Of those: it is shown where some holder needs it. `ownContainer`: see {@link neededColumns}. */
  readonly neededFor?: (holder: Holder, ownContainer: string | null) => boolean;
  /** In the colour of what the holder blocks. */
  readonly painted?: true;
  /** See {@link ColumnShape}. */
  readonly least?: NonNullable<ColumnShape["least"]>;
}

const NONE = "-";
const UNKNOWN = "?";

/** False where the source says nothing about locks. */
const hasKnownLocks = (holder: Holder) => holder.activity !== "unknown";

/**
 * Characters of a command, where no terminal cuts it: each row is as wide as the longest, and a process may say that
 * its own has megabytes. The document has all of it.
 */
const MAX_COMMAND = 4096;

function shortened(command: string): string {
  return command.length > MAX_COMMAND ? `${command.slice(0, MAX_COMMAND)}...` : command;
}

/** In the order in which the table shows them. */
export const COLUMNS: readonly Column[] = [
  {
    name: "PID",
    help: "process id",
    value: (holder) => String(holder.pid),
    defaultFor: ["proc", "lsof"],
    right: true,
  },
  {
    name: "USER",
    help: "user that the process runs as",
    value: (holder) => escapeText(holder.user ?? String(holder.uid ?? UNKNOWN)),
    defaultFor: ["proc", "lsof"],
    cut: true,
    least: 8,
  },
  {
    name: "COMMAND",
    help: "command line of the process",
    value: (holder) => escapeText(shortened(commandOf(holder))),
    unowned: () => "owner unknown",
    defaultFor: ["proc", "lsof"],
    cut: true,
    least: 12,
  },
  {
    name: "STATE",
    help: "running, sleeping, disk-sleep, stopped, traced or zombie; frozen, with its cgroup",
    value: (holder) => (holder.frozen === null ? (holder.state ?? UNKNOWN) : "frozen"),
    defaultFor: ["proc"],
  },
  {
    name: "ACTIVITY",
    help: "what it is doing, by its locks",
    value: (holder) => holder.activity,
    defaultFor: ["proc"],
    painted: true,
  },
  {
    name: "LOCKS",
    help: "SQLite's names of its locks, the strongest first; --explain-locks says what they mean",
    value: (holder, detail) => (hasKnownLocks(holder) ? shownLocks(holder.locks, detail) : UNKNOWN),
    unowned: (locks) => locksText(locks),
    hasDetail: true,
    defaultFor: ["proc"],
    painted: true,
  },
  {
    name: "HELD-FOR",
    otherNames: ["HELD"],
    help: "how long it has held them, at least; ~: likely, not proved",
    value: (holder) => {
      const likely = likelyAge(holder);
      if (likely !== null) return likely;
      if (holder.heldAtLeastMs !== null) return duration(holder.heldAtLeastMs);
      return holder.locks.length === 0 && hasKnownLocks(holder) ? NONE : UNKNOWN;
    },
    defaultFor: ["proc"],
  },
  {
    name: "BLOCKS",
    help: "what other processes cannot do meanwhile; a change of the journal mode only with --columns",
    value: (holder, detail) => (hasKnownLocks(holder) ? blocksText(holder.blocks, detail) : UNKNOWN),
    unowned: (_, blocks, detail) => (blocks === null ? UNKNOWN : blocksText(blocks, detail)),
    hasDetail: true,
    defaultFor: ["proc"],
    painted: true,
  },
  {
    name: "STARTED",
    help: "when the process started (UTC)",
    value: (holder) => holder.startedAt?.toISOString().slice(0, 19).replace("T", " ") ?? UNKNOWN,
    defaultFor: ["lsof"],
  },
  {
    name: "HANDLES",
    help: "its open descriptors on the database's files",
    value: (holder) => handlesText(holder),
    defaultFor: ["proc", "lsof"],
  },
  { name: "PPID", help: "parent process id", value: (holder) => String(holder.parentPid ?? UNKNOWN), right: true },
  { name: "UID", help: "user id", value: (holder) => String(holder.uid ?? UNKNOWN), right: true },
  { name: "NAME", help: "the kernel's name of the process", value: (holder) => escapeText(holder.name) },
  { name: "TTY", help: "its terminal", value: (holder) => holder.terminal ?? NONE },
  { name: "UNIT", help: "its systemd unit", value: (holder) => escapeText(unitText(holder)) },
  {
    name: "CONTAINER",
    help: "its container; shown if a holder is in a different container from sqlock",
    value: ({ container, containerUid }) =>
      container === null ? NONE : escapeText(`${container}${containerUid === null ? "" : ` (user ${containerUid})`}`),
    defaultFor: ["proc"],
    neededFor: ({ container }, ownContainer) => container !== null && container !== ownContainer,
    cut: true,
    least: 12,
  },
  {
    name: "IDLE",
    help: "time since any of its threads last ran",
    value: (holder) => (holder.idleMs === null ? UNKNOWN : duration(holder.idleMs)),
  },
  {
    name: "READ-MARK",
    help: "WAL mode: the frame at which its snapshot is pinned",
    value: (holder) => String(holder.readMark ?? NONE),
    right: true,
  },
  {
    name: "FDS",
    help: "number of its open files, and the limit",
    value: (holder) => `${holder.openFiles ?? UNKNOWN}/${holder.openFilesLimit ?? UNKNOWN}`,
    right: true,
  },
  { name: "STALE", help: "why it may have been abandoned", value: (holder) => holder.stale.join(", ") || NONE },
];

/** Without --columns it is shown, where some holder needs it. */
export function isDefault({ defaultFor = [] }: Column, source: Source): boolean {
  return defaultFor.includes(source);
}

/** Names as people type them: `held-for`, `held_for`, `HELD FOR` and the older `HELD` are one. */
export function findColumn(name: string): Column | undefined {
  const wanted = name.trim().toUpperCase().replace(/[ _]/g, "-");
  return COLUMNS.find((column) => column.name === wanted || column.otherNames?.includes(wanted) === true);
}

/** Who cannot write cannot commit or restart the WAL either. */
function blocksText(blocks: readonly Block[], detail: Detail = "full"): string {
  const usual = detail === "full" ? blocks : blocks.filter((block) => block !== "journal-mode");
  const brief = usual.filter((block) => block === "readers" || block === "writers");
  return (detail === "brief" && brief.includes("writers") ? brief : usual).join(", ") || NONE;
}

function shownLocks(locks: readonly Lock[], detail: Detail = "full"): string {
  return locksText(detail === "brief" ? withoutImplied(locks) : locks);
}

/** `sshd.service (user 1001)`: no unit of the system's manager. */
function unitText({ unit, unitManager, unitUid, container }: Holder): string {
  if (unit === null) return NONE;
  if (unitManager === "system") return unit;
  if (unitManager === "user") return `${unit} (user ${unitUid})`;
  return unitManager === "container" ? `${unit} (in ${container})` : `${unit} (?)`;
}

const MAX_FDS = 8;

/** Of many the first few and their number: a leak may be of thousands. */
function fdsText(fds: readonly number[]): string {
  return fds.length <= MAX_FDS ? fds.join(",") : `${fds.slice(0, MAX_FDS - 1).join(",")}...(${fds.length})`;
}

/** `database:3, wal:4, shm:5`; a deleted file is marked, and what a thread alone has. */
function handlesText(holder: Holder): string {
  if (holder.handles.length === 0) return holder.complete ? NONE : "not visible";
  const byRole = new Map<string, number[]>();
  for (const handle of holder.handles) {
    const thread = handle.thread === undefined ? "" : `(thread ${handle.thread})`;
    const role = `${handle.role}${handle.deleted ? "(deleted)" : handle.moved ? "(moved)" : ""}${thread}`;
    byRole.set(role, [...(byRole.get(role) ?? []), handle.fd]);
  }
  return [...byRole].map(([role, fds]) => `${role}:${fdsText(fds)}`).join(", ");
}
