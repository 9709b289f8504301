/** The end of a recording on one screen: verdict, waits, transactions, processes, patterns, the unknown. Pure. */
import type { WriteProblem } from "../../features/record/output-file.ts";
import type { MetaLine, TransactionLine, WaitLine } from "../../recording/lines.ts";
import type { Pattern } from "../../recording/summary/pattern.ts";
import type { SummaryLine } from "../../recording/summary-line.ts";
import { escapeText } from "../../text/escape.ts";
import { count, list } from "../../text/list.ts";
import { paragraph } from "../paragraph.ts";
import type { Style } from "../style.ts";
import { type Column, tableLines } from "../watch/table.ts";
import { CONNECTION_COLUMNS, CONNECTION_LEGEND, connectionRows } from "./connections.ts";
import { databaseColumns, databaseRows } from "./databases.ts";
import { fixText } from "./fixes.ts";
import { isChosen, onlyText } from "./only.ts";
import { patternText } from "./patterns.ts";
import { incompleteText, withoutEndText } from "./problems.ts";
import { PROCESS_LEGEND, processColumns, TOLD_LEGEND } from "./processes.ts";
import { sourceText } from "./source.ts";
import { type StoryFacts, storyText } from "./story.ts";
import { transactionLegend, transactionRows } from "./transactions.ts";
import { type UnknownFacts, unknownTexts } from "./unknown.ts";
import { verdictText } from "./verdict.ts";
import { waitRows } from "./waits.ts";
import { Names, time } from "./words.ts";

export interface EndFacts {
  readonly meta: MetaLine;
  readonly summary: SummaryLine;
  /** Where the command was started: files in it are named from there on. Left out without a command. */
  readonly folder?: string;
  /** In reports: without the times of which nothing is known. Left out: all of it. */
  readonly recordedMs?: number;
  /** In reports: the text of a moment of the recording, for what is listed. Left out: it is not shown. */
  readonly whenOf?: (atMs: number) => string;
  /** Of --until-wait; null: there is none to tell. */
  readonly story: Omit<StoryFacts, "meta"> | null;
  /** Where the recording is; null: none was written. */
  readonly file: RecordedFile | null;
}

interface RecordedFile {
  readonly path: string;
  readonly owner: number | null;
  readonly problem: WriteProblem | null;
  /** Of a continuous recording. */
  readonly isFolder: boolean;
}

/** Rows of each part. A part of 0 rows is left out. */
interface Rows {
  readonly waits: number;
  readonly transactions: number;
  readonly processes: number;
  readonly patterns: number;
}

/** The most that fits is shown. On a small terminal the verdict stays in sight. */
const CHOICES: readonly Rows[] = [
  { waits: 8, transactions: 6, processes: 8, patterns: 20 },
  { waits: 8, transactions: 6, processes: 8, patterns: 5 },
  { waits: 3, transactions: 3, processes: 4, patterns: 2 },
  { waits: 2, transactions: 1, processes: 2, patterns: 2 },
  { waits: 2, transactions: 1, processes: 2, patterns: 1 },
  { waits: 2, transactions: 1, processes: 0, patterns: 1 },
  { waits: 1, transactions: 0, processes: 0, patterns: 1 },
  { waits: 0, transactions: 0, processes: 0, patterns: 1 },
];

/** The line before it, and that of the prompt. */
const OTHER_LINES = 2;

/** `height`: lines of the terminal; Infinity through a pipe. */
export function endScreen(facts: EndFacts, height: number, style: Style): string {
  let text = "";
  for (const rows of CHOICES) {
    text = screenOf(facts, rows, style);
    if (text.trimEnd().split("\n").length <= height - OTHER_LINES) break;
  }
  return text;
}

/** All of it in one line, for a journal. */
export function endLine(summary: SummaryLine, file: RecordedFile): string {
  return `${verdictText(summary, new Names(summary.processes))} ${fileText(file)}`;
}

