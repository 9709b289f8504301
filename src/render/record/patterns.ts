/** What repeats in a recording, with its evidence, and what helps. Pure. */

import type { Numbered } from "../../features/record/known-processes.ts";
import type { CallSite } from "../../recording/lines.ts";
import type { Pattern, ReadThenWrite, SameProcessConnections, ThinkTime } from "../../recording/summary/pattern.ts";
import { count, grouped, list } from "../../text/list.ts";
import { capitalized } from "../../text/sentence.ts";
import { atText, pauseText } from "./call-site.ts";
import { programClause } from "./program-patterns.ts";
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
  const clause = programClause(pattern, who, atLeast, names.folder) ?? clauseOf(pattern, who, atLeast, readers, names);
  return `${capitalized(clause)}${sure}.${sql}`;
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

function clauseOf(
  pattern: Pattern,
  who: string,
  atLeast: boolean,
  readersText: (readers: number) => string,
  { folder }: Names,
): string {
  const many = pattern.pids.length > 1;
  const is = (one: string, several: string) => (many ? several : one);
  const times = (number: number) => timesText(number, atLeast);
  switch (pattern.id) {
    case "read-then-write":
      return (
        `transactions of ${who} read first and wrote later, and were refused at once, ` +
        `${times(pattern.evidence.refused)}${likelyPart(pattern.evidence)}: waiting cannot help them` +
        readAndWroteText(pattern.evidence, folder)
      );
    case "busy-snapshot":
      return (
        `transactions of ${who} wanted to write after another connection had changed what they had read: ` +
        `SQLITE_BUSY_SNAPSHOT, ${times(pattern.evidence.refused)}${readAndWroteText(pattern.evidence, folder)}`
      );
    case "no-busy-timeout": {
      const { refused, longestMs, refusedAt, openedAt } = pattern.evidence;
      const opened = openedAt === undefined ? "" : `; opened with a timeout of 0${atText(openedAt, folder)}`;
      return (
        `${who} ${is("gives", "give")} up at the first refusal, without a wait: ${times(refused)}` +
        `${atText(refusedAt, folder)} (within ${time(longestMs)})${opened}`
      );
    }
    case "same-process-connections":
      return sameProcessClause(pattern.evidence, who, times, folder);
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
      const where = thinkingText(pattern.evidence, folder);
      if (transactions === 1)
        return `${who} kept a write transaction open for ${time(longestMs)}${outside}${waited}${where}`;
      return (
        `${who} kept ${count(transactions, "write transaction")} open for ${time(totalMs)} in all${outside} ` +
        `(the longest ${time(longestMs)})${waited}${where}`
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
      const { waitedMs, checkpoints, gaveUp, readers, longestReadMs, readAt } = pattern.evidence;
      const incomplete =
        gaveUp === 0 ? "" : ` and ${gaveUp === checkpoints ? "did" : `${gaveUp} of them did`} not finish`;
      return (
        `${count(checkpoints, "checkpoint")} of ${who} waited ${time(waitedMs)}${incomplete}, because ` +
        `${readersText(readers)} kept reading (longest ${time(longestReadMs)}${atText(readAt, folder)})`
      );
    }
    case "one-transaction-per-row": {
      const { commits, heldMs, overMs, changedAt } = pattern.evidence;
      return (
        `${who} made ${grouped(commits)} transactions of one change each within ` +
        `${time(overMs)}${atText(changedAt, folder)}, and held the write lock for ${time(heldMs)} of it`
      );
    }
    case "oversleep": {
      const { waits, totalMs, longestMs, waitedMs } = pattern.evidence;
      return (
        `in ${count(waits, "wait")} of ${who} the lock was already free for ${time(totalMs)} of ${time(waitedMs)} ` +
        `(longest ${time(longestMs)}): the retry slept longer than needed`
      );
    }
    default:
      return who; // the other ones: program-patterns.ts
  }
}

interface ReadAndWrote {
  readonly readAt?: CallSite;
  readonly wroteAt?: CallSite;
}

/** `; read at views.py:40, refused at views.py:44` */
function readAndWroteText({ readAt, wroteAt }: ReadAndWrote, folder: string | null): string {
  const parts = [
    ...(readAt === undefined ? [] : [`read${atText(readAt, folder)}`]),
    ...(wroteAt === undefined ? [] : [`refused${atText(wroteAt, folder)}`]),
  ];
  return parts.length === 0 ? "" : `; ${parts.join(", ")}`;
}

/** `; begun at views.py:40, and nothing for 2.1 s after views.py:42 (before views.py:45)` */
function thinkingText({ begunAt, pause }: ThinkTime["evidence"], folder: string | null): string {
  const begun = begunAt === undefined ? "" : `; begun${atText(begunAt, folder)}`;
  return pause === undefined ? begun : `${begun}${begun === "" ? ";" : ","} ${pauseText(pause, folder)}`;
}

function likelyPart({ likely, refused }: ReadThenWrite["evidence"]): string {
  return likely === 0 || likely === refused ? "" : ` (${grouped(likely)} of them likely so)`;
}

function sameProcessClause(
  { refused, waits, waitedMs, longestMs, usedAt }: SameProcessConnections["evidence"],
  who: string,
  times: (number: number) => string,
  folder: string | null,
): string {
  const waited = `waited ${time(waitedMs)} in all (the longest ${time(longestMs)}) inside SQLite for each other`;
  const others = `${atText(usedAt, folder)}: no other process was involved`;
  if (waitedMs === 0) return `connections inside ${who} were in each other's way ${times(refused)}${others}`;
  const failed = refused === 0 ? ` (${count(waits, "wait")})` : `; a call was refused ${times(refused)}`;
  return `connections inside ${who} ${waited}${failed}${others}`;
}
