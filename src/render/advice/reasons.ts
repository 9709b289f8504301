/** Why a setting should be changed: a headline, and sentences with the figures of the evidence. Pure. */
import type { Advice, Outcome, Setting, TimeoutReason } from "../../recording/advice/advice.ts";
import type { Range } from "../../recording/distribution/durations.ts";
import { durationAtMost, fineDuration } from "../../text/duration.ts";
import { count, grouped, list } from "../../text/list.ts";
import { size } from "../../text/size.ts";
import { countText, rangeText, sharesText, shareText } from "./ranges.ts";

export function headline(setting: Setting): string {
  switch (setting.id) {
    case "busy-timeout":
      return `Let calls wait for the lock for ${timeoutText(setting.timeoutMs)}`;
    case "begin-immediate":
      return "Begin transactions that will write with BEGIN IMMEDIATE";
    case "wal-mode":
      return "Use WAL mode";
    case "checkpoint-interval":
      return `Let checkpoints begin at ${count(setting.frames, "page")}`;
    case "end-reads":
      return "End read transactions soon";
    case "one-writer-connection":
      return "Let one connection of each process write";
    case "shorter-transactions":
      return "Keep the write lock for a shorter time";
  }
}

export function reasonTexts(advice: Advice, atLeast: boolean): string[] {
  const least = atLeast ? "at least " : "";
  switch (advice.id) {
    case "busy-timeout":
      return timeoutTexts(advice.because, leadText(advice.because), least);
    case "no-busy-timeout": {
      const { refused } = advice.because;
      const lead =
        refused === 0
          ? "Connections are opened with a timeout of 0. Nobody was in their way yet."
          : `${count(refused, "call")} of connections without a busy timeout ${refused === 1 ? "was" : "were"} ` +
            `refused at once${sureText(advice)}.`;
      return timeoutTexts(advice.because, lead, least);
    }
    case "begin-immediate": {
      const { refused, outdated } = advice.because;
      const changed = outdated === 0 ? "" : ` Of these, ${grouped(outdated)} had read what was changed since.`;
      return [
        `${least}${count(refused, "transaction")} had read, and ${was(refused)} refused at once when ` +
          `${refused === 1 ? "it" : "they"} wanted to write${sureText(advice)}: no timeout helps these.${changed}`,
      ];
    }
    case "wal-mode": {
      const { waits, blockedMs, failed } = advice.because;
      return [
        `With a rollback journal, readers wait while one commits, and commits for readers: ${least}` +
          `${count(waits, "such wait")}, ${fineDuration(blockedMs)} in all` +
          `${failed === 0 ? "" : `; ${grouped(failed)} ended with SQLITE_BUSY`}. In WAL mode they do not wait for ` +
          "each other. It needs a local file system, and all processes on one machine.",
      ];
    }
    case "checkpoint-interval": {
      const { frames, forMs, bytes } = advice.because;
      return [
        `The WAL had ${count(frames, "frame")} that nobody kept from being copied into the database` +
          `${walSize(bytes)}${forText(forMs)}. SQLite begins a checkpoint at 1,000 unless it is told otherwise: ` +
          "wal_autocheckpoint is 0 or large, or the program that should do it instead does not.",
      ];
    }
    case "end-reads": {
      const { frames, forMs, bytes, pids } = advice.because;
      const who = pids.length === 0 ? "Readers" : `Reads of ${list(pids)}`;
      return [
        `${who} kept ${count(frames, "frame")} of the WAL from being copied into the database` +
          `${walSize(bytes)}${forText(forMs)}. Checkpoints at shorter intervals would not help.`,
      ];
    }
    case "one-writer-connection": {
      const { refused, waits, waitedMs, pids } = advice.because;
      const parts = [
        ...(refused > 0 ? [`${count(refused, "call")} ${was(refused)} refused`] : []),
        ...(waits > 0 ? [`${count(waits, "call")} waited, ${fineDuration(waitedMs)} in all`] : []),
      ];
      const whose = pids.length === 0 ? "" : ` (${list(pids)})`;
      return [`Connections of one process were in each other's way${whose}${sureText(advice)}: ${parts.join("; ")}.`];
    }
    case "shorter-transactions": {
      const { transactions, longestMs, outsideShare, blockedMs } = advice.because;
      if (transactions === 0)
        return [`Calls would have needed ${fineDuration(longestMs)} and more: no timeout should be as long.`];
      const share = outsideShare === null ? "" : `, ${shareText(outsideShare)} of it outside of SQLite`;
      const blocked =
        blockedMs === null || blockedMs === 0 ? "" : `; others waited ${fineDuration(blockedMs)} for them`;
      return [
        `${least}${count(transactions, "write transaction")} did something else for most of the time: up to ` +
          `${fineDuration(longestMs)}${share}${blocked}.`,
      ];
    }
  }
}

