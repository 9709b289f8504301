/** The rows of transactions, with their statements, and of what traced programs tell of connections. Pure. */
import type { CallSite, TransactionLine } from "../lines.ts";
import type { ConnectionLine, MisuseLine } from "../program/lines.ts";
import { type Cells, flag } from "./cells.ts";

export function transactionRows(line: TransactionLine, cells: Cells): void {
  const { kind, fromMs, toMs, atLeast, outcome, connection, program } = line;
  const id = cells.next("transactions");
  const at = (site: CallSite | null | undefined) => cells.ids.codeLine(site);
  cells.put("transactions", {
    ...{ id, ...cells.who(line), database_id: cells.ids.database(line.path), connection, kind, outcome },
    ...{ connection_id: program?.connectionId ?? null, ...cells.from(fromMs), ...cells.to(toMs) },
    ...{ open_ms: cells.lengthOf(line), at_least: flag(atLeast), inside_ms: line.insideMs },
    ...{ outside_ms: line.outsideMs, waited_ms: line.waitedMs, write_from_ms: line.writeFromMs },
    ...{ more_statements: line.moreStatements, shared_locks: flag(line.sharedLocks) },
    ...{ read_at: at(program?.readAt), wrote_at: at(program?.wroteAt), ended_at: at(program?.endedAt) },
    ...{ ended_by: program?.endedBy ?? null, left_open_by: program?.leftOpenBy ?? null },
    ...{ pause_ms: program?.pause?.ms ?? null, pause_after: at(program?.pause?.after) },
    ...{ pause_before: at(program?.pause?.before), ...cells.code(line.callSite) },
    told_by_program: flag(program?.alone),
  });
  for (const [i, fact] of line.statements.entries()) {
    const { atMs: at_ms, ms: took_ms, result, times = 1 } = fact;
    const of = { transaction_id: id, position: i + 1, at_ms, took_ms, result, times };
    cells.put("transaction_statements", { ...of, ...cells.sql(fact) });
  }
}

export function connectionRow(line: ConnectionLine, cells: Cells): void {
  const { id, path, memory, driver, library = null, timeoutMs, closedMs, closed, times = 1 } = line;
  const { from_ms: opened_ms, from_utc: opened_utc, from_local: opened_local } = cells.from(line.openedMs);
  cells.put("connections", {
    ...{
      id,
      ...cells.who(line),
      database_id: path === null ? null : cells.ids.database(path),
      memory,
      driver,
      library,
    },
    ...{ busy_timeout_ms: timeoutMs, opened_ms, opened_utc, opened_local, closed_ms: closedMs, closed },
    ...{ opened_at: cells.ids.codeLine(line.openedAt), closed_at: cells.ids.codeLine(line.closedAt) },
    ...{ inherited: flag(line.inherited), times },
  });
}

export function misuseRow(line: MisuseLine, cells: Cells): void {
  const { path, connectionId, kind, atMs, ended = null, times = 1 } = line;
  cells.put("misuses", {
    ...{ id: cells.next("misuses"), ...cells.who(line), connection_id: connectionId, kind, ...cells.at(atMs) },
    ...{ database_id: path === null ? null : cells.ids.database(path), ended, times },
    ...{ code_line_id: cells.ids.codeLine(line.callSite), opened_at: cells.ids.codeLine(line.openedAt) },
    closed_at: cells.ids.codeLine(line.closedAt),
  });
}
