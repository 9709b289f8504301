/** How one wait came about, in the order of time. Pure. */

import type { Numbered } from "../../features/record/known-processes.ts";
import type { MetaLine, TransactionLine, WaitLine, WaitOutcome } from "../../recording/lines.ts";
import { count } from "../../text/list.ts";
import { paragraph } from "../paragraph.ts";
import type { Style } from "../style.ts";
import { atText, pauseText } from "./call-site.ts";
import { clockText } from "./times.ts";
import { statementText } from "./transactions.ts";
import { lockPhrase, type Names, percent, quotedSql, time, whoText } from "./words.ts";

export interface StoryFacts {
  readonly meta: Pick<MetaLine, "startedAt">;
  readonly wait: WaitLine;
  /** Of those that were in the way. */
  readonly transactions: readonly TransactionLine[];
}

interface Moment {
  readonly atMs: number;
  readonly who: Numbered;
  readonly text: string;
}

/** The most statements of one transaction. */
const MAX_STATEMENTS = 6;

export function storyText({ meta, wait, transactions }: StoryFacts, names: Names, style: Style): string {
  const moments = [
    ...transactions.flatMap((each) => transactionMoments(each, names.folder)),
    ...waitMoments(wait, names),
  ];
  // of what happened at one moment, what led to it comes first
  const sorted = moments.toSorted((a, b) => a.atMs - b.atMs);
  const told = new Set<string>();
  return sorted
    .map(({ atMs, who, text }) => {
      // its command once
      const name = told.has(whoText(who, names)) ? String(who.pid) : whoText(who, names);
      told.add(whoText(who, names));
      return paragraph(`  ${clockText(meta, atMs)}  ${name} ${text}`, " ".repeat(16), style);
    })
    .join("\n");
}

function waitMoments(wait: WaitLine, names: Names): Moment[] {
  const attempts = count(wait.attempts, "attempt");
  const at = atText(wait.callSite, names.folder);
  return [
    {
      atMs: wait.fromMs,
      who: wait,
      text: `wants ${lockPhrase(wait.lock, wait.lockType)}${at}${holderText(wait, names)}`,
    },
    {
      atMs: wait.fromMs + wait.waitedMs,
      who: wait,
      text: `${ENDS[wait.outcome]} after ${time(wait.waitedMs)} and ${attempts}${resultText(wait)}`,
    },
  ];
}

/** A grant may be told of so much later than the refusal that it causes, ms. */
const SAME_MOMENT_MS = 1;

/** Who held it when the wait began, and for how long by then; else who took it first afterwards. */
function holderText({ blockers, fromMs, sql }: WaitLine, names: Names): string {
  const holder = blockers.find((each) => each.fromMs <= fromMs);
  if (holder !== undefined) {
    const heldFor = time(fromMs - holder.fromMs, holder.atLeast);
    return `, which ${whoText(holder, names)} has held for ${heldFor}${sqlText(sql)}`;
  }
  const [next] = blockers.toSorted((a, b) => a.fromMs - b.fromMs);
  if (next === undefined) return `, whose holder is not known${sqlText(sql)}`;
  const laterMs = next.fromMs - fromMs;
  if (laterMs <= SAME_MOMENT_MS) return `, which ${whoText(next, names)} takes at this moment${sqlText(sql)}`;
  return `${sqlText(sql)}; ${whoText(next, names)} takes it ${time(laterMs)} later`;
}

function resultText({ result, outcome }: WaitLine): string {
  return result === null || outcome === "granted" ? "" : ` (${result})`;
}

function transactionMoments(transaction: TransactionLine, folder: string | null): Moment[] {
  const { statements, moreStatements, fromMs, toMs, outcome, callSite, program } = transaction;
  const at = atText(callSite, folder);
  const who = transaction;
  const shown =
    statements.length <= MAX_STATEMENTS
      ? statements
      : [...statements.slice(0, MAX_STATEMENTS - 1), ...statements.slice(-1)];
  const left = statements.length - shown.length + moreStatements;
  const moments = shown.map((each, i): Moment => {
    const gap = left > 0 && i === MAX_STATEMENTS - 2 ? ` (${left} more follow)` : "";
    return { atMs: each.atMs, who, text: `runs ${statementText(each)}${i === 0 ? at : ""}${gap}` };
  });
  const pause = program?.pause === undefined ? "" : `, ${pauseText(program.pause, folder)}`;
  const begins = shown.length === 0 ? [{ atMs: fromMs, who, text: `begins a transaction${at}` }] : [];
  const end =
    toMs === null
      ? []
      : [
          {
            atMs: toMs,
            who,
            text: `${END[outcome]}${atText(program?.endedAt, folder)}${outsideText(transaction)}${pause}`,
          },
        ];
  return [...begins, ...moments, ...end];
}

const ENDS: Readonly<Record<WaitOutcome, string>> = {
  granted: "gets it",
  "gave-up": "gives up",
  killed: "is killed",
  still: "still waits",
  unknown: "does not try again",
};

const END = {
  commit: "has committed",
  rollback: "has rolled back",
  open: "still has its transaction open",
  "process-ended": "ended, and with it its transaction",
  unknown: "has ended its transaction",
} as const;

function outsideText({ insideMs, outsideMs, fromMs, toMs, atLeast }: TransactionLine): string {
  const open = toMs === null ? "" : `, open for ${time(toMs - fromMs, atLeast)}`;
  if (insideMs === null || outsideMs === null || insideMs + outsideMs === 0) return open;
  return `${open}, ${percent(outsideMs / (insideMs + outsideMs))} of it outside SQLite`;
}

function sqlText(sql: string | null): string {
  return sql === null ? "" : `, for ${quotedSql(sql)}`;
}
