/** What is shown while it records: a line for each wait that has ended, and a counter below them. Pure. */
import { basename } from "node:path";
import type { Numbered } from "../../features/record/known-processes.ts";
import type { DatabaseLine, GapLine, MetaLine, RefusalLine, RefusalReason, WaitLine } from "../../recording/lines.ts";
import { escapeText } from "../../text/escape.ts";
import { count, grouped } from "../../text/list.ts";
import { cut } from "../layout.ts";
import { paragraph } from "../paragraph.ts";
import type { Style } from "../style.ts";
import { sourceText } from "./source.ts";
import { clockText } from "./times.ts";
import { blockersText, OUTCOMES, sqlTail } from "./waits.ts";
import { lockCell, type Names, time, whoText } from "./words.ts";

export interface LineContext {
  readonly meta: Pick<MetaLine, "startedAt" | "databases">;
  readonly names: Names;
  readonly style: Style;
}

/** Below this width only the names of the programs are shown, and no statement. */
const WIDE = 110;

/** One line without its end; fits the terminal. */
export function waitText(wait: WaitLine, { meta, names, style }: LineContext): string {
  const endMs = wait.fromMs + wait.waitedMs;
  const where = whereText(wait.path, meta);
  const what = `waited ${time(wait.waitedMs)} for ${lockCell(wait.lock, wait.lockType)}`;
  const outcome = OUTCOMES[wait.outcome];
  if (style.width < WIDE) {
    const [first] = wait.blockers;
    const behind = first === undefined ? "behind ?" : `behind ${programText(first, names)}`;
    const who = programText(wait, names);
    return cut(
      `${clockText(meta, endMs, 0)} ${where}${who} ${what}, ${outcome}; ${behind}`,
      style.width,
      style.ellipsis,
    );
  }
  const attempts = wait.attempts === 1 ? "" : `, ${grouped(wait.attempts)} tries`;
  const text =
    `${clockText(meta, endMs)} ${where}${whoText(wait, names)} ${what}${attempts}, ${outcome}; ` +
    blockersText(wait, names);
  return cut(text, style.width, style.ellipsis);
}

/** `4242 (python3)`: the name of the program, at most 15 characters. */
function programText(who: Numbered, names: Names): string {
  const name = names.get(who)?.name ?? null;
  return name === null ? String(who.pid) : `${who.pid} (${escapeText(name)})`;
}

const REASONS: Readonly<Record<RefusalReason, string>> = {
  "same-process": "another connection of the same process is in the way",
  snapshot: "another process has committed since it read",
  "committed-in-between": "another process committed in between",
  deadlock: "it holds a read lock that the other process waits for",
  "inside-process": "this connection, or one that shares its cache, uses the table",
  "no-wait": "without a busy timeout",
  unknown: "the reason is not known",
};

export function refusalText(refusal: RefusalLine, { meta, names, style }: LineContext): string {
  const { path, atMs, result, why, sure, sql } = refusal;
  const likely = sure === "likely" && why !== "unknown" ? " (likely)" : "";
  const text =
    `${clockText(meta, atMs)} ${whereText(path, meta)}${whoText(refusal, names)} got ${escapeText(result)} at once: ` +
    `${REASONS[why]}${likely}${sqlTail(sql)}`;
  return cut(text, style.width, style.ellipsis);
}

export function gapText({ fromMs, toMs, lostEvents }: GapLine, { meta, style }: LineContext): string {
  const lost = lostEvents === 0 ? "" : ` (at least ${count(lostEvents, "event")} lost)`;
  const text = `${clockText(meta, toMs)} gap of ${time(toMs - fromMs)}: what happened meanwhile is not known${lost}`;
  return cut(text, style.width, style.ellipsis);
}

const CHANGES: Readonly<Record<DatabaseLine["change"], string>> = {
  created: "was created",
  replaced: "was replaced by another file, which is recorded from now on",
  deleted: "was deleted; it is recorded again once it is created",
};

export function databaseText({ atMs, path, change }: DatabaseLine, { meta, style }: LineContext): string {
  return cut(`${clockText(meta, atMs)} ${escapeText(basename(path))} ${CHANGES[change]}`, style.width, style.ellipsis);
}

/** With the name of the database where there are several. */
function whereText(path: string, { databases }: Pick<MetaLine, "databases">): string {
  return databases.length > 1 ? `${escapeText(basename(path))}: ` : "";
}

export interface Counter {
  readonly forMs: number;
  /** Null: they cannot be seen. */
  readonly waits: number | null;
  readonly longestMs: number;
  /** Calls that returned SQLITE_BUSY. */
  readonly busy: number;
  /** Waits that go on now, and the time of the longest of them. */
  readonly waiting: number;
  readonly waitingMs: number;
  /** Transactions that are open now. */
  readonly transactions: number;
  readonly isAnyLost: boolean;
}

/** The last line of the terminal. */
export function counterText(counter: Counter, { width, ellipsis, chalk }: Style): string {
  const { forMs, waits, longestMs, busy, waiting, waitingMs, transactions, isAnyLost } = counter;
  const longest = waits === 0 ? "" : ` (longest ${time(longestMs)})`;
  const parts = [
    waits === null ? "waits not seen" : `${isAnyLost ? "at least " : ""}${count(waits, "wait")}${longest}`,
    ...(busy === 0 ? [] : [`${grouped(busy)} SQLITE_BUSY`]),
    ...(waiting === 0 ? [] : [`${grouped(waiting)} waiting now (${time(waitingMs)})`]),
    `${grouped(transactions)} open`,
  ];
  const text = `${time(Math.floor(forMs / 100) * 100)}: ${parts.join(", ")}`;
  const noun = transactions === 1 ? "transaction" : "transactions";
  const whole = `${text} ${noun}. Ctrl-C ends it`;
  const line = cut(whole.length < width ? whole : text, width - 1, ellipsis);
  return chalk?.dim(line) ?? line;
}

/** The first line: what is recorded, and how. */
export function startText({ databases, ...meta }: MetaLine, style: Pick<Style, "width">): string {
  const [first] = databases;
  const what =
    databases.length === 1 && first !== undefined ? escapeText(first.path) : count(databases.length, "database");
  return paragraph(`recording ${what}; ${sourceText(meta)}`, "  ", style);
}

/** For the command of --on-wait: one line, escaped. */
export function hookText(wait: WaitLine, names: Names): string {
  const { waitedMs, lock, lockType, outcome, attempts } = wait;
  const waited = outcome === "still" ? "has waited" : "waited";
  const ended = outcome === "still" ? "" : `, ${OUTCOMES[outcome]}`;
  return (
    `${whoText(wait, names)} ${waited} ${time(waitedMs)} for ${lockCell(lock, lockType)}, ` +
    `${count(attempts, "attempt")}${ended}; ${blockersText(wait, names)}`
  );
}

export function missingText(path: string): string {
  return `${escapeText(path)} does not exist yet; it is recorded once it is created`;
}
