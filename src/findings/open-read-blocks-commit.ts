import type { Holder } from "../model/report.ts";
import { hasGivenUpCommit } from "../model/waits.ts";
import { nameOf, stateClause } from "../text/holder.ts";
import { count, list } from "../text/list.ts";
import { HOW_TO_END_A_READ, isLongRead, openReadsClause } from "./shared/long-read.ts";
import { type Diagnosis, defineFinding, type Rule } from "./shared/record.ts";

/** Rollback mode: a reader that does not end, while another wants to commit; or for so long that one will. */
const rule: Rule = ({ database, staleAfterMs }) => {
  if (database.journalMode === "wal") return [];
  if (database.progress !== null && database.progress.commits > 0) return []; // readers and commits take turns
  const writer = database.holders.find(({ activity }) => activity === "writing" || activity === "committing");
  const readers = database.holders.filter(
    (holder) => holder.activity === "reading" && holder.blocks.includes("commits"),
  );
  if (writer !== undefined)
    return readers.length === 0 ? [] : [besideWriter(readers, writer, hasGivenUpCommit(writer, database.waits))];
  const long = readers.filter((reader) => isLongRead(reader, staleAfterMs));
  return long.length === 0 ? [] : [withoutWriter(long, staleAfterMs)];
};

/** `gaveUp`: the writer holds PENDING, and no longer tries to commit. */
function besideWriter(readers: readonly Holder[], writer: Holder, gaveUp: boolean): Diagnosis {
  const isCommitting = writer.activity === "committing";
  const waits = isCommitting && !gaveUp;
  const effect = waits ? "cannot commit" : `will not be able to commit${gaveUp ? " if it tries again" : ""}`;
  const [reader] = readers;
  const who =
    readers.length === 1 && reader !== undefined ? `${nameOf(reader)} has` : `${list(readers.map(pidOf))} have`;
  return {
    severity: waits ? "error" : "warning",
    pids: readers.map(pidOf),
    summary: `${who} a read open, so ${nameOf(writer)} ${effect}.`,
    detail: `${holdings(readers)}. ${
      isCommitting ? "The writer holds PENDING, so no new reader can start either. " : ""
    }${NEEDS_NO_READER} ${LIKELY_CAUSE}`,
    remedy: `${END_THE_READ} ${WAL_MODE}`,
  };
}

function withoutWriter(readers: readonly Holder[], staleAfterMs: number): Diagnosis {
  const one = readers.length === 1;
  return {
    severity: "info",
    pids: readers.map(pidOf),
    summary:
      `${list(readers.map(nameOf))} ${openReadsClause(readers, staleAfterMs)}: no writer can commit until ` +
      `${one ? "it has" : "they have"} finished.`,
    detail: `No process that can be seen is writing now. ${NEEDS_NO_READER} ${LIKELY_CAUSE}`,
    remedy: `Not urgent while no process writes. ${END_THE_READ} ${WAL_MODE}`,
  };
}

const NEEDS_NO_READER = "In rollback mode, a commit has to wait until all readers have finished.";

const LIKELY_CAUSE = "Likely a transaction that has read is still open, or a cursor was not read to its end or closed.";

const END_THE_READ = `End the read in that program (${HOW_TO_END_A_READ}).`;

const WAL_MODE = "In WAL mode, readers and a writer work side by side.";

function pidOf({ pid }: Holder): number {
  return pid;
}

/** The most readers that are named one by one. */
const MAX_NAMED = 5;

function holdings(readers: readonly Holder[]): string {
  const named = readers
    .slice(0, MAX_NAMED)
    .map((each) => `${each.pid} holds SHARED${stateClause(each) === null ? "" : `, ${stateClause(each)}`}`);
  const more = readers.length - named.length;
  if (more > 0) named.push(`${count(more, "more process", "more processes")} ${more === 1 ? "holds" : "hold"} SHARED`);
  return named.join("; ");
}

export const openReadBlocksCommit = defineFinding({
  id: "open-read-blocks-commit",
  severity: "warning",
  needs: "locks",
  transient: "in-every-look",
  transientAs: ["error", "warning"], // a long read is no passing moment
  namesBlocker: true,
  blocksSwitch: null,
  rule,
});
