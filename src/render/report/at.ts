/** Who held the database at a moment, and who waited: the verdict, the table of who-holds, the waits. Pure. */
import type { DatabaseAt, HolderAt } from "../../features/report/holders-at.ts";
import { type MomentReport, NEAR_MS } from "../../features/report/moment.ts";
import { isListed, type Wanted } from "../../features/report/wanted-lines.ts";
import type { Suspension } from "../../recording/history/history.ts";
import type { CountsLine, SqlFacts, WaitLine } from "../../recording/lines.ts";
import type { LockName } from "../../sqlite/locks.ts";
import { duration } from "../../text/duration.ts";
import { escapeText } from "../../text/escape.ts";
import { count, grouped, list } from "../../text/list.ts";
import { size } from "../../text/size.ts";
import { paragraph } from "../paragraph.ts";
import { atText, siteText } from "../record/call-site.ts";
import { blockersText, fitted, leftColumns, outcomeText, sqlTail } from "../record/waits.ts";
import { lockCell, Names, sqlText, time, timeCell, whoText } from "../record/words.ts";
import type { Style } from "../style.ts";
import type { ChosenColumn } from "../who-holds/column-choice.ts";
import { COLUMNS, type Column } from "../who-holds/columns.ts";
import { holdersTables } from "../who-holds/table.ts";
import type { Clock } from "./clock.ts";

export interface AtFacts {
  readonly moment: MomentReport;
  /** Waits are narrowed to these where they are listed, and nowhere else. */
  readonly wanted: Wanted;
  readonly clock: Clock;
  readonly suspensions: readonly Suspension[];
  /** What was not recorded, and how the moment was found. */
  readonly notes: readonly string[];
}

export function momentText(facts: AtFacts, style: Style): string {
  const { moment, clock, notes } = facts;
  const names = new Names(moment.processes);
  const several = moment.databases.length > 1;
  const parts = moment.databases.flatMap((database) => databaseParts(database, facts, names, several, style));
  const lines = [
    ...notes,
    ...shortTexts(moment, names),
    ...nearText(moment, names, clock),
    ...unknownTexts(moment, clock),
  ];
  const below = lines.map((text) => paragraph(text, "  ", style)).join("\n");
  return `${[...parts, ...(below === "" ? [] : [below])].join("\n\n")}\n`;
}

function databaseParts(database: DatabaseAt, facts: AtFacts, names: Names, several: boolean, style: Style): string[] {
  const { moment, clock } = facts;
  const title = several ? [style.chalk?.bold(escapeText(database.path)) ?? escapeText(database.path)] : [];
  const verdict = paragraph(verdictText(database, facts, names), "  ", style);
  const [table = ""] = holdersTables(
    [{ holders: database.holders.map(({ holder }) => holder), unownedLocks: [] }],
    columnsOf(database.holders, moment.atMs, clock),
    style,
  );
  const wal = walText(database);
  return [
    [...title, painted(verdict, database, style), ...(wal === null ? [] : [wal])].join("\n"),
    ...(table === "" ? [] : [table]),
    ...(database.holders.length === 0 ? [] : [holdersText(database, moment, names, clock, style)]),
    ...(database.waits.length === 0 ? [] : [waitsText(database, facts, names, style)]),
  ];
}

function painted(text: string, { waits, holders }: DatabaseAt, { chalk }: Style): string {
  if (chalk === null) return text;
  if (waits.length > 0) return chalk.bold.red(text);
  return holders.some((each) => keepsOut(each)) ? chalk.bold.yellow(text) : chalk.bold(text);
}

function keepsOut({ holder }: HolderAt): boolean {
  return holder.blocks.includes("readers") || holder.blocks.includes("writers");
}

