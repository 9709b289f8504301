import type { FreeSpace } from "../model/snapshot.ts";
import { asRoot } from "../text/as-root.ts";
import { escapeText } from "../text/escape.ts";
import { count } from "../text/list.ts";
import { shellQuoted } from "../text/shell.ts";
import { size } from "../text/size.ts";
import { whoCouldLose } from "./shared/opening.ts";
import { type Diagnosis, defineFinding, type Rule, type Subject } from "./shared/record.ts";
import { sqlite3 } from "./shared/sql.ts";

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

function littleRoom({ database, seen, snapshot }: Subject, space: FreeSpace, where: string): Diagnosis[] {
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
        `${full ? "writes that need more space fail" : "writes may soon fail"} with 'database or disk is full' (13).`,
      detail: `${
        tooLittle && wal !== null
          ? `The WAL has ${count(wal.frames - wal.checkpointedFrames, "frame")} (${size(toCopy)}) ` +
            `${wal.checkpointedKnown ? "still to be" : "that may still have to be"} copied back, which may need that ` +
            "much space. "
          : ""
      }"Free" is what ordinary users can use${
        space.reservedBytes === 0
          ? ""
          : ` (root has ${size(space.reservedBytes)} more: programs that run as root continue)`
      }; a transaction also needs space for its -journal or -wal.`,
      remedy: `Free some space on ${escapeText(where)} (never delete a -wal, -shm or -journal), or enlarge it.${
        wal === null || whoCouldLose({ database, snapshot }) !== null
          ? ""
          : ` Then copy the WAL back: ${sqlite3({ database, seen, snapshot }, "PRAGMA wal_checkpoint(TRUNCATE)")}.`
      }`,
    },
  ];
}

/** Tried on a tmpfs with a limit of inodes. */
function noInodes({ database, seen, snapshot }: Subject, space: FreeSpace, where: string): Diagnosis {
  const wal = database.journalMode === "wal";
  return {
    severity: seen.facts.wal?.live === true ? "warning" : "error",
    pids: [],
    summary: `${where} has no free inode, so no new file can be created: ${
      wal ? "when the -wal and -shm have to be created, even a read" : "a write needs a new -journal, and"
    } gets 'unable to open database file' (14).`,
    detail:
      `${size(space.freeBytes)} are free, but every file also needs an inode.` +
      (wal ? " Processes that already have the database open can continue." : ""),
    remedy:
      `Delete files that are not needed on ${escapeText(where)} (never a -wal, -shm or -journal): many small files, ` +
      "in caches and spools, use up the inodes. To find them: " +
      `${asRoot(`du --inodes -x ${shellQuoted(where)}`, snapshot.viewer)} | sort -n | tail.`,
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
