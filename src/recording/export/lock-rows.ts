/** The rows of locks, of waits and refusals, and of who was in the way. Pure. */
import type { BlockerFact, LockLine, RefusalLine, WaitLine } from "../lines.ts";
import { type Cells, flag } from "./cells.ts";

export function lockRow(line: LockLine, cells: Cells): void {
  const { lock, lockType: type, fromMs, toMs, atLeast, connection, sharedBy = 1, path } = line;
  cells.put("locks", {
    ...{ id: cells.next("locks"), ...cells.who(line), database_id: cells.ids.database(path), connection, lock, type },
    ...{ ...cells.from(fromMs), ...cells.to(toMs), held_ms: cells.lengthOf(line), at_least: flag(atLeast) },
    ...{ shared_by: sharedBy, ...cells.sql(line), ...cells.code(line.callSite) },
  });
}

export function waitRows(line: WaitLine, cells: Cells): void {
  const { lock, lockType: type, fromMs, waitedMs, attempts, outcome, result, oversleptMs, connection } = line;
  const id = cells.next("waits");
  const database_id = cells.ids.database(line.path);
  cells.put("waits", {
    ...{ id, ...cells.who(line), database_id, connection, connection_id: line.connectionId ?? null, lock, type },
    ...{ ...cells.from(fromMs), to_ms: fromMs + waitedMs, waited_ms: waitedMs, attempts, outcome, result },
    ...{ overslept_ms: oversleptMs, perhaps_several_calls: flag(line.perhapsSeveralCalls) },
    ...{ within_process: flag(line.withinProcess), while_reading: flag(line.whileReading) },
    ...{ sure: line.sure ?? "proved", ...cells.sql(line), ...cells.code(line.callSite) },
  });
  for (const each of line.blockers) blockerRow(each, { wait_id: id, refusal_id: null, database_id }, cells);
}

export function refusalRows(line: RefusalLine, cells: Cells): void {
  const { atMs, callMs, waitedMs = null, result, why, sure, connection, connectionId = null, pathIs } = line;
  const id = cells.next("refusals");
  const database_id = cells.ids.database(line.path);
  cells.put("refusals", {
    ...{ id, ...cells.who(line), database_id, database_is: pathIs ?? "proved", connection },
    ...{ connection_id: connectionId, ...cells.at(atMs), call_ms: callMs, waited_ms: waitedMs, result, why, sure },
    ...{ ...cells.sql(line), ...cells.code(line.callSite) },
  });
  for (const each of line.blockers ?? []) blockerRow(each, { wait_id: null, refusal_id: id, database_id }, cells);
}

interface Behind {
  readonly wait_id: number | null;
  readonly refusal_id: number | null;
  readonly database_id: number;
}

function blockerRow(blocker: BlockerFact, of: Behind, cells: Cells): void {
  const { tid, lock, lockType: type, fromMs: from_ms, heldMs: held_ms, atLeast, blockedMs: blocked_ms } = blocker;
  cells.put("blockers", {
    ...{ id: cells.next("blockers"), ...of, lock_id: null, process_id: cells.ids.process(blocker), tid, lock, type },
    ...{ from_ms, held_ms, at_least: flag(atLeast), blocked_ms },
    ...{ ...cells.sql(blocker), ...cells.code(blocker.callSite) },
  });
}
