/** What repeats in a recording, with its evidence, and what helps. Pure. */

import type { Numbered } from "../../features/record/known-processes.ts";
import type { FixId, Pattern, SameProcessConnections } from "../../recording/summary/pattern.ts";
import { count, grouped, list } from "../../text/list.ts";
import { capitalized } from "../../text/sentence.ts";
import { times as timesText } from "./verdict-waiting.ts";
import { type Names, percent, quotedSql, time, whoText } from "./words.ts";

/** The most processes that a pattern names. */
const MAX_NAMED = 2;

/** A sentence with the evidence. `atLeast`: counts and times are lower bounds. */
export function patternText(pattern: Pattern, names: Names, atLeast: boolean, startTicksOf: StartTicksOf): string {
  const who = subjectText(pattern.pids, names, startTicksOf);
  const sure = pattern.sure === "likely" ? " (likely)" : "";
  const sql = pattern.sql === null ? "" : ` Statement: ${quotedSql(pattern.sql)}.`;
  const readers = (many: number) => {
    if (pattern.id !== "checkpoint-kept-busy") return "";
    const named = subjectText(pattern.evidence.readerPids, names, startTicksOf);
    return many === 1 ? `the reader ${named}` : `${count(many, "reader")}, ${named},`;
  };
  return `${capitalized(clauseOf(pattern, who, atLeast, readers))}${sure}.${sql}`;
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

function clauseOf(pattern: Pattern, who: string, atLeast: boolean, readersText: (readers: number) => string): string {
  const many = pattern.pids.length > 1;
  const is = (one: string, several: string) => (many ? several : one);
  const times = (number: number) => timesText(number, atLeast);
  switch (pattern.id) {
    case "read-then-write":
      return (
        `transactions of ${who} read first and wrote later, and were refused at once, ` +
        `${times(pattern.evidence.refused)}${likelyPart(pattern.evidence.likely)}: waiting cannot help them`
      );
    case "busy-snapshot":
      return (
        `transactions of ${who} wanted to write after another connection had changed what they had read: ` +
        `SQLITE_BUSY_SNAPSHOT, ${times(pattern.evidence.refused)}`
      );
    case "no-busy-timeout":
      return (
        `${who} ${is("gives", "give")} up at the first refusal, without a wait: ${times(pattern.evidence.refused)}` +
        ` (within ${time(pattern.evidence.longestMs)})`
      );
    case "same-process-connections":
      return sameProcessClause(pattern.evidence, who, times);
    case "exclusive-mode": {
      const { times: kept, keptMs, longestMs, blockedMs } = pattern.evidence;
      const all = kept === 1 ? "" : ` in all (${count(kept, "time")}, the longest ${time(longestMs)})`;
      const waited = blockedMs === 0 ? "" : `; others waited ${time(blockedMs, atLeast)} for it`;
      return (
        `${who} kept the write lock for ${time(keptMs)}${all} after the transaction had ended, as in exclusive ` +
        `locking mode${waited}`
      );
    }
    case "think-time": {
      const { transactions, longestMs, totalMs, totalOutsideMs, blockedMs } = pattern.evidence;
      const outside = totalMs === 0 ? "" : `, ${percent(totalOutsideMs / totalMs)} of it outside SQLite`;
      const waited =
        blockedMs === 0 ? "" : `; others waited ${time(blockedMs, atLeast)} for ${transactions === 1 ? "it" : "them"}`;
      if (transactions === 1) return `${who} kept a write transaction open for ${time(longestMs)}${outside}${waited}`;
      return (
        `${who} kept ${count(transactions, "write transaction")} open for ${time(totalMs)} in all${outside} ` +
        `(the longest ${time(longestMs)})${waited}`
      );
    }
    case "starvation": {
      const { waits, waitedMs, got, longestMs, others, overtaken } = pattern.evidence;
      const all = waits === 1 ? "" : ` in all (${count(waits, "wait")}, the longest ${time(longestMs)})`;
      return (
        `${who} waited ${time(waitedMs)}${all} for the write lock and held it ${times(got)} in the whole recording, ` +
        `while others (${count(others, "process", "processes")}) took it ${times(overtaken)} during ` +
        `${waits === 1 ? "that wait" : "these waits"}`
      );
    }
    case "checkpoint-kept-busy": {
      const { waitedMs, checkpoints, gaveUp, readers, longestReadMs } = pattern.evidence;
      const incomplete =
        gaveUp === 0 ? "" : ` and ${gaveUp === checkpoints ? "did" : `${gaveUp} of them did`} not finish`;
      return (
        `${count(checkpoints, "checkpoint")} of ${who} waited ${time(waitedMs)}${incomplete}, because ` +
        `${readersText(readers)} kept reading (longest ${time(longestReadMs)})`
      );
    }
    case "one-transaction-per-row": {
      const { commits, heldMs, overMs } = pattern.evidence;
      return (
        `${who} made ${grouped(commits)} transactions of one change each within ` +
        `${time(overMs)}, and held the write lock for ${time(heldMs)} of it`
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

function likelyPart(likely: number): string {
  return likely === 0 ? "" : ` (${grouped(likely)} of them likely so)`;
}

function sameProcessClause(
  { refused, waits, waitedMs, longestMs }: SameProcessConnections["evidence"],
  who: string,
  times: (number: number) => string,
): string {
  const waited = `waited ${time(waitedMs)} in all (the longest ${time(longestMs)}) inside SQLite for each other`;
  const others = ": no other process was involved";
  if (waitedMs === 0) return `connections inside ${who} were in each other's way ${times(refused)}${others}`;
  const failed = refused === 0 ? ` (${count(waits, "wait")})` : `; a call was refused ${times(refused)}`;
  return `connections inside ${who} ${waited}${failed}${others}`;
}

const FIXES: Readonly<Record<FixId, string>> = {
  "begin-immediate": "Begin transactions that will write with BEGIN IMMEDIATE: then the busy timeout applies.",
  "set-busy-timeout": "Set a busy timeout on each connection: PRAGMA busy_timeout = 5000.",
  "one-connection": "Let one connection of the process write, or commit before the other one writes.",
  "commit-before-work":
    "Do slow work (network, files, computing) before BEGIN or after COMMIT; after BEGIN, check again what it relied " +
    "on.",
  "normal-locking-mode": "Leave PRAGMA locking_mode at NORMAL, or close the connection once it has committed.",
  "pause-between": "Let those that take the lock often pause between two transactions, or put more work into each.",
  "end-reads": "End read transactions soon: finish or reset statements, and commit.",
  "one-transaction":
    "Put many rows into one transaction: the lock is taken once, but a crash before the commit loses all of them.",
  "shorter-sleeps": "Retry more often: SQLite's own busy timeout sleeps 100 ms at most.",
};

/** What helps, and the command that explains it. */
export function fixText({ fix, explain }: Pick<Pattern, "fix" | "explain">): string {
  return `${FIXES[fix]} See: sqlock explain ${explain}`;
}
