/** What a recording found, in one sentence. Exactly as sure as the recording is. Pure. */
import type { Behind, RecordingVerdict, SummaryLine, WaitingCounts } from "../../recording/summary-line.ts";
import { count, list } from "../../text/list.ts";
import { capitalized } from "../../text/sentence.ts";
import { lockPhrase, type Names, percent, quotedSql, time, whoText } from "./words.ts";

export type VerdictFacts = Pick<SummaryLine, "verdict" | "durationMs" | "totals" | "databases" | "unknown">;

export function verdictText({ verdict, durationMs, totals, databases, unknown }: VerdictFacts, names: Names): string {
  const within = `in ${time(durationMs)}`;
  switch (verdict.state) {
    case "nothing":
      return verdict.exact && !verdict.atLeast
        ? `No lock was taken ${within}.`
        : `No lock was seen ${within}; ${missedClause(verdict)}.`;
    case "waits-not-seen": {
      const heldMs = databases.reduce((sum, { writeHeldMs }) => sum + writeHeldMs, 0);
      const held = totals.writeHolds === 0 ? "" : ` and held for about ${time(heldMs)} in all`;
      return sentence(`${seen(totals.writeHolds)}${held} ${within}; samples ${NO_WAITS}`);
    }
    case "no-waits": {
      const writes = `${taken(totals.writeHolds, verdict)} ${within}`;
      return verdict.exact && !verdict.atLeast
        ? `No process had to wait, and no call was refused: ${writes}.`
        : `No wait and no refused call was seen: ${writes}; ${missedClause(verdict)}.`;
    }
    case "waits":
    case "refusals":
      return sentence(waitingClause(verdict, unknown.waitsWithoutOutcome > 0), behindClause(verdict, names));
  }
}

function sentence(...clauses: readonly string[]): string {
  return `${capitalized(clauses.join(""))}.`;
}

function taken(holds: number, { atLeast }: RecordingVerdict): string {
  return holds === 0 ? "the write lock was not taken" : `the write lock was taken ${times(holds, atLeast)}`;
}

function seen(holds: number): string {
  return holds === 0 ? "the write lock was not seen to be taken" : `the write lock was taken ${times(holds, true)}`;
}

const NO_WAITS = "cannot show whether a process had to wait or was refused";

function times(number: number, atLeast: boolean): string {
  return `${atLeast ? "at least " : ""}${count(number, "time")}`;
}

/** Why there may have been more. */
function missedClause({ exact }: RecordingVerdict): string {
  return exact ? "some events were lost, so there may have been some" : `samples miss short ones, and ${NO_WAITS}`;
}

/**
 * `isAnyEndUnknown`: of some waits it is not known whether they got the lock.
 * `14 writers waited 58 s in all (14 waits, the longest 5.9 s), were refused 312 times and got SQLITE_BUSY once`.
 */
function waitingClause(verdict: RecordingVerdict, isAnyEndUnknown: boolean): string {
  const { waits, waitedMs, longestWaitMs, refusedAttempts, gaveUp, refusals, waiting, atLeast } = verdict;
  const who = subject(waiting);
  if (waits === 0) return `${who} got SQLITE_BUSY ${times(refusals, atLeast)} without a wait`;
  const all = waits === 1 ? "" : ` in all (${count(waits, "wait")}, the longest ${time(longestWaitMs)})`;
  const waited = `${who} waited ${time(waitedMs, atLeast)}${all}`;
  const refused = refusedAttempts === 0 ? null : `${were(waiting)} refused ${times(refusedAttempts, atLeast)}`;
  if (gaveUp + refusals === 0) {
    if (isAnyEndUnknown) return refused === null ? waited : `${waited} and ${refused}`;
    const got = waits === 1 ? "got the lock" : "got the lock each time";
    return refused === null ? `${waited} and ${got}` : `${waited}, ${refused}, and ${got}`;
  }
  const some = refusals === 0 ? "" : ` (${refusals} of them without a wait)`;
  const without = gaveUp === 0 ? " without a wait" : some;
  const busy = `got SQLITE_BUSY ${times(gaveUp + refusals, atLeast || isAnyEndUnknown)}${without}`;
  return refused === null ? `${waited} and ${busy}` : `${waited}, ${refused} and ${busy}`;
}

