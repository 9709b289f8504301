/** The verdict in a sentence, or two where the second says what follows: the first line of who-holds. Pure. */

import { basename } from "node:path";
import type { Related } from "../model/relate.ts";
import type { Finding, Holder, Report } from "../model/report.ts";
import type { OutOfSight, Verdict } from "../model/verdict.ts";
import { blockedSentence } from "./blocked-verdict.ts";
import { findingClause } from "./finding-clause.ts";
import { ageText, sinceText } from "./hold-age.ts";
import { shortNameOf } from "./holder.ts";
import { hasLikelyAge } from "./likely.ts";
import { count, grouped, list } from "./list.ts";
import { shellQuoted } from "./shell.ts";
import { STANDSTILL_TEXTS, standstillOf } from "./standstill.ts";
import { unseenCount } from "./unseen.ts";

/** The longest command in a verdict, by how much room there is. */
const NAME_LENGTHS = [60, 48, 40, 34, 30, 26, 22, 19, 16] as const;

/** At the end of a line of a terminal, so many columns may stay empty, since no word is broken. */
const SLACK = 12;

export interface VerdictContext {
  readonly findings: readonly Finding[];
  readonly unseen: Report["unseen"];
  /** Of the terminal, where it is to fit in two lines: names of processes are cut for that. Null: of any length. */
  readonly columns?: number | null;
}

export function verdictSentence(verdict: Verdict, database: Related, context: VerdictContext): string {
  const room = context.columns == null ? Number.POSITIVE_INFINITY : 2 * (context.columns - SLACK);
  let sentence = "";
  for (const most of NAME_LENGTHS) {
    sentence = sentenceOf(verdict, database, context, most);
    if (sentence.length <= room) break;
  }
  return sentence;
}

function sentenceOf(verdict: Verdict, database: Related, { findings, unseen }: VerdictContext, most: number): string {
  const { reason, pids } = verdict;
  switch (reason.kind) {
    case "lock-directory":
      return lockDirectorySentence(database);
    case "blockers":
      return blockedSentence(verdict, reason.blockers, reason.waiting, database, findings, most);
    case "turns":
      return turnsSentence(pids, database, most);
    case "unsafe":
      return `Not safe to open: ${findingClause(reason.finding, database, unseen, most)}.`;
    case "no-locks":
      return (
        `Unknown: ${count(database.holders.length, "process has", "processes have")} it open, and lsof does not show ` +
        `${database.holders.length === 1 ? "its" : "their"} locks.`
      );
    case "journal":
      return (
        "Unknown: a -journal lies beside it, and whether the writer of its transaction has died, or works out of " +
        "sight, does not show."
      );
    case "out-of-sight":
      return (
        `Unknown: no process that can be seen ${database.holders.length === 0 ? "has it open" : "blocks it"}, and ` +
        `${OUT_OF_SIGHT[reason.where]}.`
      );
    case "other-program":
      return (
        `Unknown: ${pids.length === 0 ? "an unknown process" : whoOf(pids, database.holders, most)} ` +
        `${pids.length > 1 ? "use" : "uses"} it, and not by SQLite's default locks: whether ` +
        `${pids.length > 1 ? "they write" : "it writes"} does not show.`
      );
    case "pinned":
      return pinnedSentence(pids, reason.frames, database, most);
    case "finding":
      return `Not locked, but ${findingClause(reason.finding, database, unseen, most)}.`;
    case "open":
      return openSentence(database, most);
    case "maybe-open":
      return reason.why === "locks-only"
        ? "Not locked. Open files were not looked for (--locks-only)."
        : `Not locked, no process that can be seen has it open; ${unseenCount(unseen)} could not be inspected.`;
    case "nobody":
      return "Not locked, nobody has it open.";
  }
}

const OUT_OF_SIGHT: Readonly<Record<OutOfSight, string>> = {
  view: "locks that are taken through an overlay mount do not show here",
  namespace: "locks of processes outside this container (pid namespace) do not show here",
  network: "locks of other machines on its file system do not show here",
  "unread-locks": "not all locks could be read in time",
  lsof: "the open files of other users do not show here",
};