function screenOf(
  { meta: recorded, summary, story, file, folder, whenOf, recordedMs }: EndFacts,
  rows: Rows,
  style: Style,
): string {
  const names = new Names(summary.processes, folder);
  const meta = { ...recorded, databases: databasesOf(recorded, summary) };
  const waits = summary.waits.slice(0, rows.waits);
  const transactions = summary.transactions.slice(0, rows.transactions);
  const legend = transactionLegend(transactions);
  const title = (text: string) => style.chalk?.bold(text) ?? text;
  const only = onlyText(meta.only);
  const narrowed = only === null ? "" : `This counts only what concerns ${only}. `;
  const verdict = paragraph(`${narrowed}${verdictText(summary, names)}`, "", style);
  const blocks = [
    painted(verdict, summary.verdict, style),
    ...(story === null ? [] : [`${title("How it came about")}\n${storyText({ ...story, meta }, names, style)}`]),
    ...part(
      title(waitsTitle(waits)),
      waitRows(waits, meta.databases, names, summary.atLeast, style, whenOf),
      summary.moreWaits + Math.max(0, summary.waits.length - rows.waits),
    ),
    ...part(
      title(transactionsTitle(transactions, summary.exact)),
      transactionRows(transactions, meta.databases, summary.durationMs, names, style, whenOf),
      summary.moreTransactions + summary.transactions.length - transactions.length,
      [],
      legend,
    ),
    ...databaseBlock(meta, summary, rows.processes, title, style),
    ...processBlock(
      meta,
      { ...summary, processes: summary.processes.filter((each) => isChosen(each, meta.only)) },
      rows.processes,
      title,
      style,
    ),
    ...connectionBlock(meta, summary, rows.processes, names, title, style),
    ...patternBlock(summary, rows.patterns, names, title, style),
    ...unknownBlock(
      { ...summary, ...(meta.callSites && { callSites: true }), statements: meta.statements },
      title,
      style,
    ),
    footer({ meta, summary, file, ...(recordedMs !== undefined && { recordedMs }) }, leftOut(summary, rows), style),
  ];
  return `${blocks.join("\n\n")}\n`;
}

/** The order is that of the summary: what may be several waits comes after all that are one. */
export function waitsTitle(waits: readonly WaitLine[]): string {
  const runs = waits.filter(({ perhapsSeveralCalls }) => perhapsSeveralCalls === true).length;
  return runs === 0 || runs === waits.length
    ? "Waits, longest first"
    : "Waits, longest first; then those that are perhaps several";
}

/** Nobody knows how long one takes that is open: they come first. */
export function transactionsTitle(transactions: readonly TransactionLine[], isExact: boolean): string {
  const open = transactions.filter(({ toMs }) => toMs === null).length;
  const order = open === 0 || open === transactions.length ? "longest first" : "longest first, after those still open";
  if (isExact) return `Transactions, ${order}`;
  const told = transactions.filter(({ program }) => program !== undefined).length;
  if (told > 0 && told === transactions.length) return `Transactions, as the programs tell, ${order}`;
  // Of samples, several may count as one.
  const what = told > 0 ? "Transactions, and times with the write lock" : "Times with the write lock";
  return `${what}, ${order} (pauses below 2 ms are not seen)`;
}

/** Also those that were found because the command opened them. */
export function databasesOf({ databases }: MetaLine, summary: SummaryLine): MetaLine["databases"] {
  const given = new Set(databases.map(({ path }) => path));
  const found = summary.databases.filter(({ path }) => !given.has(path));
  return [...databases, ...found.map(({ path }) => ({ path, givenAs: path }))];
}

/** As the first line of who-holds: red where a program got an error, yellow where it had to wait. */
function painted(text: string, { gaveUp, refusals, waits }: SummaryLine["verdict"], { chalk }: Style): string {
  if (chalk === null) return text;
  if (gaveUp + refusals > 0) return chalk.bold.red(text);
  return waits > 0 ? chalk.bold.yellow(text) : chalk.bold(text);
}

/** The first line is the header. `note`: as short as to stand in the line that says how many more there are. */
function part(
  title: string,
  lines: readonly string[],
  more: number,
  legend: readonly string[] = [],
  note: string | null = null,
): string[] {
  if (lines.length === 0) return [];
  const last = [...(more > 0 ? [count(more, "more", "more")] : []), ...(note === null ? [] : [note])].join(". ");
  return [[title, ...lines, ...(last === "" ? [] : [`  ${last}`]), ...legend].join("\n")];
}

/** Where there are several. */
function databaseBlock(
  meta: MetaLine,
  { databases, exact }: SummaryLine,
  rows: number,
  title: (text: string) => string,
  style: Style,
): string[] {
  if (meta.databases.length < 2 || rows === 0) return [];
  const used = databaseRows(databases, meta.databases);
  if (used.length === 0) return [];
  const shown = used.slice(0, rows);
  const lines = indentedTable(databaseColumns(meta, exact), shown, style);
  return part(title("Databases"), lines, used.length - shown.length);
}

