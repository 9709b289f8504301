/** The rows of how things stood at a moment, and of what is not known. Pure. */
import type { HistoryFacts, Run } from "../history/history.ts";
import type { DatabaseLine, FoldedLine, UnknownLine } from "../lines.ts";
import type { ClockLine, WalLine } from "../state-lines.ts";
import type { SummaryLine } from "../summary-line.ts";
import { type Cells, flag } from "./cells.ts";

export function runRow({ meta, fromMs, toMs, end }: Run, cells: Cells): void {
  for (const { path } of meta.databases) cells.ids.database(path);
  cells.put("runs", {
    ...{ id: cells.next("runs"), ...cells.from(fromMs), ...cells.to(toMs), ended: end },
    ...{ sqlock_version: meta.sqlock, source: meta.source, exact: flag(meta.exact), zone: meta.zone },
    ...{ kernel: meta.kernel, min_wait_ms: meta.minWaitMs, has_statements: flag(meta.statements) },
    ...{ has_literals: flag(meta.literals), is_redacted: flag(meta.redacted) },
  });
}

export function walRows({ atMs, bytes, frames, copied, pinned, path, pinnedBy }: WalLine, cells: Cells): void {
  const id = cells.next("wal");
  const of = { id, database_id: cells.ids.database(path), ...cells.at(atMs) };
  cells.put("wal", { ...of, bytes, frames, copied_frames: copied, pinned_frames: pinned });
  for (const each of pinnedBy) cells.put("wal_readers", { wal_id: id, process_id: cells.ids.process(each) });
}

export function databaseRow({ path, atMs, change }: DatabaseLine, cells: Cells): void {
  const of = { id: cells.next("database_changes"), database_id: cells.ids.database(path) };
  cells.put("database_changes", { ...of, ...cells.at(atMs), change });
}

export function clockRow({ atMs, wallClock, suspendedMs = 0 }: ClockLine, cells: Cells): void {
  cells.put("clock", { id: cells.next("clock"), at_ms: atMs, wall_clock: wallClock, slept_ms: suspendedMs });
}

export function unknownRow(line: UnknownLine, cells: Cells): void {
  const { atMs, what, why, pids, path, toMs = null, untilMs } = line;
  const database_id = path === undefined ? null : cells.ids.database(path);
  cells.put("not_known", {
    ...{ id: cells.next("not_known"), at_ms: atMs, what, why, pids: JSON.stringify(pids), database_id },
    ...{ to_ms: toMs, until_ms: untilMs },
  });
}

export function foldedRow({ fromMs, toMs, lines }: FoldedLine, cells: Cells): void {
  cells.put("folded", { id: cells.next("folded"), from_ms: fromMs, to_ms: toMs, lines });
}

/** After the last line. `facts`: with all blanks. */
export function endRows({ blanks }: HistoryFacts, { patterns }: SummaryLine, cells: Cells): void {
  for (const { fromMs, toMs, why } of blanks)
    cells.put("blanks", { id: cells.next("blanks"), ...cells.from(fromMs), ...cells.to(toMs), why });
  for (const pattern of patterns) {
    const details = JSON.stringify(pattern);
    cells.put("patterns", { id: cells.next("patterns"), pattern: pattern.id, details });
  }
}