function lockDirectorySentence({ lockDirectory }: Related): string {
  const { path = "", pid } = lockDirectory ?? {};
  const name = shellQuoted(basename(path));
  return pid === undefined
    ? `Locked for programs that lock by a directory: ${name} is there, and which process made it does not show.`
    : `Locked for programs that lock by a file: ${name} is there, with the pid ${pid}.`;
}

/** Only what was seen: commits that ended, locks that were released, or that others had. */
function turnsSentence(pids: readonly number[], { progress, holders, changesHands }: Related, most: number): string {
  const who = whoOf(pids, holders, most);
  const commits = progress?.commits ?? 0;
  const withinMs = progress?.withinMs ?? Math.max(0, ...changesHands.map((each) => each.withinMs));
  const reads = pids.length === 1 && holders.find(({ pid }) => pid === pids[0])?.activity === "reading";
  const released = reads ? "a read was over" : "the lock was released";
  const seen = commits > 0 ? `at least ${count(commits, "commit")}` : released;
  const doing = pids.length !== 1 ? "take turns" : reads ? "reads for moments" : "holds the lock for moments";
  return `Busy, not stuck: ${who} ${doing} (${seen} within ${withinMs} ms).`;
}

function pinnedSentence(pids: readonly number[], frames: number, database: Related, most: number): string {
  const { holders, progress } = database;
  const readers = holders.filter(({ pid }) => pids.includes(pid));
  const [first] = readers;
  const kept = `${count(frames, "WAL frame")} from being copied back`;
  if (first === undefined) return "Not locked.";
  if (readers.length === 1) {
    const standstill = standstillOf(first, []);
    return (
      `Not locked. ${shortNameOf(first, most)} ${sinceText("had a read open", first, progress)}` +
      `${standstill === null || standstill === "idle" ? "" : ` and ${STANDSTILL_TEXTS[standstill]}`}; it keeps ${kept}.`
    );
  }
  const ageOf = ({ heldAtLeastMs, heldLikelyMs }: Holder) => Math.max(heldAtLeastMs ?? 0, heldLikelyMs ?? 0);
  const oldest = readers.reduce((one, other) => (ageOf(other) > ageOf(one) ? other : one));
  return (
    `Not locked. ${count(readers.length, "read")} (${list(pids)}) have been open, the oldest ` +
    `${hasLikelyAge(oldest) ? "likely " : ""}${ageText(oldest, progress)}; ` +
    `they keep ${kept}.`
  );
}

function openSentence({ holders }: Related, most: number): string {
  const [first] = holders;
  if (first === undefined) return "Not locked. A process that cannot be seen has it open.";
  if (holders.length === 1) {
    const doing = first.activity === "idle" ? "is idle" : `is ${first.activity}`;
    return `Not locked. ${shortNameOf(first, most)} has it open and ${doing}.`;
  }
  const activities = [...new Set(holders.map(({ activity }) => activity))];
  const parts = activities.map(
    (activity) => `${grouped(holders.filter((each) => each.activity === activity).length)} ${activity}`,
  );
  return activities.length === 1
    ? `Not locked. ${count(holders.length, "process", "processes")} have it open, all ${activities[0]}.`
    : `Not locked. ${count(holders.length, "process", "processes")} have it open: ${list(parts)}.`;
}

/** `4242 (python app.py)`; of several how many, and which: `3 processes (4242, 4243 and 4244)`. */
function whoOf(pids: readonly number[], holders: readonly Holder[], most: number): string {
  const [pid] = pids;
  if (pid === undefined) return "processes that had ended when they were to be inspected";
  const holder = holders.find((each) => each.pid === pid);
  if (pids.length === 1) return holder === undefined ? String(pid) : shortNameOf(holder, most);
  return `${pids.length} processes (${list(pids)})`;
}
