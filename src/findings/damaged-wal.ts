import { count } from "../text/list.ts";
import { defineFinding, isError, type Rule } from "./shared/record.ts";
import { copyAside } from "./shared/restored.ts";
import { signOfAnotherFile } from "./shared/wal-file.ts";

/**
 * A -wal that nobody has open, with commits after a frame (or a header) with a wrong checksum: SQLite stops there, and
 * the next checkpoint loses them.
 */
const rule: Rule = ({ database, seen, snapshot }) => {
  const { wal } = seen.facts;
  if (wal === null || wal.live || wal.lostCommits === 0 || snapshot.partialView) return [];
  if (
    database.holders.length > 0 ||
    database.unownedLocks.length > 0 ||
    database.sizeBytes === 0 ||
    signOfAnotherFile(seen) !== null
  )
    return [];
  const { path } = database;
  const before =
    wal.frames === 0
      ? "all of it"
      : `everything after its first ${wal.frames === 1 ? "frame" : count(wal.frames, "frame")}`;
  return [
    {
      pids: [],
      summary:
        `${path}-wal is damaged, and nobody has it open: SQLite ignores ${before}, including ` +
        `${count(wal.lostCommits, "commit")}.`,
      detail:
        "A checksum of the -wal is wrong, and after that place there are commits whose own checksums continue from " +
        "one to the next. The file was damaged, or a power failure kept part of it from reaching the disk. Whether " +
        "the commits had already been copied back into the database is unknown.",
      remedy:
        "Do not open it yet: the next program that does cuts the -wal off there. First copy both files aside:\n  " +
        `${copyAside(path, "wal")}\nThen compare the database with a backup: SQLite shows its state before that place.`,
    },
  ];
};

export const damagedWal = defineFinding({
  id: "damaged-wal",
  severity: "error",
  needs: "handles",
  transient: "in-every-look",
  namesBlocker: false,
  unsafeToOpen: isError,
  blocksSwitch: { forcible: false, why: "the switch would cut off everything after the damage" },
  rule,
});
