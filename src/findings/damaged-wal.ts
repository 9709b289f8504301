import { count } from "../text/list.ts";
import { shellQuoted } from "../text/shell.ts";
import { defineFinding, isError, type Rule } from "./shared/record.ts";
import { signOfAnotherFile } from "./shared/wal-file.ts";

/**
 * A -wal that nobody has open, with commits behind a frame (or a header) that does not fit: SQLite stops there, and the
 * next checkpoint loses them.
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
      ? "the whole of it"
      : `all behind its first ${wal.frames === 1 ? "frame" : count(wal.frames, "frame")}`;
  return [
    {
      pids: [],
      summary:
        `${path}-wal is damaged, and nobody has it open: SQLite passes over ${before}, where ` +
        `${wal.lostCommits === 1 ? "a commit lies" : `${count(wal.lostCommits, "commit")} lie`}.`,
      detail:
        "A checksum of the -wal does not fit, and behind that place are commits whose own checksums go on from " +
        "one to the next. The file was damaged, or a power failure kept a part of it from the disk. Whether the " +
        "commits had been copied back into the database before cannot be seen.",
      remedy:
        "Open it with nothing yet: the next program that does cuts the -wal there. First copy both aside:\n  cp -p " +
        (`${shellQuoted(path)} ${shellQuoted(`${path}-wal`)} /a/safe/folder/\nThen compare what the database has ` +
          "with a ") +
        "backup: what SQLite shows is the state before that place.",
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
  blocksSwitch: { forcible: false, why: "the switch would cut off what lies behind the damage" },
  rule,
});
