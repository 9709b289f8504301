/** What repeats in a recording, with its evidence, and what helps. Pure. */

import type { Numbered } from "../../features/record/known-processes.ts";
import type { FixId, Pattern } from "../../recording/summary/pattern.ts";
import { count, grouped, list } from "../../text/list.ts";
import { capitalized } from "../../text/sentence.ts";
import { type Names, percent, quotedSql, time, whoText } from "./words.ts";

/** The most processes that a pattern names. */
const MAX_NAMED = 2;

/** A sentence with the evidence. `atLeast`: counts and times are lower bounds. */
export function patternText(pattern: Pattern, names: Names, atLeast: boolean, startTicksOf: StartTicksOf): string {
  const who = subjectText(pattern.pids, names, startTicksOf);
  const sure = pattern.sure === "likely" ? " (likely)" : "";
  const sql = pattern.sql === null ? "" : ` Statement: ${quotedSql(pattern.sql)}.`;
  return `${capitalized(clauseOf(pattern, who, atLeast))}${sure}.${sql}`;
}

/** Patterns name their processes by number alone. */
export type StartTicksOf = (pid: number) => string | null;

function subjectText(pids: readonly number[], names: Names, startTicksOf: StartTicksOf): string {
  if (pids.length === 0) return "a process that is not known";
  const named = pids.slice(0, MAX_NAMED).map((pid) => whoText(numbered(pid, startTicksOf), names));
  const more = pids.length - named.length;
  return list(more === 0 ? named : [...named, `${count(more, "other process", "other processes")}`]);
}

function numbered(pid: number, startTicksOf: StartTicksOf): Numbered {
  return { pid, startTicks: startTicksOf(pid) };
}

function clauseOf(pattern: Pattern, who: string, atLeast: boolean): string {
  const many = pattern.pids.length > 1;
  const is = (one: string, several: string) => (many ? several : one);
  const times = (number: number) => `${atLeast ? "at least " : ""}${count(number, "time")}`;
  switch (pattern.id) {
    case "read-then-write":
      return (
        `transactions of ${who} read first and wrote later, and were refused at once, ` +
        `${times(pattern.evidence.refused)}: waiting cannot help them`
      );
    case "busy-snapshot":
      return (
        `transactions of ${who} wanted to write after another process had changed what they had read: ` +
        `SQLITE_BUSY_SNAPSHOT, ${times(pattern.evidence.refused)}`
      );
    case "no-busy-timeout":
      return (
        `${who} ${is("gives", "give")} up at the first refusal, without a wait: ${times(pattern.evidence.refused)}` +
        ` (within ${time(pattern.evidence.longestMs)})`
      );
    case "same-process-connections":
      return (
        `two connections inside ${who} were in each other's way ${times(pattern.evidence.refused)}: no other process ` +
        "was involved"
      );
    case "think-time": {
      const { transactions, longestMs, totalMs, totalOutsideMs, blockedMs } = pattern.evidence;
      const outside = totalMs === 0 ? "" : `, ${percent(totalOutsideMs / totalMs)} of it outside SQLite`;
      const waited = blockedMs === 0 ? "" : `; others waited ${time(blockedMs, atLeast)} for it`;
      if (transactions === 1) return `${who} kept a write transaction open for ${time(longestMs)}${outside}${waited}`;
      return (
        `${who} kept ${count(transactions, "write transaction")} open for ${time(totalMs)} in all${outside} ` +
        `(the longest ${time(longestMs)})${waited}`
      );
    }
    case "starvation": {
      const { waitedMs, got, longestMs, others, othersWaitedMs, othersGot } = pattern.evidence;
      return (
        `${who} waited ${time(waitedMs)} (longest ${time(longestMs)}) and got the write lock ${times(got)}; ` +
        `${count(others, "other writer")} waited ${time(othersWaitedMs)} on average and got it ${times(othersGot)}`
      );
    }
    case "checkpoint-kept-busy": {
      const { refused, waitedMs, readers, longestReadMs } = pattern.evidence;
      const waited = waitedMs === 0 ? "" : ` and waited ${time(waitedMs)}`;
      return (
        `checkpoints of ${who} were refused ${times(refused)}${waited}, because ${count(readers, "reader")} kept ` +
        `reading (longest ${time(longestReadMs)})`
      );
    }
    case "one-transaction-per-row": {
      const { commits, heldMs, overMs } = pattern.evidence;
      return (
        `${who} made ${grouped(commits)} transactions of one statement each within ${time(overMs)}, and held the ` +
        `write lock for ${time(heldMs)} of it`
      );
    }
    case "oversleep": {
      const { waits, totalMs, longestMs, waitedMs } = pattern.evidence;
      return (
        `in ${count(waits, "wait")} of ${who} the lock was already free for ${time(totalMs)} of ${time(waitedMs)} ` +
        `(longest ${time(longestMs)}): the retry slept longer than needed`
      );
    }
  }
}

const FIXES: Readonly<Record<FixId, string>> = {
  "begin-immediate": "Begin transactions that will write with BEGIN IMMEDIATE: then the busy timeout applies.",
  "set-busy-timeout": "Set a busy timeout on each connection: PRAGMA busy_timeout = 5000.",
  "one-connection": "Let one connection of the process write, or commit before the other one writes.",
  "commit-before-work": "Commit before slow work (network, files, computing), and begin the transaction after it.",
  "shorter-transactions": "Make write transactions shorter: fewer rows in each, and a pause between them.",
  "end-reads": "End read transactions soon: finish or reset statements, and commit.",
  "one-transaction": "Put many rows into one transaction: the lock is then taken once.",
  "shorter-sleeps": "Retry more often: SQLite's own busy timeout sleeps 100 ms at most.",
};

/** What helps, and the command that explains it. */
export function fixText({ fix, explain }: Pick<Pattern, "fix" | "explain">): string {
  return `${FIXES[fix]} See: sqlock explain ${explain}`;
}