/** `Blocked at 03:12:00 …: 4242 (python import.py) held WRITE since 03:11:20, for 1 m 10 s in all; 3 waited.` */
function verdictText({ holders, waits }: DatabaseAt, { moment, clock, suspensions }: AtFacts, names: Names): string {
  const at = clock.exact(moment.atMs);
  if (moment.blank !== null)
    return `Not known at ${at}: ${clock.range(moment.blank.fromMs, moment.blank.toMs)} was not recorded.`;
  const waiters = count(waits.length, "wait", "waits");
  const blocker = holders.find(({ waiting }) => waiting > 0);
  if (blocker !== undefined) {
    const others = holders.filter(({ waiting }) => waiting > 0).length - 1;
    const more = others === 0 ? "" : `, and ${count(others, "other process", "other processes")} held what some wanted`;
    const waited = `${waits.length} waited`;
    return `Blocked at ${at}: ${heldText(blocker, moment, names, clock, suspensions)}${more}; ${waited}.`;
  }
  if (waits.length > 0 && waits.every(({ blockers }) => blockers.length > 0))
    return `Blocked at ${at}: ${waiters}, though what they wanted was free then: SQLite sleeps between its attempts.`;
  if (waits.length > 0) return `Blocked at ${at}: ${waiters} for a lock whose holder is not known.`;
  const writer = holders.find(keepsOut);
  const seen = unseenText(moment);
  if (writer !== undefined)
    return `Not free at ${at}: ${heldText(writer, moment, names, clock, suspensions)}; ${seen}.`;
  // what was taken since and had not ended is in no line
  if (moment.knownUntilMs !== null)
    return (
      `Not known at ${at}: the recording breaks off or goes on, and a lock that was taken since ` +
      `${clock.near(moment.knownUntilMs, moment.atMs)} may have been held; no other one kept readers or writers out.`
    );
  if (holders.length === 0) return `Free at ${at}, as far as locks are listed: no process held one, ${seen}.`;
  const list = count(holders.length, "process held", "processes held");
  return `Free for readers and writers at ${at}: ${list} locks that keep neither out; ${seen}.`;
}

/** Where no wait is known. */
function unseenText({ meta, knownUntilMs }: MomentReport): string {
  if (!meta.exact) return "whether a process waited is not known (samples do not show it)";
  if (knownUntilMs !== null) return "whether a process waited is not known (the recording breaks off)";
  return "no process waited";
}

function heldText(
  { main }: HolderAt,
  { atMs }: MomentReport,
  names: Names,
  clock: Clock,
  suspensions: readonly Suspension[],
): string {
  const { fromMs, toMs, atLeast } = main;
  const all =
    toMs === null ? `, for ${time(atMs - fromMs, true)} by then` : `, for ${time(toMs - fromMs, atLeast)} in all`;
  const sleptMs = suspensions
    .filter((each) => each.atMs >= fromMs && (toMs === null || each.atMs <= toMs))
    .reduce((sum, { lengthMs }) => sum + lengthMs, 0);
  const slept = sleptMs === 0 ? "" : ` (and the machine slept ${duration(sleptMs)} meanwhile)`;
  const since = `${atLeast && fromMs <= 0 ? "at least " : ""}since ${clock.near(fromMs, atMs)}`;
  return `${whoText(main, names)} held ${lockCell(main.lock, main.lockType)} ${since}${all}${slept}`;
}

const SHOWN = ["PID", "USER", "COMMAND", "ACTIVITY", "LOCKS", "SINCE", "HELD-FOR", "BLOCKS", "CONTAINER"];

/** The columns of who-holds that a recording knows, and since when. */
function columnsOf(holders: readonly HolderAt[], atMs: number, clock: Clock): ChosenColumn[] {
  const byHolder = new Map(holders.map((each) => [each.holder, each]));
  const since: Column = {
    name: "SINCE",
    help: "",
    value: (holder) => {
      const main = byHolder.get(holder)?.main;
      return main === undefined ? "?" : `${main.atLeast ? "<= " : ""}${clock.near(main.fromMs, atMs)}`;
    },
  };
  const heldFor: Column = {
    name: "HELD-FOR",
    help: "",
    value: (holder) => {
      const main = byHolder.get(holder)?.main;
      return main === undefined ? "?" : timeCell(atMs - main.fromMs, main.atLeast && main.fromMs <= 0);
    },
  };
  const own = new Map([since, heldFor].map((column) => [column.name, column]));
  const has = (name: string) => name !== "CONTAINER" || holders.some(({ holder }) => holder.container !== null);
  return SHOWN.filter(has).flatMap((name) => {
    const column = own.get(name) ?? COLUMNS.find((each) => each.name === name);
    return column === undefined ? [] : [{ column, named: own.has(name) }];
  });
}

