/** The tables of a recording: all of them can be read without the script. Pure. */
import type { MetaLine, TransactionLine, WaitLine } from "../../../recording/lines.ts";
import type { SummaryLine } from "../../../recording/summary-line.ts";
import { count, grouped } from "../../../text/list.ts";
import { siteText } from "../../record/call-site.ts";
import { CONNECTION_COLUMNS, CONNECTION_LEGEND, connectionRows } from "../../record/connections.ts";
import { databaseColumns, databaseRows } from "../../record/databases.ts";
import { transactionsTitle, waitsTitle } from "../../record/end-screen.ts";
import { whereText } from "../../record/places.ts";
import { PROCESS_LEGEND, processColumns, TOLD_LEGEND } from "../../record/processes.ts";
import { outsideCell, siteTexts, statementsText, TRANSACTION_ENDS } from "../../record/transactions.ts";
import { blockersText, isAtOnce, outcomeText } from "../../record/waits.ts";
import { commandText, lockCell, type Names, sqlText, timeCell, whoText } from "../../record/words.ts";
import type { Column as TerminalColumn } from "../../watch/table.ts";
import { type Content, type Element, el } from "../element.ts";
import { type Column, section, table } from "../table.ts";
import { headText } from "./words.ts";

export interface TableFacts {
  readonly meta: MetaLine;
  readonly summary: SummaryLine;
  readonly names: Names;
  /** The time of the day, with the date where the recording has several. */
  readonly timeOf: (atMs: number) => string;
  /** Of the axis: until when what is open goes on, and from when on the page counts. */
  readonly fromMs: number;
  readonly toMs: number;
}

export function waitSection({ meta, summary, names, timeOf, fromMs }: TableFacts): Element | null {
  const { waits, moreWaits, atLeast } = summary;
  if (waits.length === 0) return null;
  const columns: Column<WaitLine>[] = [
    { name: "At", cell: (wait) => timeOf(wait.fromMs) },
    {
      ...{ name: "Waited", right: true },
      cell: (wait) => (isAtOnce(wait) ? "at once" : timeCell(wait.waitedMs, atLeast && wait.outcome === "still")),
    },
    { name: "For", cell: (wait) => lockCell(wait.lock, wait.lockType) },
    { name: "Tries", right: true, cell: ({ attempts }) => (attempts === 0 ? "-" : grouped(attempts)) },
    {
      name: "Outcome",
      cell: ({ outcome, perhapsSeveralCalls }) =>
        `${outcomeText(outcome)}${perhapsSeveralCalls === true ? ", perhaps several calls" : ""}`,
    },
    { name: "Process", wide: true, cell: (wait) => whoCell(wait, meta, names) },
    { name: "Behind", wide: true, cell: (wait) => behindCell(wait, names) },
  ];
  const attributes = (wait: WaitLine) => ({
    ...{ "data-pid": wait.pid, "data-wait": microseconds(wait.fromMs, fromMs) },
    class: wait.outcome === "gave-up" ? "bad" : undefined,
  });
  const title = waitsTitle(waits);
  return section("waits", title, table(columns, waits, { caption: title, attributes }), moreText(moreWaits));
}

export function transactionSection({ meta, summary, names, timeOf, fromMs, toMs }: TableFacts): Element | null {
  const { transactions, moreTransactions, exact } = summary;
  if (transactions.length === 0) return null;
  const isOutsideKnown = transactions.some(({ outsideMs }) => outsideMs !== null);
  const columns: Column<TransactionLine>[] = [
    { name: "At", cell: (each) => timeOf(each.fromMs) },
    {
      ...{ name: "Open for", right: true },
      cell: (each) => timeCell((each.toMs ?? toMs) - each.fromMs, each.atLeast || each.toMs === null),
    },
    { name: "Kind", cell: ({ kind }) => kind },
    ...(isOutsideKnown
      ? [{ name: "Outside SQLite", right: true, cell: (each: TransactionLine) => outsideCell(each) }]
      : []),
    { name: "End", cell: ({ outcome }) => (outcome === "unknown" ? "not known" : TRANSACTION_ENDS[outcome]) },
    {
      ...{ name: "Process", wide: true },
      cell: (each) => [
        `${whereText(each.path, meta.databases)}${whoText(each, names, MOST_COMMAND)}`,
        ...siteTexts(each, names.folder).map((text) => el("small", {}, text)),
      ],
    },
    { name: "Statements", wide: true, cell: (each) => el("code", {}, statementsText(each) || "?") },
  ];
  const attributes = (each: TransactionLine) => ({
    ...{ "data-pid": each.pid, "data-transaction": microseconds(each.fromMs, fromMs) },
  });
  const title = transactionsTitle(transactions, exact);
  return section(
    "transactions",
    title,
    table(columns, transactions, { caption: title, attributes }),
    moreText(moreTransactions),
  );
}

