import type { FreeSpace } from "../model/snapshot.ts";
import { escapeText } from "../text/escape.ts";
import { count } from "../text/list.ts";
import { shellQuoted } from "../text/shell.ts";
import { size } from "../text/size.ts";
import { whoCouldLose } from "./shared/opening.ts";
import { type Diagnosis, defineFinding, type Rule, type Subject } from "./shared/record.ts";

/** Below this share of the disk it is nearly full, */
const NEARLY_FULL = 0.01;

/** … which on a very large one is still room enough for long: then it is no warning. In bytes. */
const ROOM_ENOUGH = 10 * 2 ** 30;

/** Less room than a checkpoint may need, or nearly none, or room for no further file. */
const rule: Rule = (subject) => {
  const { space } = subject.seen.target;
  if (space === null || subject.database.fileSystem?.readOnly === true) return [];
  const where = subject.database.fileSystem?.mountPoint ?? "its file system";
  return [...littleRoom(subject, space, where), ...(space.freeInodes === 0 ? [noInodes(subject, space, where)] : [])];
};

function littleRoom({ database, snapshot }: Subject, space: FreeSpace, where: string): Diagnosis[] {
  const { wal } = database;
  const toCopy =
    wal === null || database.pageSize === null
      ? 0
      : Math.max(0, wal.frames - wal.checkpointedFrames) * database.pageSize;
  const tooLittle = space.freeBytes < toCopy;
  if (!tooLittle && space.freeBytes >= NEARLY_FULL * space.totalBytes) return [];
  const full = space.freeBytes < (database.pageSize ?? 512);
  return [
    {
      severity: full ? "error" : tooLittle || space.freeBytes < ROOM_ENOUGH ? "warning" : "info",
      pids: [],
      summary:
        `${where} has ${size(space.freeBytes)} free of ${size(space.totalBytes)}: ` +
        `${full ? "writes that need more room fail" : "writes may soon fail"} with 'database or disk is full' (13).`,
      detail: `${
        tooLittle && wal !== null
          ? `The WAL has ${count(wal.frames - wal.checkpointedFrames, "frame")} (${size(toCopy)}) ` +
            `${wal.checkpointedKnown ? "still to be" : "that may still have to be"} copied back, which may need that ` +
            "much. "
          : ""
      }Free is what ordinary users may use${
        space.reservedBytes === 0 ? "" : ` (root has ${size(space.reservedBytes)} more: a program of root's goes on)`
      }; a transaction needs room for its -journal or -wal besides.`,
      remedy: `Make room on ${escapeText(where)} (other files first: never a -wal, -shm or -journal), or give it more.${
        wal === null || whoCouldLose({ database, snapshot }) !== null
          ? ""
          : ` Then let the WAL be copied back: sqlite3 ${shellQuoted(database.path)} 'PRAGMA wal_checkpoint(TRUNCATE)'.`
      }`,
    },
  ];
}

/** Tried on a tmpfs with a limit of inodes. */
function noInodes({ database, seen }: Subject, space: FreeSpace, where: string): Diagnosis {
  const wal = database.journalMode === "wal";
  return {
    severity: seen.facts.wal?.live === true ? "warning" : "error",
    pids: [],
    summary: `${where} has no room for another file (no free inode): ${
      wal ? "once -wal and -shm have to be made, even a read" : "a write, whose -journal cannot be made,"
    } gets 'unable to open database file' (14).`,
    detail:
      `${size(space.freeBytes)} are free, but each file needs an inode besides.` +
      (wal ? " Who has the database open already can go on." : ""),
    remedy:
      `Delete files that nobody needs on ${escapeText(where)} (never a -wal, -shm or -journal): many small ones, in ` +
      `caches and spools, are what takes the inodes. To find them: ` +
      `du --inodes -x ${shellQuoted(where)} | sort -n | tail.`,
  };
}

export const diskFull = defineFinding({
  id: "disk-full",
  severity: "warning",
  needs: "handles",
  transient: "no",
  namesBlocker: false,
  blocksSwitch: null,
  rule,
});
