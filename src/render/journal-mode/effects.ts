/** What the other mode would change, and what belongs to it in the program. Pure. */
import { basename } from "node:path";
import type { SwitchContext } from "../../features/journal-mode/obstacles.ts";
import type { KeptMode } from "../../features/journal-mode/report.ts";
import type { Holder } from "../../model/report.ts";
import { mayHoldDatabase } from "../../model/unseen-processes.ts";
import { nameOf } from "../../text/holder.ts";
import { list } from "../../text/list.ts";
import { unseenCount } from "../../text/unseen.ts";

/** What a switch would change for this database. */
export function effectsOf({ database, access, opener }: SwitchContext, to: KeptMode): string[] {
  const name = basename(database.path);
  const { fileSystem } = database;
  const local = fileSystem?.network === true ? "" : ", local";
  const you = opener.actor.kind === "owner" ? `uid ${opener.actor.uid}` : "you";
  const here = fileSystem === null ? "" : ` (here: ${fileSystem.type}${local})`;
  if (to === "delete") {
    return [
      "Readers keep the writer from committing, and a commit keeps readers out: 'database is locked' becomes " +
        "more likely.",
      `One file instead of three: ${name} alone is the database while no process writes, which is easy to copy; ` +
        "there is a -journal beside it during a transaction.",
      `It needs no shared memory, so it works on file systems without it${here}.`,
      "Each commit waits for the disk twice or more: small transactions are slower.",
    ];
  }
  return [
    "Readers no longer block the writer, nor the writer readers. There is still one writer at a time.",
    `Two more files, ${name}-wal and ${name}-shm, belong to the database while it is in use: copy with sqlite3's ` +
      ".backup or VACUUM INTO, not with cp.",
    `Every program that opens it, even to read, must be able to write to ${access.folder}` +
      `${access.folderWritable ? "" : ` (${you} cannot)`}.`,
    `Not for network shares: all programs must be on one machine${here}.`,
    "A reader that never ends keeps the -wal growing: sqlock who-holds names it.",
  ];
}

/** What cannot be seen from outside, and would matter after the switch. */
export function notesOf({ database, unseen }: Pick<SwitchContext, "database" | "unseen">, to: KeptMode): string[] {
  const idle = to === "wal" ? database.holders.filter(isIdleConnection) : [];
  return [...(idle.length === 0 ? [] : [idleNote(idle)]), ...unseenNote(unseen)];
}

/** SQLite's locks show which process holds them; a process that writes without them shows only by its open files. */
function unseenNote(unseen: SwitchContext["unseen"]): string[] {
  return !mayHoldDatabase(unseen)
    ? []
    : [
        `${unseenCount(unseen)} could not be inspected (${unseen.reason}): one of them may use it without SQLite's ` +
          `locks (unix-none, unix-dotfile), and would overwrite the switch; to see them, ${unseen.remedy}`,
      ];
}

function idleNote(idle: readonly Holder[]): string {
  const one = idle.length === 1;
  return (
    `${list(idle.map(nameOf))} ${one ? "has it open and holds" : "have it open and hold"} no lock, like idle ` +
    "connections in rollback mode; a connection that locks in another way (unix-dotfile, unix-none, unix-flock) " +
    "looks the same, and cannot use WAL mode, or not together with other programs"
  );
}

function isIdleConnection({ handles, locks }: Holder): boolean {
  return locks.length === 0 && handles.some(({ role, access }) => role === "database" && access === "read-write");
}

/** Settings of connections, which the file does not keep: `statement: why`. */
export function adviceOf(mode: KeptMode): string[] {
  return [
    "PRAGMA busy_timeout = 5000: on every connection; it then waits up to 5 s for a lock, instead of failing at once",
    mode === "wal"
      ? "PRAGMA synchronous = NORMAL: on every connection; in WAL mode a commit then does not wait for the disk; a " +
        "power failure may lose the last commits, but never the database"
      : "PRAGMA synchronous = FULL: on every connection; in rollback mode, with NORMAL a power failure may corrupt " +
        "the database",
    "BEGIN IMMEDIATE: for transactions that write; one that reads first and writes later fails at once while " +
      "another connection writes, whatever the timeout",
  ];
}