function processBlock(
  meta: MetaLine,
  summary: SummaryLine,
  rows: number,
  title: (text: string) => string,
  style: Style,
): string[] {
  const { processes, moreProcesses } = summary;
  if (processes.length === 0 || rows === 0) return [];
  const shown = processes.slice(0, rows);
  const legend =
    summary.totals.waits + summary.totals.refusals + summary.verdict.runs.times === 0
      ? []
      : [paragraph(`  ${summary.exact ? PROCESS_LEGEND : TOLD_LEGEND}`, "  ", style)];
  const lines = indentedTable(processColumns(meta, summary.exact), shown, style);
  return part(title("Processes"), lines, processes.length + moreProcesses - shown.length, legend);
}

/** Where programs left connections open. */
function connectionBlock(
  { databases }: MetaLine,
  { connections = [], moreConnections = 0 }: SummaryLine,
  rows: number,
  { folder }: Names,
  title: (text: string) => string,
  style: Style,
): string[] {
  const all = connectionRows(connections, databases, folder);
  if (all.length === 0 || rows === 0) return [];
  const shown = all.slice(0, rows);
  const legend = [paragraph(`  ${CONNECTION_LEGEND}`, "  ", style)];
  const more = all.length - shown.length + (all.length === connections.length ? moreConnections : 0);
  return part(title("Connections"), indentedTable(CONNECTION_COLUMNS, shown, style), more, legend);
}

function indentedTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], style: Style): string[] {
  const { header, lines } = tableLines(columns, rows, { ...style, width: style.width - 2 });
  return [style.chalk?.dim(header) ?? header, ...lines].map((line) => `  ${line}`);
}

function patternBlock(
  { patterns, processes, atLeast }: SummaryLine,
  rows: number,
  names: Names,
  title: (text: string) => string,
  style: Style,
): string[] {
  if (patterns.length === 0) return [];
  const starts = new Map(processes.map(({ pid, startTicks }) => [pid, startTicks]));
  const startOf = (pid: number) => starts.get(pid) ?? null;
  const texts = patterns.slice(0, rows).flatMap((pattern) => {
    const head = `  ${pattern.severity}`;
    const text = paragraph(`${head}: ${patternText(pattern, names, atLeast, startOf)}`, "    ", style);
    const paint = severityPaint(pattern.severity, style);
    return [(paint?.(head) ?? head) + text.slice(head.length), paragraph(`    ${fixText(pattern)}`, "    ", style)];
  });
  return part(title("What to change"), texts, patterns.length - rows);
}

function severityPaint(severity: Pattern["severity"], { chalk }: Style): ((text: string) => string) | undefined {
  return severity === "error" ? chalk?.red : severity === "warning" ? chalk?.yellow : chalk?.dim;
}

function unknownBlock(facts: UnknownFacts, title: (text: string) => string, style: Style): string[] {
  const texts = unknownTexts(facts);
  if (texts.length === 0) return [];
  return [[title("Not known"), ...texts.map((text) => paragraph(`  ${text}`, "  ", style))].join("\n")];
}

/** Parts that have no row. */
function leftOut({ waits, transactions, processes }: SummaryLine, rows: Rows): string {
  const parts = [
    ...(rows.waits === 0 && waits.length > 0 ? ["waits"] : []),
    ...(rows.transactions === 0 && transactions.length > 0 ? ["transactions"] : []),
    ...(rows.processes === 0 && processes.length > 0 ? ["processes"] : []),
  ];
  return parts.length === 0 ? "" : ` A taller terminal, or a pipe, also shows ${list(parts)}.`;
}

function footer({ meta, summary, file, recordedMs }: Omit<EndFacts, "story">, more: string, style: Style): string {
  const recorded = `Recorded for ${time(recordedMs ?? summary.durationMs)}; ${sourceText(meta)}.${more}`;
  if (file === null) return paragraph(recorded, "  ", style);
  return `${paragraph(recorded, "  ", style)}\n${fileText(file)}`;
}

function fileText({ path, owner, problem, isFolder }: RecordedFile): string {
  const whose = owner === null ? "" : ` (it belongs to uid ${owner}, the owner of the folder)`;
  if (problem !== null && isFolder) return `The recording is not complete: ${withoutEndText(problem)}.`;
  if (problem !== null) return `The recording is not complete: ${incompleteText(problem)}.`;
  return `The recording is in ${escapeText(path)}${whose}.`;
}