const MOST_COMMAND = 80;

function whoCell(wait: WaitLine, { databases }: MetaLine, names: Names): readonly Content[] {
  const sql = sqlText(wait);
  return [
    `${whereText(wait.path, databases)}${whoText(wait, names, MOST_COMMAND)}`,
    ...(wait.callSite === null ? [] : [el("small", {}, `at ${siteText(wait.callSite, names.folder)}`)]),
    ...(sql === null ? [] : [el("code", {}, sql)]),
  ];
}

/** The first of its blockers, its statement on a line of its own. */
function behindCell(wait: WaitLine, names: Names): readonly Content[] {
  const [first] = wait.blockers;
  const sql = first === undefined ? null : sqlText(first);
  const text = blockersText({ ...wait, blockers: wait.blockers.map((each) => ({ ...each, sql: null })) }, names);
  return [text.replace(/^behind /, ""), ...(sql === null ? [] : [el("code", {}, sql)])];
}

/** As the data of the page has it: the script finds the bar by it. */
function microseconds(ms: number, fromMs: number): number {
  return Math.round((ms - fromMs) * 1_000);
}

function moreText(more: number): Element | null {
  return more === 0 ? null : el("p", { class: "note" }, `${count(more, "more", "more")}: the timeline has them.`);
}

export function processSection({ meta, summary }: TableFacts): Element | null {
  const { processes, moreProcesses, exact } = summary;
  if (processes.length === 0) return null;
  const columns = processColumns(meta, exact).map((column): Column<SummaryLine["processes"][number]> => {
    const shown = fromTerminal(column);
    return column.name === "COMMAND" ? { ...shown, wide: true, cell: (row) => commandText(row) ?? "?" } : shown;
  });
  const who: Column<SummaryLine["processes"][number]>[] = processes.some(({ user }) => user !== null)
    ? [{ name: "User", cell: ({ user }) => user ?? "?" }]
    : [];
  const [pid, ...others] = columns;
  const all = pid === undefined ? columns : [pid, ...who, ...others];
  const legend = exact ? PROCESS_LEGEND : TOLD_LEGEND;
  return section(
    "processes",
    "Processes",
    table(all, processes, { caption: "Processes", attributes: ({ pid: number }) => ({ "data-process": number }) }),
    el("p", { class: "note" }, legendText(legend)),
    moreProcesses === 0 ? null : el("p", { class: "note" }, count(moreProcesses, "more", "more")),
  );
}

export function databaseSection({ meta, summary }: TableFacts): Element | null {
  const rows = databaseRows(summary.databases, meta.databases);
  if (meta.databases.length < 2 || rows.length === 0) return null;
  const columns = databaseColumns(meta, summary.exact).map((each) => fromTerminal(each));
  return section("databases", "Databases", table(columns, rows, { caption: "Databases" }));
}

export function connectionSection({ meta, summary, names }: TableFacts): Element | null {
  const rows = connectionRows(summary.connections ?? [], meta.databases, names.folder);
  if (rows.length === 0) return null;
  const columns = CONNECTION_COLUMNS.map((each) => fromTerminal(each));
  return section(
    "connections",
    "Connections",
    table(columns, rows, { caption: "Connections" }),
    el("p", { class: "note" }, legendText(CONNECTION_LEGEND)),
  );
}

function fromTerminal<Row>({ name, value, right }: TerminalColumn<Row>): Column<Row> {
  return { name: headText(name), cell: (row) => value(row), ...(right === true && { right }) };
}

/** Names the heads as this page has them. */
function legendText(legend: string): string {
  return legend.replace(/\b[A-Z]{4,}(?=:)/g, headText);
}
