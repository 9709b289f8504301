/** The verdict on a database that is locked: for whom, by which process, since when, and what keeps it. Pure. */
import type { Related } from "../model/relate.ts";
import type { Blocker, Finding, Holder } from "../model/report.ts";
import type { Verdict } from "../model/verdict.ts";
import { hasGivenUpCommit } from "../model/waits.ts";
import { holdsExclusive } from "./exclusive.ts";
import { ageText, checksText, type HoldAge, sinceText } from "./hold-age.ts";
import { shortNameOf } from "./holder.ts";
import { hasLikelyAge } from "./likely.ts";
import { count, list } from "./list.ts";
import { STANDSTILL_TEXTS, standstillOf } from "./standstill.ts";

export function blockedSentence(
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
  const standstill = standstillOf(holder, findings);
  const doing =
    standstill === null && likelyCommits(holder, main, database)
      ? `is likely writing its commit (EXCLUSIVE lock${checksText(holder.pid, database.progress, ", ")})`
      : sinceText(heldText(holder, database), main, database.progress);
  return (
    `${locked}: ${likely}${shortNameOf(holder, most)} ${doing}` +
    `${standstill === null ? "" : ` and ${STANDSTILL_TEXTS[standstill]}`}${othersText(pids, main, blockers)}.`
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

/** A commit that has not ended after so long, in ms, is none of those that are over soon. */
const SHORT_COMMIT_MS = 1000;

/**
 * In rollback mode a commit has EXCLUSIVE while it writes to the database file, which is over soon: unless the lock is
 * old, or the process had it in look after look without a transaction.
 */
function likelyCommits(holder: Holder, age: HoldAge, { journalMode, progress }: Related): boolean {
  if (journalMode === "wal" || !holdsExclusive(holder)) return false;
  if (Math.max(age.heldAtLeastMs ?? 0, age.heldLikelyMs ?? 0) >= SHORT_COMMIT_MS) return false;
  return holder.activity === "writing" || progress?.inEachLook?.includes(holder.pid) !== true;
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
  const standstill = standstillOf(first, []);
  const isIdle = standstill === "idle" || standstill === "likely-idle";
  const stopped = standstill === null || isIdle ? "" : `, which ${STANDSTILL_TEXTS[standstill]}`;
  const how =
    wait?.for === "lock"
      ? ""
      : `, ${hasLikelyAge(first) ? "likely " : ""}open ${ageText(first, database.progress)}${stopped},`;
  return `${what}${how} ${likely}keeps ${kept}`;
}

function unownedClause(blockers: readonly Blocker[], { unownedSearched }: Related): string {
  const names = [...new Set(blockers.map(({ lock }) => lock))].join(", ");
  return unownedSearched === "lock-owners"
    ? `a process that was not looked for (--locks-only) holds ${names}`
    : `a process that cannot be seen holds ${names}`;
}
