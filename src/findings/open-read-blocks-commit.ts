import type { Holder } from "../model/report.ts";
import { nameOf, stateClause } from "../text/holder.ts";
import { count, list } from "../text/list.ts";
import { defineFinding, type Rule } from "./shared/record.ts";

/** Rollback mode: a reader that does not end, while another wants to commit. */
const rule: Rule = ({ database }) => {
  if (database.journalMode === "wal") return [];
  if (database.progress !== null && database.progress.commits > 0) return []; // readers and commits take turns
  const writers = database.holders.filter(
    (holder) => holder.activity === "writing" || holder.activity === "committing",
  );
  const readers = database.holders.filter(
    (holder) => holder.activity === "reading" && holder.blocks.includes("commits"),
  );
  const reader = readers[0];
  const writer = writers[0];
  if (reader === undefined || writer === undefined) return [];
  const waits = writer.activity === "committing";
  const effect = waits ? "cannot commit" : "will not be able to commit";
  const who = readers.length === 1 ? `${nameOf(reader)} has` : `${list(readers.map((each) => each.pid))} have`;
  return [
    {
      severity: waits ? "error" : "warning",
      pids: readers.map((each) => each.pid),
      summary: `${who} a read open, so that ${nameOf(writer)} ${effect}.`,
      detail: `${holdings(readers)}. ${
        waits ? "The writer holds PENDING: no new reader gets in either. " : ""
      }In rollback mode a commit needs all readers gone. Likely a cursor that was not read to its end or not closed.`,
      remedy:
        "Read the cursor to its end, or close it (or its connection), in the reading program; WAL mode lets " +
        "readers and a writer go on side by side.",
    },
  ];
};

/** The most readers that are named one by one. */
const MAX_NAMED = 5;

function holdings(readers: readonly Holder[]): string {
  const named = readers
    .slice(0, MAX_NAMED)
    .map((each) => `${each.pid} holds SHARED${stateClause(each) === null ? "" : `, ${stateClause(each)}`}`);
  const more = readers.length - named.length;
  return [...named, ...(more > 0 ? [`${count(more, "more process", "more processes")} hold SHARED as well`] : [])].join(
    "; ",
  );
}

export const openReadBlocksCommit = defineFinding({
  id: "open-read-blocks-commit",
  severity: "warning",
  needs: "locks",
  transient: "in-every-look",
  namesBlocker: true,
  blocksSwitch: null,
  rule,
});
