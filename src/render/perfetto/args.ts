/** What is shown of a slice when it is clicked. What is not known, and what does not apply, is left out. Pure. */
import type {
  BlockerFact,
  CallSite,
  LockLine,
  RefusalLine,
  SqlFacts,
  StatementFact,
  TransactionLine,
  WaitLine,
} from "../../recording/lines.ts";
import type { ConnectionLine, MisuseLine } from "../../recording/program/lines.ts";
import type { Args, Value } from "./event.ts";

type Given = Readonly<Record<string, Value | undefined>>;

export function lockArgs(line: LockLine): Args {
  const { path, lock, lockType, tid, connection, sharedBy, toMs, atLeast } = line;
  return known({
    ...{ database: path, lock, type: lockType, thread_id: tid, connection, shared_by: sharedBy },
    ...{
      held_at_least: flag(atLeast),
      held_at_the_end: flag(toMs === null),
      ...sqlArgs(line),
      ...codeArgs(line.callSite),
    },
  });
}

/** Of a lock that has no line of its own. */
export function blockerLockArgs(blocker: BlockerFact, path: string): Args {
  const { lock, lockType, tid, atLeast, callSite } = blocker;
  return known({
    ...{ database: path, lock, type: lockType, thread_id: tid, known_from: "the wait behind it" },
    ...{ held_at_least: flag(atLeast), ...sqlArgs(blocker), ...codeArgs(callSite) },
  });
}

export function waitArgs(line: WaitLine): Args {
  const { path, lock, lockType, tid, connection, attempts, outcome, result, oversleptMs, callSite } = line;
  return known({
    ...{
      database: path,
      lock,
      type: lockType,
      thread_id: tid,
      connection,
      attempts,
      outcome,
      result,
      overslept_ms: oversleptMs,
    },
    ...{ perhaps_several_calls: line.perhapsSeveralCalls, within_process: line.withinProcess },
    ...{ while_reading: line.whileReading, sure: line.sure, ...sqlArgs(line), ...codeArgs(callSite) },
    blockers: line.blockers.length === 0 ? "not known" : line.blockers.map(blockerArgs),
  });
}

export function transactionArgs(line: TransactionLine): Args {
  const { path, tid, connection, kind, outcome, atLeast, insideMs, outsideMs, waitedMs, program } = line;
  return known({
    ...{ database: path, kind, thread_id: tid, connection, outcome, open_at_least: flag(atLeast) },
    ...{ inside_sqlite_ms: insideMs, outside_sqlite_ms: outsideMs, waited_ms: waitedMs },
    ...{ more_statements: line.moreStatements === 0 ? undefined : line.moreStatements, shared_locks: line.sharedLocks },
    ...codeArgs(line.callSite),
    ...(program === undefined ? {} : programArgs(program)),
  });
}

function programArgs(program: NonNullable<TransactionLine["program"]>): Given {
  const { connectionId, readAt, wroteAt, endedAt, endedBy, pause, leftOpenBy } = program;
  return {
    ...{ connection_id: connectionId, read_at: code(readAt), wrote_at: code(wroteAt), ended_at: code(endedAt) },
    ...{ ended_by: endedBy, left_open_by: leftOpenBy, longest_pause_ms: pause?.ms },
    ...{ pause_after: code(pause?.after), pause_before: code(pause?.before) },
  };
}

export function statementArgs(fact: StatementFact): Args {
  return known({ ...sqlArgs(fact), result: fact.result, times: fact.times });
}

export function refusalArgs(line: RefusalLine): Args {
  const { path, tid, connection, result, why, sure, callMs, waitedMs, pathIs, blockers, callSite } = line;
  return known({
    ...{ database: path, database_is: pathIs, thread_id: tid, connection, result, why, sure, call_ms: callMs },
    ...{ waited_ms: waitedMs, ...sqlArgs(line), ...codeArgs(callSite), blockers: blockers?.map(blockerArgs) },
  });
}

export function connectionArgs(line: ConnectionLine): Args {
  const { path, memory, driver, library, timeoutMs, closed, openedAt, closedAt, inherited, times, id } = line;
  return known({
    ...{ connection_id: id, database: path, memory, driver, library, busy_timeout_ms: timeoutMs, closed },
    ...{ opened_at: code(openedAt), closed_at: code(closedAt), inherited, times },
  });
}

export function misuseArgs(line: MisuseLine): Args {
  const { path, connectionId, openedAt, closedAt, ended, times, tid } = line;
  return known({
    ...{ database: path, connection_id: connectionId, thread_id: tid, ...codeArgs(line.callSite) },
    ...{ opened_at: code(openedAt), closed_at: code(closedAt), ended, times },
  });
}

function blockerArgs(blocker: BlockerFact): Args {
  const { pid, lock, heldMs, atLeast, blockedMs, callSite, sql } = blocker;
  return known({
    pid,
    lock,
    held_ms: heldMs,
    held_at_least: flag(atLeast),
    blocked_ms: blockedMs,
    sql,
    code: code(callSite),
  });
}

function sqlArgs({ sql, sqlBytes, sqlBytesAtLeast }: SqlFacts): Given {
  return { sql, sql_bytes: sqlBytes, sql_bytes_at_least: sqlBytesAtLeast };
}

function codeArgs(site: CallSite | null): Given {
  if (site === null) return {};
  const { calledFrom, thread, task, inLibrary, sure } = site;
  return {
    ...{ code: code(site), called_from: calledFrom?.map((each) => placeOf(each)), in_library: inLibrary },
    ...{ thread, task, code_is: sure },
  };
}

function code(site: CallSite | null | undefined): string | undefined {
  return site == null ? undefined : placeOf(site);
}

/** `/srv/app/views.py:42 in create_order` */
function placeOf({ file, line, function: name }: Pick<CallSite, "file" | "line" | "function">): string {
  return `${file}:${line}${name === null ? "" : ` in ${name}`}`;
}

function flag(value: boolean): true | undefined {
  return value ? true : undefined;
}

function known(given: Given): Args {
  const args: Record<string, Value> = {};
  for (const name of Object.keys(given)) {
    const value = given[name];
    if (value != null) args[name] = value;
  }
  return args;
}
