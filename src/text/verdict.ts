/** The verdict in a sentence, or two where the second says what follows: the first line of who-holds. Pure. */

import { basename } from "node:path";
import type { Related } from "../model/relate.ts";
import type { Blocker, Finding, Holder, Progress, Report } from "../model/report.ts";
import type { OutOfSight, Verdict } from "../model/verdict.ts";
import { hasGivenUpCommit } from "../model/waits.ts";
import { duration } from "./duration.ts";
import { holdsExclusive } from "./exclusive.ts";
import { findingClause } from "./finding-clause.ts";
import { shortNameOf } from "./holder.ts";
import { count, grouped, list } from "./list.ts";
import { shellQuoted } from "./shell.ts";

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
        : `Not locked, no process that can be seen has it open; ${hiddenText(unseen)} could not be inspected.`;
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

function blockedSentence(
  { pids }: Verdict,
  blockers: readonly Blocker[],
  waiting: number | null,
  database: Related,
  findings: readonly Finding[],
  most: number,
): string {
  const headline = headlineOf(blockers);
  const locked = `Locked for ${headline.join(" and ")}`;
  const waiter = database.holders.find(({ pid }) => pid === waiting);
  if (waiter !== undefined) return `${locked}: ${waitingClause(waiter, database, most)}.`;
  const strongest = blockers.filter(({ effect }) => effect === headline[0]);
  const main = strongest.find(({ sure }) => sure === "proved") ?? strongest.find(({ pid }) => pid !== null);
  const holder = database.holders.find(({ pid }) => pid === main?.pid);
  if (main === undefined || holder === undefined) return `${locked}: ${unownedClause(strongest, database)}.`;
  const likely = main.sure === "likely" ? "likely " : "";
  const state = stateText(holder, findings);
  const doing =
    state === "" && likelyCommits(holder, main, database)
      ? `is likely writing its commit (EXCLUSIVE lock${checksText(holder.pid, database.progress, ", ")})`
      : sinceText(heldText(holder, database), main, database.progress);
  return (
    `${locked}: ${likely}${shortNameOf(holder, most)} ${doing}` +
    `${state === "" ? "" : ` and ${state}`}${othersText(pids, main, blockers)}.`
  );
}

/** Readers and writers; where it is neither, commits. */
function headlineOf(blockers: readonly Blocker[]): Blocker["effect"][] {
  const effects = new Set(blockers.map(({ effect }) => effect));
  const out = (["readers", "writers"] as const).filter((who) => effects.has(who));
  return out.length === 0 ? ["commits"] : out;
}

/** Those that block beside the main one: of reads in rollback mode, that its commit has to wait for them. */
function othersText(pids: readonly number[], main: Blocker, blockers: readonly Blocker[]): string {
  const others = pids.filter((pid) => pid !== main.pid);
  if (others.length === 0) return "";
  const readOnly = others.every((pid) => blockers.every((each) => each.pid !== pid || each.effect === "commits"));
  // where it keeps all others out, a read beside it blocks nothing more
  if (readOnly && main.effect === "readers") return "";
  if (readOnly && main.effect === "writers")
    return `; its commit has to wait for ${count(others.length, "read")} (${list(others)})`;
  return `; ${count(others.length, "more process blocks", "more processes block")} as well`;
}

/** After `has`. */
function heldText(holder: Holder, { journalMode, waits }: Related): string {
  switch (holder.activity) {
    case "exclusive":
      return holdsExclusive(holder) ? "held the EXCLUSIVE lock" : "held a lock that is not SQLite's";
    case "recovering":
      return "been recovering the WAL";
    case "checkpointing":
      return "held the write lock for a checkpoint";
    case "committing":
      return hasGivenUpCommit(holder, waits)
        ? "held PENDING (likely since a commit that was refused)"
        : "held PENDING for a commit";
    case "writing":
      return holder.blocks.includes("readers") && journalMode !== "wal"
        ? "held the EXCLUSIVE lock of a write"
        : "held the write lock";
    case "reading":
      return "had a read open";
    case "idle":
    case "unknown":
      return "held a lock that is not SQLite's";
  }
}

/**
 * In rollback mode a commit has EXCLUSIVE while it writes to the database file, which is over soon: unless the lock is
 * old, or the process had it in look after look without a transaction.
 */
function likelyCommits(holder: Holder, age: Age, { journalMode, progress }: Related): boolean {
  if (journalMode === "wal" || !holdsExclusive(holder)) return false;
  if (Math.max(age.heldAtLeastMs ?? 0, age.heldLikelyMs ?? 0) >= SHORTEST_MS) return false;
  return holder.activity === "writing" || progress?.inEachLook?.includes(holder.pid) !== true;
}

/** From when on a hold is worth a word about its state. */
const SHORTEST_MS = 1000;

/** A shorter time says nothing: it may have been taken at this moment. */
const SHORTEST_AGE_MS = 100;

/** Looks within a shorter time say as little. */
const SHORTEST_LOOKS_MS = 300;

type Age = Pick<Blocker, "pid" | "heldAtLeastMs" | "heldLikelyMs">;