/** With which statement, at which line, until when. */
function holdersText({ holders }: DatabaseAt, moment: MomentReport, names: Names, clock: Clock, style: Style): string {
  const lines = holders
    .filter((each) => each.waiting > 0 || keepsOut(each) || each.holder.activity !== "idle")
    .slice(0, MOST_ROWS)
    .flatMap(({ main, transaction, waiting }) => {
      const until =
        main.toMs === null
          ? "still held at the end of the recording"
          : main.atLeast && main.toMs > moment.atMs
            ? `at least until ${clock.near(main.toMs, moment.atMs)}`
            : `until ${clock.near(main.toMs, moment.atMs)}`;
      const waited = waiting === 0 ? "" : `; ${count(waiting, "waits", "wait")} for it`;
      const head = `  ${whoText(main, names)}: ${lockCell(main.lock, main.lockType)} ${until}${waited}`;
      const taken = statementText(main, "taken");
      const site = main.callSite === null ? [] : [`    at ${siteText(main.callSite, names.folder)}`];
      const first = transaction === null ? [] : transactionLine(transaction, moment, clock);
      return [
        fitted(head, style),
        ...taken.map((text) => fitted(text, style)),
        ...site,
        ...first.map((text) => fitted(text, style)),
      ];
    });
  return lines.length === 0 ? "" : ["Held", ...lines].join("\n");
}

function statementText(facts: SqlFacts, word: string): string[] {
  const text = sqlText(facts);
  return text === null ? [] : [`    ${word} by ${text}`];
}

function transactionLine(
  { kind, fromMs, toMs, outcome, statements, atLeast, callSite }: NonNullable<HolderAt["transaction"]>,
  { atMs }: MomentReport,
  clock: Clock,
): string[] {
  const last = statements.filter((each) => each.atMs <= atMs && each.sql !== null).at(-1);
  const length = toMs === null ? "still open at the end" : `${time(toMs - fromMs, atLeast)}, ended with ${outcome}`;
  const begun = atText(callSite, null);
  return [
    `    in a ${kind} transaction since ${clock.near(fromMs, atMs)}${begun} (${length})`,
    ...(last === undefined ? [] : [`    its statement then, or the last before: ${sqlText(last)}`]),
  ];
}

const SEVERAL = "; perhaps several calls";
const MOST_ROWS = 20;
const HEADS = ["SINCE", "WAITED", "OF", "FOR", "TRIES", "OUTCOME"];

function waitsText(database: DatabaseAt, { moment, wanted, clock }: AtFacts, names: Names, style: Style): string {
  const { atMs } = moment;
  const waits = database.waits.filter((wait) => isListed(wait, wanted));
  const short = database.waits.length - waits.length;
  const notListed = `  ${count(short, "wait")} shorter than ${time(wanted.minWaitMs)} in the end: not listed`;
  if (waits.length === 0) return ["Waiting", notListed].join("\n");
  const shown = waits.slice(0, MOST_ROWS);
  const rows = shown.map((wait) => [
    clock.near(wait.fromMs, atMs),
    timeCell(atMs - wait.fromMs),
    timeCell(wait.waitedMs, wait.outcome === "still"),
    lockCell(wait.lock, wait.lockType),
    wait.attempts === 0 ? "-" : String(wait.attempts),
    outcomeText(wait.outcome),
  ]);
  const left = leftColumns(HEADS, rows, 1);
  const head = `${left(HEADS)}PROCESS, AND ITS BLOCKER`;
  const indent = " ".repeat(left(HEADS.slice(0, 1)).length);
  const lines = shown.flatMap((wait, i) => [
    fitted(
      `${left(rows[i] ?? [])}${whoText(wait, names)}${atText(wait.callSite, names.folder)}${sqlTail(wait)}`,
      style,
    ),
    fitted(`${indent}${blockersText(wait, names)}${wait.perhapsSeveralCalls === true ? SEVERAL : ""}`, style),
  ]);
  const more = waits.length - shown.length;
  return [
    ...["Waiting", style.chalk?.dim(head) ?? head, ...lines],
    ...(more > 0 ? [`  ${more} more`] : []),
    ...(short > 0 ? [notListed] : []),
  ].join("\n");
}

