import type { Holder } from "../model/report.ts";
import { holdsExclusive } from "../text/exclusive.ts";
import { nameOf } from "../text/holder.ts";
import { count, grouped } from "../text/list.ts";
import { size } from "../text/size.ts";
import { whoCouldLose } from "./shared/opening.ts";
import { type Diagnosis, defineFinding, type Rule, type Subject } from "./shared/record.ts";
import { sqlite3 } from "./shared/sql.ts";

/** In frames: four times the length at which SQLite checkpoints (SQLITE_DEFAULT_WAL_AUTOCHECKPOINT, 1000). */
const LARGE_FRAMES = 4000;

const FRAME_HEADER_BYTES = 24;

/**
 * A long -wal: of one large transaction, or one that is no longer needed (SQLite starts it again from its beginning,
 * but does not shorten it).
 */
const rule: Rule = (subject) => {
  const { wal, pageSize } = subject.seen.facts;
  const file = subject.seen.target.files.find((each) => each.role === "wal");
  if (wal === null || file === undefined || pageSize === null) return [];
  const bytes = Number(file.sizeBytes);
  if (bytes < LARGE_FRAMES * (pageSize + FRAME_HEADER_BYTES)) return [];
  const writer = subject.database.holders.find((holder) => holder.activity === "writing" || holdsExclusive(holder));
  if (writer !== undefined && (wal.uncommittedFrames ?? 0) >= LARGE_FRAMES) return [largeTransaction(subject, writer)];
  // Frames that are not committed belong to a transaction that was rolled back, or to a small one.
  return wal.live && wal.frames <= wal.checkpointedFrames ? [notNeeded(subject, bytes)] : [];
};

function largeTransaction({ database, seen }: Subject, writer: Holder): Diagnosis {
  const { uncommittedFrames, frames } = seen.facts.wal ?? { uncommittedFrames: 0, frames: 0 };
  const uncommitted = uncommittedFrames ?? 0;
  return {
    pids: [writer.pid],
    summary:
      `${database.path}-wal has ${count(uncommitted, "frame")} (${sizeOf(uncommitted, seen.facts.pageSize)}) after ` +
      `its last commit, likely from one large transaction of ${nameOf(writer)}.`,
    detail:
      `${count(frames, "frame")} ${frames === 1 ? "is" : "are"} committed, ${grouped(uncommitted)} only written: a ` +
      "transaction that is larger than its program's cache (an import, VACUUM) writes to the -wal before it commits. " +
      "A transaction that was rolled back also leaves such frames.",
    remedy:
      "Let it commit: if the process ends before that, everything it has written is lost. Then a checkpoint copies " +
      "the frames back, and PRAGMA wal_checkpoint(TRUNCATE) shortens the file. Smaller transactions keep it short; " +
      "VACUUM writes the whole database at once.",
  };
}

function notNeeded({ database, seen, snapshot }: Subject, bytes: number): Diagnosis {
  const { frames = 0, checkpointedFrames = 0, uncommittedFrames = null } = seen.facts.wal ?? {};
  const reads = database.holders.some((holder) => holder.activity === "reading");
  const loser = whoCouldLose({ database, snapshot });
  const written =
    uncommittedFrames === null || uncommittedFrames === 0
      ? ""
      : ` ${count(uncommittedFrames, "frame")} after the last commit ` +
        `${uncommittedFrames === 1 ? "belongs" : "belong"} to a transaction that is open, or was rolled back.`;
  return {
    pids: [],
    summary: `${database.path}-wal takes ${size(bytes)}, although the database has all its committed frames already.`,
    detail:
      `${grouped(checkpointedFrames)} of ${count(frames, "committed frame")} ` +
      `${checkpointedFrames === 1 ? "is" : "are"} checkpointed, and no reader pins any.${written} At some time, a ` +
      "reader or a long transaction made it grow; SQLite reuses the file from its start, but does not shorten it " +
      "while it is open.",
    remedy:
      "It costs only disk space. " +
      (loser === null
        ? `To shorten it${reads ? ", after the open reads have ended" : ""}: ` +
          `${sqlite3({ database, seen, snapshot }, "PRAGMA wal_checkpoint(TRUNCATE)")}. `
        : `Leave it as it is: ${loser}. `) +
      "To keep it short: PRAGMA journal_size_limit in the programs that write.",
  };
}

function sizeOf(frames: number, pageSize: number | null): string {
  return size(frames * ((pageSize ?? 0) + FRAME_HEADER_BYTES));
}

export const walOversized = defineFinding({
  id: "wal-oversized",
  severity: "info",
  needs: "handles",
  transient: "no",
  namesBlocker: false,
  blocksSwitch: null,
  rule,
});
