/** Whether a database is locked, as the screen says it: one sentence. Pure. */
import type { HolderView } from "../../features/watch/holder-view.ts";
import type { LiveVerdict } from "../../features/watch/live-verdict.ts";
import { lockRow } from "../../sqlite/locks.ts";
import { duration } from "../../text/duration.ts";
import { count, list } from "../../text/list.ts";
import { cut } from "../layout.ts";
import { shortTime } from "./times.ts";

/** Untrusted: the command of a process is in it. */
export function verdictText(verdict: LiveVerdict): string {
  switch (verdict.kind) {
    case "looking":
      return "Looking for the processes that have it open.";
    case "no-file":
      return "There is no database at this path now.";
    case "held":
      return heldText(verdict);
    case "busy":
      return busyText(verdict);
    case "looked":
      return verdict.sentence;
    case "released":
      return `Not locked. ${openText(verdict.open)}`;
  }
}

const MAX_COMMAND = 36;

function nameOf({ pid, command }: Pick<HolderView, "pid" | "command">): string {
  return `${pid} (${cut(command, MAX_COMMAND, "...")})`;
}

function heldText({ holder, lock, more }: Extract<LiveVerdict, { kind: "held" }>): string {
  const { blocks, heldMs, atLeast, stale } = holder;
  const kept = (["readers", "writers"] as const).filter((each) => blocks.includes(each)).join(" and ");
  const held = lock === "WRITE" || lock === "RESERVED" ? "the write lock" : heldLock(lock);
  const age = `${atLeast ? "at least " : ""}${duration(heldMs ?? 0)}`;
  const state = stale.includes("stopped")
    ? " and is stopped"
    : stale.includes("idle-in-transaction")
      ? " and is idle"
      : "";
  const others = more === 0 ? "" : `; ${count(more, "more process blocks", "more processes block")} as well`;
  return `Locked for ${kept}: ${nameOf(holder)} has held ${held} for ${age}${state}${others}.`;
}

function heldLock(name: Parameters<typeof lockRow>[0]): string {
  return lockRow(name) === null ? "a lock that is not SQLite's" : name;
}

function busyText(verdict: Extract<LiveVerdict, { kind: "busy" }>): string {
  const { holders, times, longestMs, atLeast, sinceMs, withinMs } = verdict;
  const [first] = holders;
  const who =
    holders.length === 1 && first !== undefined
      ? nameOf(first)
      : `${count(holders.length, "process", "processes")} (${list(holders.map(({ pid }) => pid))})`;
  if (times === 1) {
    const time = `for ${atLeast ? "at least " : ""}${shortTime(longestMs)}`;
    return sinceMs === null
      ? `Busy: ${who} has held the write lock ${time}.`
      : `Not locked now: ${who} held the write lock ${time}, until ${shortTime(sinceMs)} ago.`;
  }
  const took = `${who} took the write lock ${count(times, "time")} in the last ${Math.round(withinMs / 1000)} s`;
  const longest = atLeast ? `at least ${shortTime(longestMs)}` : `${shortTime(longestMs)} at most`;
  return `Busy, not stuck: ${took}, for ${longest}.`;
}

function openText(open: number): string {
  return open === 0 ? "No process has it open." : `${count(open, "process has", "processes have")} it open.`;
}