/** `has held the write lock for at least 4 m 12 s`, `has likely held the write lock for 14 s`. */
function sinceText(held: string, age: Age, progress: Progress | null): string {
  return `has ${isLikely(age) ? "likely " : ""}${held} ${ageText(age, progress)}`;
}

const isLikely = ({ heldLikelyMs }: Pick<Age, "heldLikelyMs">) => heldLikelyMs !== null && heldLikelyMs >= SHORTEST_MS;

/**
 * `for at least 4 m 12 s`, `in each of 24 checks within 0.6 s`, `for an unknown time`; `for 14 s` where `likely` is
 * said beside it.
 */
function ageText({ pid, heldAtLeastMs, heldLikelyMs }: Age, progress: Progress | null): string {
  if (heldLikelyMs !== null && heldLikelyMs >= SHORTEST_MS) return `for ${duration(heldLikelyMs)}`;
  if (heldAtLeastMs !== null && heldAtLeastMs >= SHORTEST_AGE_MS) return `for at least ${duration(heldAtLeastMs)}`;
  return checksText(pid, progress, "") || "for an unknown time";
}

/** What was seen, which does not prove that it kept the lock in between. Empty where it says nothing. */
function checksText(pid: number | null, progress: Progress | null, before: string): string {
  const { looks = 0, inEachLook = [], withinMs = 0 } = progress ?? {};
  return pid !== null && inEachLook.includes(pid) && withinMs >= SHORTEST_LOOKS_MS
    ? `${before}in each of ${looks} checks within ${duration(withinMs)}`
    : "";
}

/** What keeps it from going on, of itself: `is stopped`, `is idle`. Empty where it runs, or nothing is known. */
function stateText(holder: Holder, findings: readonly Finding[]): string {
  if (holder.frozen !== null) return "is frozen";
  if (holder.state === "stopped") return "is stopped";
  if (holder.state === "traced") return "is stopped by a debugger";
  if ((holder.uninterruptible?.idleMs ?? 0) >= SHORTEST_MS) return "hangs in the kernel (state D)";
  const itself = findings.some(
    ({ id, severity, pids }) => id === "same-process-contention" && severity !== "info" && pids.includes(holder.pid),
  );
  if (itself) return "likely waits for itself";
  if (holder.stale.includes("idle-in-transaction")) return "is idle";
  return holder.stale.includes("likely-idle-in-transaction") ? "is likely idle" : "";
}

/** `the read of 4243 (python report.py), open for at least 4 m 12 s, keeps 4242 (python app.py) from committing` */
function waitingClause(waiter: Holder, database: Related, most: number): string {
  const { holders, waits } = database;
  const wait = waits.find(({ pid, blockedBy, byUnknown }) => pid === waiter.pid && (blockedBy.length > 0 || byUnknown));
  const from = { commit: "committing", checkpoint: "finishing its checkpoint", lock: `taking ${wait?.lock}` }[
    wait?.for ?? "lock"
  ];
  const causes = holders.filter(({ pid }) => wait?.blockedBy.includes(pid));
  const likely = wait?.sure === "likely" ? "likely " : "";
  const kept = `${shortNameOf(waiter, most)} from ${from}`;
  const [first] = causes;
  if (first === undefined) return `a process that cannot be seen ${likely}keeps ${kept}`;
  if (causes.length > 1)
    return `${causes.length} processes (${list(causes.map(({ pid }) => pid))}) ${likely}keep ${kept}`;
  const what = wait?.for === "lock" ? shortNameOf(first, most) : `the read of ${shortNameOf(first, most)}`;
  const state = stateText(first, []);
  const stopped = state === "" || state.endsWith("idle") ? "" : `, which ${state}`;
  const how =
    wait?.for === "lock"
      ? ""
      : `, ${isLikely(first) ? "likely " : ""}open ${ageText(first, database.progress)}${stopped},`;
  return `${what}${how} ${likely}keeps ${kept}`;
}

function unownedClause(blockers: readonly Blocker[], { unownedSearched }: Related): string {
  const names = [...new Set(blockers.map(({ lock }) => lock))].join(", ");
  return unownedSearched === "lock-owners"
    ? `a process that was not looked for (--locks-only) holds ${names}`
    : `a process that cannot be seen holds ${names}`;
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
    const state = stateText(first, []);
    return (
      `Not locked. ${shortNameOf(first, most)} ${sinceText("had a read open", first, progress)}` +
      `${state === "" || state === "is idle" ? "" : ` and ${state}`}; it keeps ${kept}.`
    );
  }
  const ageOf = ({ heldAtLeastMs, heldLikelyMs }: Holder) => Math.max(heldAtLeastMs ?? 0, heldLikelyMs ?? 0);
  const oldest = readers.reduce((one, other) => (ageOf(other) > ageOf(one) ? other : one));
  return (
    `Not locked. ${count(readers.length, "read")} (${list(pids)}) have been open, the oldest ` +
    `${isLikely(oldest) ? "likely " : ""}${ageText(oldest, progress)}; ` +
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

function hiddenText(unseen: Report["unseen"]): string {
  const processes = unseen?.processes ?? null;
  return processes === null ? "some processes" : count(processes, "process", "processes");
}
