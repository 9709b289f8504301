/** What each process did: how often it wrote, how long it waited, how often it was refused. Pure. */
import type { MetaLine } from "../../recording/lines.ts";
import type { ProcessSummary } from "../../recording/summary-line.ts";
import { grouped } from "../../text/list.ts";
import { cut } from "../layout.ts";
import type { Column } from "../watch/table.ts";
import { commandText, timeCell } from "./words.ts";

const NONE = "-";

export const PROCESS_COLUMNS: readonly Column<ProcessSummary>[] = [
  { name: "PID", value: ({ pid }) => String(pid), right: true },
  { name: "COMMAND", value: (process) => commandCell(process), cut: true },
  { name: "WRITES", value: ({ writes }) => grouped(writes.times), right: true },
  { name: "TOTAL", value: ({ writes }) => timeOf(writes.times, writes.totalMs), right: true },
  {
    name: "LONGEST",
    value: ({ writes }) => timeOf(writes.times, writes.longestMs, writes.atLeast),
    right: true,
    minTableWidth: 60,
  },
  { name: "READS", value: ({ reads }) => grouped(reads.times), right: true, minTableWidth: 130 },
  {
    name: "LONGEST",
    value: ({ reads }) => timeOf(reads.times, reads.longestMs, reads.atLeast),
    right: true,
    minTableWidth: 130,
  },
  { name: "WAITED", value: ({ waits }) => timeOf(waits.times, waits.totalMs), right: true },
  {
    name: "LONGEST",
    value: ({ waits }) => timeOf(waits.times, waits.longestMs, waits.atLeast),
    right: true,
    minTableWidth: 100,
  },
  { name: "REFUSED", value: ({ refusedAttempts }) => grouped(refusedAttempts), right: true, minTableWidth: 70 },
  { name: "BUSY", value: busyCell, right: true },
  {
    name: "BLOCKED",
    value: ({ blockedOthersMs }) => (blockedOthersMs === 0 ? NONE : timeCell(blockedOthersMs)),
    right: true,
    minTableWidth: 90,
  },
];

/** Of samples: without what they cannot see. */
export const SAMPLED_COLUMNS: readonly Column<ProcessSummary>[] = PROCESS_COLUMNS.slice(
  0,
  PROCESS_COLUMNS.findIndex(({ name }) => name === "WAITED"),
);

/** What calls returned is known of programs that tell of them. */
const TOLD_BUSY: Column<ProcessSummary> = {
  ...{ name: "BUSY", right: true },
  value: (process) => (process.told === true ? busyCell(process) : "?"),
};

/** Beside samples, the programs of the command tell of their refused calls. */
export const TOLD_COLUMNS: readonly Column<ProcessSummary>[] = [...SAMPLED_COLUMNS, TOLD_BUSY];

/** Without the calls of SQLite. */
export const UNCOUNTED_COLUMNS: readonly Column<ProcessSummary>[] = PROCESS_COLUMNS.map((column) =>
  column.name === "BUSY" ? TOLD_BUSY : column,
);

/** What is known of processes depends on the source. */
export function processColumns({ statements, callSites }: MetaLine, exact: boolean): readonly Column<ProcessSummary>[] {
  if (exact) return statements ? PROCESS_COLUMNS : UNCOUNTED_COLUMNS;
  return callSites === true ? TOLD_COLUMNS : SAMPLED_COLUMNS;
}

export const PROCESS_LEGEND =
  "WRITES: holds of the write lock. REFUSED: refused attempts. BUSY: calls that returned SQLITE_BUSY.";

export const TOLD_LEGEND =
  "WRITES: holds of the write lock that were seen. BUSY: calls that returned SQLITE_BUSY, as the programs tell.";

/** Through a pipe nothing else limits it. */
const MAX_COMMAND = 80;

function commandCell(process: ProcessSummary): string {
  return cut(commandText(process) ?? "?", MAX_COMMAND, "...");
}

/** A run of refusals may be several calls, each of which got SQLITE_BUSY. */
function busyCell({ gaveUp, refusals, runs }: ProcessSummary): string {
  const known = gaveUp + refusals;
  if (runs.times === 0) return grouped(known);
  return known === 0 ? "?" : `>= ${grouped(known)}`;
}

function timeOf(times: number, ms: number, atLeast = false): string {
  return times === 0 ? NONE : timeCell(ms, atLeast);
}
