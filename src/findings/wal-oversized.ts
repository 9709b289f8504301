import { count } from "../text/list.ts";
import { shellQuoted } from "../text/shell.ts";
import { size } from "../text/size.ts";
import { whoCouldLose } from "./shared/opening.ts";
import { defineFinding, type Rule } from "./shared/record.ts";

/** In frames: four times the length at which SQLite checkpoints by itself (SQLITE_DEFAULT_WAL_AUTOCHECKPOINT, 1000). */
const LARGE_FRAMES = 4000;

const FRAME_HEADER_BYTES = 24;

/** A long -wal that nobody needs: SQLite starts it again from its beginning, but does not shorten it by itself. */
const rule: Rule = ({ database, seen, snapshot }) => {
  const { wal, pageSize } = seen.facts;
  const file = seen.target.files.find((each) => each.role === "wal");
  if (wal === null || !wal.live || file === undefined || pageSize === null) return [];
  const bytes = Number(file.sizeBytes);
  if (bytes < LARGE_FRAMES * (pageSize + FRAME_HEADER_BYTES) || wal.frames > wal.checkpointedFrames) return [];
  const loser = whoCouldLose({ database, snapshot });
  const reads = database.holders.some((holder) => holder.activity === "reading");
  return [
    {
      pids: [],
      summary: `${database.path}-wal takes ${size(bytes)}, though all of its frames are in the database already.`,
      detail:
        `${count(wal.checkpointedFrames, "frame")} of ${wal.frames} are checkpointed, and nobody pins one. Once a ` +
        "reader or a long transaction made it grow; SQLite uses the file again from its start, but does not " +
        "shorten it while it is open.",
      remedy:
        "No harm but the space. " +
        (loser === null
          ? `${reads ? "When the reads that are open have ended: " : ""}sqlite3 ${shellQuoted(database.path)} ` +
            "'PRAGMA wal_checkpoint(TRUNCATE)'. "
          : `Leave it as it is: ${loser}. `) +
        "To keep it short: PRAGMA journal_size_limit in the programs that write.",
    },
  ];
};

export const walOversized = defineFinding({
  id: "wal-oversized",
  severity: "info",
  needs: "handles",
  transient: "no",
  namesBlocker: false,
  blocksSwitch: null,
  rule,
});