function walText({ wal }: DatabaseAt): string | null {
  if (wal === null || wal.bytes === null) return null;
  const frames = wal.frames === null ? "" : `, ${count(wal.frames, "frame")}`;
  const pinned =
    wal.pinned === null || wal.pinned === 0 ? "" : `, ${grouped(wal.pinned)} of them kept from checkpoints by readers`;
  const by = wal.pinnedBy.length === 0 ? "" : ` (${list(wal.pinnedBy.map(({ pid }) => pid))})`;
  return `WAL: ${size(wal.bytes)}${frames}${pinned}${pinned === "" ? "" : by}`;
}

/** Locks that are too short to be listed are only counted: by the second. */
function shortTexts({ state, meta, blank }: MomentReport, names: Names): string[] {
  if (blank !== null || meta.minWaitMs === 0) return [];
  const counted = state.counts.flatMap((line) => countsText(line, names));
  const text = `Locks and waits shorter than ${time(meta.minWaitMs)} are only counted`;
  if (counted.length === 0) return [`${text}; there were none in this second.`];
  const more = counted.length > LISTED ? [`${counted.length - LISTED} more`] : [];
  return [`${text}; in this second: ${list([...counted.slice(0, LISTED), ...more])}.`];
}

const LISTED = 5;

function countsText(line: CountsLine, names: Names): string[] {
  const held = (["WRITE", "EXCLUSIVE", "RESERVED"] as const satisfies readonly LockName[]).flatMap((name) => {
    const hold = line.holds[name];
    if (hold === undefined || hold.times === 0) return [];
    const longest = hold.longestMs === undefined ? "" : ` (the longest ${time(hold.longestMs)})`;
    return [`${name} ${count(hold.times, "time")}${longest}`];
  });
  return held.length === 0 ? [] : [`${whoText(line, names)} held ${list(held)}`];
}

/** Where nobody waited: what was nearest. */
function nearText({ state, atMs, blank, meta }: MomentReport, names: Names, clock: Clock): string[] {
  if (state.waits.length > 0 || !meta.exact) return [];
  const { before, after } = state;
  if (before === null && after === null)
    return blank === null ? [`No wait is listed within ${duration(NEAR_MS)} before and after.`] : [];
  const sinceMs = before === null ? Number.POSITIVE_INFINITY : atMs - (before.fromMs + before.waitedMs);
  const untilMs = after === null ? Number.POSITIVE_INFINITY : after.fromMs - atMs;
  const [wait, ms, word] = sinceMs <= untilMs ? [before, sinceMs, "earlier"] : [after, untilMs, "later"];
  if (wait === null) return [];
  return [`The nearest wait was ${time(ms)} ${word}: ${nearestText(wait, names, clock, atMs)}.`];
}

function nearestText(wait: WaitLine, names: Names, clock: Clock, atMs: number): string {
  const began = clock.near(wait.fromMs, atMs);
  const what = `waited ${time(wait.waitedMs)} for ${wait.lock} from ${began} on`;
  const several = wait.perhapsSeveralCalls === true ? ", perhaps in several calls" : "";
  return `${whoText(wait, names)} ${what}${several}, ${blockersText(wait, names)}`;
}

function unknownTexts({ knownUntilMs, state, atMs }: MomentReport, clock: Clock): string[] {
  return [
    ...(knownUntilMs === null
      ? []
      : [
          `The recording breaks off or goes on: what began after ${clock.near(knownUntilMs, atMs)} and had not ended ` +
            "when this was read is not known.",
        ]),
    ...(state.more > 0 ? [`${count(state.more, "more line")} of that moment were left out.`] : []),
  ];
}
