/** Behind whom the time was waited: as a part of a sentence. Pure. */
import type { Behind, HoldSum, RecordingVerdict } from "../../recording/summary-line.ts";
import type { LockName, LockType } from "../../sqlite/locks.ts";
import { count } from "../../text/list.ts";
import { atText } from "./call-site.ts";
import { type Names, percent, quotedSql, time, whoText } from "./words.ts";

/** From this share on it is "all". */
const ALL = 0.995;

/** From this share on one is named alone. */
const MOST = 0.5;

/** One of many is named if it is behind so much, and so is a second one. */
const WORTH_NAMING = 0.15;

export function behindText(verdict: RecordingVerdict, names: Names): string {
  const { behind, unknownShare, oversleptShare } = verdict;
  const [first, second] = byProcess(behind);
  if (first === undefined) {
    if (unknownShare >= ALL) return "; the blocker is not known";
    return oversleptShare >= ALL ? "; the lock was free by then" : "";
  }
  const own = ownProcess(verdict);
  if (first.share >= ALL) return `; all of it behind ${own}${blockerText(first.main, names)}`;
  const statement = statementClause(verdict, first.share);
  if (statement !== null) return statement;
  if (first.share < WORTH_NAMING) {
    return `; no process is known to have been in the way for more than ${percent(first.share)} of it`;
  }
  const also =
    second !== undefined && second.share >= WORTH_NAMING
      ? `; ${percent(second.share)} behind ${whoText(second.main, names)}`
      : "";
  return `; ${percent(first.share)} of it behind ${own}${blockerText(first.main, names)}${also}`;
}

/** Where all waits were for another connection of the process itself. */
function ownProcess({ withinProcess, waits, atOnce }: RecordingVerdict): string {
  return withinProcess.times > 0 && withinProcess.times >= waits - atOnce
    ? "another connection of the same process (likely), "
    : "";
}

interface OfProcess {
  /** With all its locks and statements. */
  readonly share: number;
  /** The one with most of it. */
  readonly main: Behind;
}

/** The greatest share first. */
function byProcess(behind: readonly Behind[]): OfProcess[] {
  const processes: OfProcess[] = [];
  for (const each of behind) {
    const isKnown = processes.some(({ main }) => main.pid === each.pid && main.startTicks === each.startTicks);
    if (!isKnown) processes.push({ share: each.processShare, main: each });
  }
  return processes.sort((a, b) => b.share - a.share);
}

/** Many processes of one program, each of them in the way for a moment: by the statement that they have in common. */
function statementClause({ behindStatements: [top] }: RecordingVerdict, share: number): string | null {
  if (top === undefined || top.processes < 2 || share >= MOST || top.share < MOST) return null;
  const much = top.share >= ALL ? "all" : percent(top.share);
  const held = top.holds === null || top.holds.times === 0 ? "" : `, which held the write lock ${sumText(top.holds)}`;
  return `; ${much} of it behind ${quotedSql(top.sql)} of ${count(top.processes, "process", "processes")}${held}`;
}

/** `55 times, 4.9 s in all`. */
function sumText({ times, totalMs, atLeast }: HoldSum): string {
  const all =
    times === 1 ? `for ${time(totalMs, atLeast)}` : `${count(times, "time")}, ${time(totalMs, atLeast)} in all`;
  return all;
}

/** `which began its transaction at views.py:42 and `: the answer, where the program tells it; else empty. */
export function begunText({ longest, callSite }: Behind, folder: string | null): string {
  if (longest.begunAt !== undefined) return `began its transaction${atText(longest.begunAt, folder)} and `;
  return callSite === null ? "" : `took it${atText(callSite, folder)} and `;
}

/** `which held the write lock 55 times, 4.9 s in all`. */
export function heldText(behind: Behind, folder: string | null): string {
  const { lock, lockType, longest } = behind;
  const what = lockWords(lock, lockType);
  const begun = begunText(behind, folder);
  if (isManyTimes(behind)) return `which ${begun}held ${what} ${sumText(behind.holds)}`;
  const has = longest.toMs === null && longest.outcome === "open" ? "has held" : "held";
  return `which ${begun}${has} ${what} for ${time(longest.heldMs, longest.atLeast)}`;
}

/** Where one hold is nearly all of it, that one alone is told. */
const NEARLY_ALL = 0.9;

function isManyTimes(behind: Behind): behind is Behind & { readonly holds: HoldSum } {
  const { holds, longest } = behind;
  return holds !== null && holds.times > 1 && longest.heldMs < holds.totalMs * NEARLY_ALL;
}

function blockerText(behind: Behind, names: Names): string {
  const { lock, lockType, longest } = behind;
  const { heldMs, atLeast, transactionMs, outsideMs, outcome, toMs, keptAfterEndMs } = longest;
  const what = lockWords(lock, lockType);
  const length = time(heldMs, atLeast);
  const begun = begunText(behind, names.folder);
  const held = isManyTimes(behind)
    ? `which ${begun}held ${what} ${sumText(behind.holds)}, once for ${length}`
    : `which ${begun}${toMs === null && outcome !== null ? "has held" : "held"} ${what} for ${length}`;
  const start = `${whoText(behind, names)}, ${held}${betweenClause(behind)}`;
  if (keptAfterEndMs !== null)
    return `${start}, ${time(keptAfterEndMs)} of it after its transaction had ended (likely exclusive locking mode)`;
  const span = transactionMs !== null && transactionMs > heldMs * 1.05 ? "its transaction" : "that time";
  const outside =
    transactionMs === null || outsideMs === null || transactionMs === 0
      ? ""
      : `, ${percent(outsideMs / transactionMs)} of ${span} outside SQLite`;
  return `${start}${outside}`;
}

/** Without the names of SQLite's locks, which few people know. */
function lockWords(lock: LockName, type: LockType): string {
  if (type === "read") return "a lock for reading";
  if (lock === "WRITE" || lock === "RESERVED") return "the write lock";
  if (lock === "PENDING" || lock === "EXCLUSIVE" || lock === "SHARED") return "the whole database";
  return lock === "CKPT" || lock.startsWith("READ") ? "a lock of a checkpoint" : "a lock for opening the database";
}

/** Which statement took it, and which one released it. */
function betweenClause({ longest, sql }: Behind): string {
  const { firstSql, lastSql, toMs, atLeast, outcome } = longest;
  const start = sql ?? (atLeast ? null : firstSql);
  const end = toMs !== null && (outcome === "commit" || outcome === "rollback") ? lastSql : null;
  if (start !== null && end !== null && start !== end) return ` between ${quotedSql(start)} and ${quotedSql(end)}`;
  if (start !== null && outcome === null) return `, taken by ${quotedSql(start)}`; // maybe it is released by now
  if (start !== null) return ` since ${quotedSql(start)}`;
  return end === null ? "" : ` until ${quotedSql(end)}`;
}
