import { readerOnPurpose } from "../model/programs.ts";
import type { Related } from "../model/relate.ts";
import type { Holder } from "../model/report.ts";
import { pinnedFrames } from "../sqlite/wal-index.ts";
import { likelyAsleepMs, nameOf, stateClause } from "../text/holder.ts";
import { count, grouped, list } from "../text/list.ts";
import { purposeClause, purposeRemedy } from "../text/program.ts";
import { size } from "../text/size.ts";
import { HOW_TO_END_A_READ, isLongRead, openReadsClause } from "./shared/long-read.ts";
import { type Diagnosis, defineFinding, type Rule } from "./shared/record.ts";

/** `SQLITE_DEFAULT_WAL_AUTOCHECKPOINT`: a WAL longer than this should have been checkpointed. */
const AUTOCHECKPOINT_FRAMES = 1000;

/** When Litestream makes room at the latest, waiting for readers (its max-checkpoint-page-count). */
const LITESTREAM_FRAMES = 10_000;

/** Times --stale-after: a minute, where that is not given. A shorter read beside a short WAL is ordinary. */
const LONG_READ_TIMES_STALE = 6;

const FRAME_HEADER_BYTES = 24;

/** A holder that reads a snapshot older than the end of the WAL. */
type Reader = Holder & { readonly readMark: number };

type Wal = NonNullable<Related["wal"]>;

/** A reader on an old snapshot keeps frames from being copied back: of a long WAL, or for a long time. */
const rule: Rule = ({ database, staleAfterMs }) => {
  const { wal } = database;
  if (wal === null) return [];
  const isReader = (holder: Holder): holder is Reader =>
    holder.readMark !== null && pinnedBy({ readMark: holder.readMark }, wal) > 0;
  const readers = database.holders.filter(isReader).toSorted((a, b) => a.readMark - b.readMark);
  if (wal.frames > AUTOCHECKPOINT_FRAMES) return ofLongWal(oldestOf(readers), readers, wal, database, staleAfterMs);
  const limitMs = LONG_READ_TIMES_STALE * staleAfterMs;
  const long = readers.filter((reader) => isLongRead(reader, limitMs));
  return ofLongReads(oldestOf(long), long, wal, database, limitMs);
};

function pinnedBy({ readMark }: Pick<Reader, "readMark">, { frames, checkpointedFrames }: Wal): number {
  return pinnedFrames(readMark, frames, checkpointedFrames);
}

/** One that reads for no purpose of its own, if there is one. `readers`: the oldest snapshot first. */
function oldestOf(readers: readonly Reader[]): Reader | undefined {
  return readers.find((reader) => readerOnPurpose(reader) === null) ?? readers[0];
}

function ofLongWal(
  oldest: Reader | undefined,
  readers: readonly Reader[],
  wal: Wal,
  { pageSize }: Related,
  staleAfterMs: number,
): Diagnosis[] {
  if (oldest === undefined) return [];
  const pinned = pinnedBy(oldest, wal);
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
        `${nameOf(oldest)} reads an old snapshot${idle} and keeps ${framesText(pinned, pageSize)} from being ` +
        `checkpointed: ${lasting ? "the WAL can only grow" : "until that read ends, the WAL cannot be reset"}.`,
      detail:
        `Its read mark is frame ${grouped(oldest.readMark)}; ${walText(wal, "the")}.` +
        (others.length === 0
          ? ""
          : ` ${list(others.map((each) => each.pid))} ${others.length === 1 ? "pins" : "pin"} frames as well.`) +
        (reader === null ? "" : ` About ${oldest.pid}: ${purposeClause(reader)}.`),
      remedy:
        reader === null
          ? `${END_THE_READ}; the next checkpoint then copies the frames back. PRAGMA wal_checkpoint(TRUNCATE) ` +
            "shortens the file."
          : purposeRemedy(reader),
    },
  ];
}

/** Of a WAL that is not long yet. */
function ofLongReads(
  oldest: Reader | undefined,
  readers: readonly Reader[],
  wal: Wal,
  { pageSize }: Related,
  limitMs: number,
): Diagnosis[] {
  if (oldest === undefined) return [];
  const one = readers.length === 1;
  const purpose = readerOnPurpose(oldest);
  const pinned = Math.max(...readers.map((reader) => pinnedBy(reader, wal)));
  return [
    {
      severity: "info",
      pids: [oldest, ...readers.filter((each) => each !== oldest)].map(({ pid }) => pid),
      summary:
        `${list(readers.map(nameOf))} ${openReadsClause(readers, limitMs)}; ${one ? "it keeps" : "they keep"} ` +
        `${framesText(pinned, pageSize)} from being checkpointed. Until ` +
        `${one ? "that read ends" : "those reads end"}, the WAL cannot be reset.`,
      detail:
        `${walText(wal, "The")}; it is still short.` +
        (purpose === null ? "" : ` About ${oldest.pid}: ${purposeClause(purpose)}.`),
      remedy: purpose === null ? `Not urgent. ${END_THE_READ} before the WAL grows.` : purposeRemedy(purpose),
    },
  ];
}

const END_THE_READ = `End the read in that program (${HOW_TO_END_A_READ})`;

function framesText(frames: number, pageSize: number | null): string {
  const bytes = pageSize === null ? "" : ` (${size(frames * (pageSize + FRAME_HEADER_BYTES))})`;
  return `${count(frames, "WAL frame")}${bytes}`;
}

function walText({ frames, checkpointedFrames }: Wal, the: "the" | "The"): string {
  return (
    `${the} WAL has ${count(frames, "frame")}, ` +
    (checkpointedFrames === 0
      ? `${frames === 1 ? "not" : "none of them"} checkpointed`
      : `of which ${grouped(checkpointedFrames)} ${checkpointedFrames === 1 ? "is" : "are"} checkpointed`)
  );
}

export const checkpointStarved = defineFinding({
  id: "checkpoint-starved",
  severity: "warning",
  needs: "locks",
  transient: "no",
  namesBlocker: true,
  blocksSwitch: null,
  rule,
});
