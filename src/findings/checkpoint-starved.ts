import { readerOnPurpose } from "../model/programs.ts";
import { likelyAsleepMs, nameOf, stateClause } from "../text/holder.ts";
import { count, grouped, list } from "../text/list.ts";
import { purposeClause, purposeRemedy } from "../text/program.ts";
import { size } from "../text/size.ts";
import { defineFinding, type Rule } from "./shared/record.ts";

/** `SQLITE_DEFAULT_WAL_AUTOCHECKPOINT`: a WAL longer than this should have been checkpointed. */
const AUTOCHECKPOINT_FRAMES = 1000;

/** When Litestream makes room at the latest, waiting for readers (its max-checkpoint-page-count). */
const LITESTREAM_FRAMES = 10_000;

const FRAME_HEADER_BYTES = 24;

/** A reader on an old snapshot keeps frames of a long WAL from being copied back, so that it grows. */
const rule: Rule = ({ database, staleAfterMs }) => {
  const { wal, pageSize } = database;
  if (wal === null || wal.frames <= AUTOCHECKPOINT_FRAMES) return [];
  const pinnedBy = (mark: number) => Math.max(0, wal.frames - Math.max(mark, wal.checkpointedFrames));
  const readers = database.holders.filter((holder) => holder.readMark !== null && pinnedBy(holder.readMark) > 0);
  const ordinary = readers.filter((reader) => readerOnPurpose(reader) === null);
  const oldest = (ordinary.length > 0 ? ordinary : readers).toSorted(
    (a, b) => (a.readMark ?? 0) - (b.readMark ?? 0),
  )[0];
  if (oldest === undefined || oldest.readMark === null) return [];
  const pinned = pinnedBy(oldest.readMark);
  const bytes = pageSize === null ? "" : ` (${size(pinned * (pageSize + FRAME_HEADER_BYTES))})`;
  const others = readers.filter((each) => each !== oldest);
  const asleepMs = likelyAsleepMs(oldest);
  const rest = oldest.state === "running" || (asleepMs ?? 0) < 1000 ? null : stateClause(oldest);
  const idle = rest === null ? "" : ` (${rest})`;
  const reader = readerOnPurpose(oldest);
  const lasting =
    reader === null
      ? pinned > AUTOCHECKPOINT_FRAMES || (asleepMs !== null && asleepMs >= staleAfterMs)
      : pinned > LITESTREAM_FRAMES;
  return [
    {
      // A reader of this moment is behind by some frames in every busy database, and done before it matters.
      severity: lasting ? "warning" : "info",
      pids: [oldest, ...others].map((each) => each.pid),
      summary:
        `${nameOf(oldest)} reads an old snapshot${idle} and keeps ${count(pinned, "WAL frame")}${bytes} from being ` +
        `checkpointed: ${lasting ? "the WAL can only grow" : "until it has finished, the WAL cannot start again"}.`,
      detail:
        `Its read mark is frame ${grouped(oldest.readMark)}; the WAL has ${count(wal.frames, "frame")}, of which ` +
        `${grouped(wal.checkpointedFrames)} ${wal.checkpointedFrames === 1 ? "is" : "are"} checkpointed.` +
        (others.length === 0
          ? ""
          : ` ${list(others.map((each) => each.pid))} pin${others.length === 1 ? "s" : ""} frames as well.`) +
        (reader === null ? "" : ` Of ${oldest.pid}: ${purposeClause(reader)}.`),
      remedy:
        reader === null
          ? "End the read in that program (finish or close the cursor, end the transaction); the next checkpoint " +
            "then copies the frames back. PRAGMA wal_checkpoint(TRUNCATE) shortens the file."
          : purposeRemedy(reader),
    },
  ];
};

export const checkpointStarved = defineFinding({
  id: "checkpoint-starved",
  severity: "warning",
  needs: "locks",
  transient: "no",
  namesBlocker: true,
  blocksSwitch: null,
  rule,
});