/** `14 writers`, `3 writers and 2 readers`, `4 threads of one process`. */
function subject({ processes, threads, writers, readers, checkpointers }: WaitingCounts): string {
  if (processes === 0) return "a process";
  if (processes === 1 && threads > 1) return `${count(threads, "thread")} of one process`;
  const kinds = [
    ...(writers > 0 ? [count(writers, "writer")] : []),
    ...(readers > 0 ? [count(readers, "reader")] : []),
    ...(checkpointers > 0 ? [count(checkpointers, "checkpoint")] : []),
  ];
  return kinds.length === 0 || writers + readers + checkpointers !== processes
    ? count(processes, "process", "processes")
    : list(kinds);
}

function were({ processes, threads }: WaitingCounts): string {
  return processes > 1 || threads > 1 ? "were" : "was";
}

/** From this share on it is "all". */
const ALL = 0.995;

/** From this share on one is named alone. */
const MOST = 0.5;

/** A second one is named if it is behind so much. */
const WORTH_NAMING = 0.15;

function behindClause(verdict: RecordingVerdict, names: Names): string {
  const { behind, unknownShare, oversleptShare } = verdict;
  const [first] = behind;
  if (first === undefined) {
    if (unknownShare >= ALL) return "; the blocker is not known";
    return oversleptShare >= ALL ? "; the lock was free by then" : "";
  }
  const share = shareOf(first, behind);
  if (share >= ALL) return `; all of it behind ${behindText(first, names)}`;
  const statement = statementClause(verdict, share);
  if (statement !== null) return statement;
  const second = behind.find((each) => !isSame(each, first));
  const also =
    second !== undefined && shareOf(second, behind) >= WORTH_NAMING
      ? `; ${percent(shareOf(second, behind))} behind ${whoText(second, names)}`
      : "";
  return `; ${percent(share)} of it behind ${behindText(first, names)}${also}`;
}

/** Of a process, with all its locks and statements. */
function shareOf(who: Behind, behind: readonly Behind[]): number {
  return behind.reduce((sum, each) => (isSame(each, who) ? sum + each.share : sum), 0);
}

function isSame(one: Behind, other: Behind): boolean {
  return one.pid === other.pid && one.startTicks === other.startTicks;
}

/** Many processes of one program, each of them in the way for a moment: by the statement that they have in common. */
function statementClause({ behindStatements: [top] }: RecordingVerdict, share: number): string | null {
  if (top === undefined || top.processes < 2 || share >= MOST || top.share < MOST) return null;
  const much = top.share >= ALL ? "all" : percent(top.share);
  return `; ${much} of it behind ${quotedSql(top.sql)} of ${count(top.processes, "process", "processes")}`;
}

function behindText(behind: Behind, names: Names): string {
  const { lock, lockType, longest } = behind;
  const { heldMs, atLeast, transactionMs, outsideMs, toMs } = longest;
  const held =
    toMs === null
      ? `which has held ${lockPhrase(lock, lockType)} for ${time(heldMs, atLeast)}`
      : `which held ${lockPhrase(lock, lockType)} for ${time(heldMs, atLeast)}`;
  const span = transactionMs !== null && transactionMs > heldMs * 1.05 ? "its transaction" : "that time";
  const outside =
    transactionMs === null || outsideMs === null || transactionMs === 0
      ? ""
      : `, ${percent(outsideMs / transactionMs)} of ${span} outside SQLite`;
  return `${whoText(behind, names)}, ${held}${betweenClause(behind)}${outside}`;
}

/** Which statement took it, and which one released it. */
function betweenClause({ longest, sql }: Behind): string {
  const { firstSql, lastSql, toMs, atLeast, outcome } = longest;
  const start = sql ?? (atLeast ? null : firstSql);
  const end = toMs !== null && (outcome === "commit" || outcome === "rollback") ? lastSql : null;
  if (start !== null && end !== null && start !== end) return ` between ${quotedSql(start)} and ${quotedSql(end)}`;
  if (start !== null) return ` since ${quotedSql(start)}`;
  return end === null ? "" : ` until ${quotedSql(end)}`;
}
