/** How one wait came about, in the order of time. Pure. */
import type { BlockerFact, MetaLine, TransactionLine, WaitLine } from "../../recording/lines.ts";
import type { Style } from "../style.ts";
import { clockText } from "./times.ts";
import { statementText } from "./transactions.ts";
import { fitted, OUTCOMES, sqlTail } from "./waits.ts";
import { lockPhrase, type Names, percent, time, whoText } from "./words.ts";

export interface StoryFacts {
  readonly meta: Pick<MetaLine, "startedAt">;
  readonly wait: WaitLine;
  /** Of those that were in the way. */
  readonly transactions: readonly TransactionLine[];
}

interface Moment {
  readonly atMs: number;
  readonly text: string;
}

/** The most statements of one transaction. */
const MAX_STATEMENTS = 6;

export function storyText({ meta, wait, transactions }: StoryFacts, names: Names, style: Style): string {
  const moments = [...transactions.flatMap((each) => transactionMoments(each, names)), ...waitMoments(wait, names)];
  // of what happened at one moment, what led to it comes first
  const sorted = moments.toSorted((a, b) => a.atMs - b.atMs);
  return sorted.map(({ atMs, text }) => fitted(`  ${clockText(meta, atMs)}  ${text}`, style)).join("\n");
}

function waitMoments(wait: WaitLine, names: Names): Moment[] {
  const who = whoText(wait, names);
  const [first] = wait.blockers;
  const holder = first === undefined ? "whose holder is not known" : `which ${heldText(first, wait, names)}`;
  const attempts = wait.attempts === 1 ? "1 attempt" : `${wait.attempts} attempts`;
  return [
    { atMs: wait.fromMs, text: `${who} wants ${lockPhrase(wait.lock, wait.lockType)}, ${holder}${sqlTail(wait.sql)}` },
    {
      atMs: wait.fromMs + wait.waitedMs,
      text: `${who}: ${OUTCOMES[wait.outcome]} after ${time(wait.waitedMs)} and ${attempts}${resultText(wait)}`,
    },
  ];
}

/** For how long it had been held when the wait began. */
function heldText(blocker: BlockerFact, { fromMs }: WaitLine, names: Names): string {
  const who = whoText(blocker, names);
  if (blocker.fromMs >= fromMs) return `${who} takes at this moment`;
  return `${who} has held for ${time(fromMs - blocker.fromMs, blocker.atLeast)}`;
}

function resultText({ result, outcome }: WaitLine): string {
  return result === null || outcome === "granted" ? "" : ` (${result})`;
}

function transactionMoments(transaction: TransactionLine, names: Names): Moment[] {
  const { statements, moreStatements, fromMs, toMs, outcome } = transaction;
  const who = whoText(transaction, names);
  const shown =
    statements.length <= MAX_STATEMENTS
      ? statements
      : [...statements.slice(0, MAX_STATEMENTS - 1), ...statements.slice(-1)];
  const left = statements.length - shown.length + moreStatements;
  const moments = shown.map((each, i): Moment => {
    const gap = left > 0 && i === MAX_STATEMENTS - 2 ? ` (${left} more follow)` : "";
    return { atMs: each.atMs, text: `${who}: ${statementText(each)}${gap}` };
  });
  const begins = shown.length === 0 ? [{ atMs: fromMs, text: `${who}: its transaction begins` }] : [];
  const end = toMs === null ? [] : [{ atMs: toMs, text: `${who}: ${END[outcome]}${outsideText(transaction)}` }];
  return [...begins, ...moments, ...end];
}

const END = {
  commit: "committed",
  rollback: "rolled back",
  open: "its transaction is still open",
  "process-ended": "the process ended",
  unknown: "its transaction ended",
} as const;

function outsideText({ insideMs, outsideMs, fromMs, toMs, atLeast }: TransactionLine): string {
  const open = toMs === null ? "" : `, open for ${time(toMs - fromMs, atLeast)}`;
  if (insideMs === null || outsideMs === null || insideMs + outsideMs === 0) return open;
  return `${open}, ${percent(outsideMs / (insideMs + outsideMs))} of it outside SQLite`;
}