/** What the sentence about the model says, below. */
function leadText({ why, waits, timedOut, gaveUpAfterMs, openedWithMs, longestWait }: BusyReason): string {
  if (why === "long-holds") return "Waits cannot be seen in this recording.";
  if (why === "near-timeout") {
    const timeout = openedWithMs.find((ms) => ms > 0);
    const longest = longestWait === null ? "" : ` The longest took ${rangeText(longestWait)}`;
    // some may have ended otherwise: their process was killed, or the recording was over
    return `None of ${count(waits ?? 0, "wait")} timed out.${longest}, with a timeout of ${timeoutText(timeout ?? 0)}.`;
  }
  const after = gaveUpAfterMs === null ? "" : ` after ${between(gaveUpAfterMs)}`;
  return `${grouped(timedOut)} of ${count(waits ?? timedOut, "wait")} gave up${after}.`;
}

type BusyReason = Extract<Advice, { readonly id: "busy-timeout" }>["because"];

function timeoutTexts(because: TimeoutReason, lead: string, least: string): string[] {
  const { gaveUpAfterMs, outcomes, longestWait } = because;
  // What was is told by the lead; what would have been, from there on.
  const other = outcomes.filter(({ timeoutMs }) => timeoutMs > (gaveUpAfterMs?.longest ?? 0) * 1.05);
  return [
    holdersText(because, least),
    lead,
    ...(because.timedOut > 0 || because.waits === null ? [outcomesText(other, because)] : []),
    ...(because.timedOut > 0 && longestWait !== null ? [neededText(longestWait)] : []),
  ].filter((text) => text !== "");
}

function neededText(longest: Range): string {
  return longest.atMostMs === null
    ? "Of those that gave up, it is not known of all when the lock would have been free."
    : `The longest would likely have needed ${rangeText(longest)}; the rest of the time is for longer ones.`;
}

/** `2 writers; they held the write lock for 1.5 s (p95), 1.9 s (p99), 2.4 s at the longest.` */
function holdersText({ writers, heldP95, heldP99, longestHeld }: TimeoutReason, least: string): string {
  if (heldP95 === null || heldP99 === null || longestHeld === null) return "";
  const who = `${least}${count(writers, "process wrote", "processes wrote")}`;
  return (
    `${who}, and held the write lock for ${rangeText(heldP95)} (p95), ${rangeText(heldP99)} (p99), ` +
    `${rangeText(longestHeld)} (longest).`
  );
}

/** `With 2 s, likely 3 of them would have failed, with 5 s none.` */
function outcomesText(outcomes: readonly Outcome[], { waits }: TimeoutReason): string {
  const [first, ...more] = outcomes.map((outcome) => {
    const { likelyFailed, moments, timeoutMs } = outcome;
    const range = waits === null ? moments : likelyFailed;
    const text = range === null ? "?" : waits === null ? sharesText(range) : countText(range);
    return { timeout: timeoutText(timeoutMs), text };
  });
  if (first === undefined) return "";
  const others = more.map(({ timeout, text }) => `, with ${timeout} ${text}`).join("");
  const [of, fail] = waits === null ? ["writers that come at any moment", "fail"] : ["these waits", "have failed"];
  return `With ${first.timeout}, likely ${first.text} of ${of} would ${fail}${others}.`;
}

function between({ shortest, longest }: { readonly shortest: number; readonly longest: number }): string {
  const [from, to] = [fineDuration(shortest), durationAtMost(longest)];
  return longest - shortest < shortest * 0.1 ? fineDuration(longest) : `${from} to ${to}`;
}

/** `0`, `1 s`, `2.5 s`, `60 s`. */
export function timeoutText(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000} s` : `${(ms / 1000).toFixed(1)} s`;
}

function sureText({ sure }: Advice): string {
  return sure === "likely" ? " (likely)" : "";
}

function was(number: number): string {
  return number === 1 ? "was" : "were";
}

function walSize(bytes: number | null): string {
  return bytes === null || bytes === 0 ? "" : ` (${size(bytes)})`;
}

/** 0: of one look, nothing is known of it. */
function forText(ms: number): string {
  return ms === 0 ? "" : `; for ${fineDuration(ms)} there were too many`;
}
