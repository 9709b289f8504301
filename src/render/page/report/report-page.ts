/** The page of a recording: verdict, timeline, plots, tables, and what is not known. Pure. */
import type { HistoryFacts, Span } from "../../../recording/history/history.ts";
import type { MetaLine } from "../../../recording/lines.ts";
import type { Pattern } from "../../../recording/summary/pattern.ts";
import type { SummaryLine } from "../../../recording/summary-line.ts";
import { escapeText } from "../../../text/escape.ts";
import { count, grouped } from "../../../text/list.ts";
import { databasesOf } from "../../record/end-screen.ts";
import { fixText } from "../../record/fixes.ts";
import { onlyText } from "../../record/only.ts";
import { patternText } from "../../record/patterns.ts";
import { sourceText } from "../../record/source.ts";
import { unknownTexts } from "../../record/unknown.ts";
import { verdictText } from "../../record/verdict.ts";
import { Names, percent, time } from "../../record/words.ts";
import type { Collected } from "../collect/collector.ts";
import { pageDocument } from "../document.ts";
import { type Content, type Element, el } from "../element.ts";
import { packed } from "../packed.ts";
import { section } from "../table.ts";
import { ZoneClock } from "../zone-clock.ts";
import { lengthSection, walSections } from "./plots.ts";
import {
  connectionSection,
  databaseSection,
  processSection,
  type TableFacts,
  transactionSection,
  waitSection,
} from "./tables.ts";
import { leftOutTexts, spanText } from "./words.ts";

export interface ReportPage {
  readonly collected: Collected;
  readonly meta: MetaLine;
  readonly summary: SummaryLine;
  readonly facts: HistoryFacts;
  readonly span: Span;
  /** Files of programs are named from there on; null: by their path. */
  readonly folder: string | null;
  readonly version: string;
  /** The built files of src/page. */
  readonly files: { readonly script: string; readonly style: string };
}

export function reportPage(page: ReportPage): string {
  const { collected, summary, span, files, version } = page;
  const meta = { ...page.meta, databases: databasesOf(page.meta, summary) };
  const names = new Names(summary.processes, page.folder);
  const clock = new ZoneClock(collected.data.clock, collected.data.zone);
  const isOneDay = clock.dateText(span.fromMs) === clock.dateText(span.toMs);
  const timeOf = (atMs: number) =>
    isOneDay ? clock.timeText(atMs) : `${clock.dateText(atMs)} ${clock.timeText(atMs)}`;
  const facts: TableFacts = { meta, summary, names, timeOf, ...span };
  const body = [
    headerOf(meta, clock, span),
    el(
      "main",
      {},
      verdictSection(meta, summary, names),
      timelineSection(),
      walSections(collected.data, clock),
      waitSection(facts),
      patternSection(summary, names),
      transactionSection(facts),
      processSection(facts),
      databaseSection(facts),
      connectionSection(facts),
      lengthSection(collected),
      unknownSection(page),
    ),
    el(
      "footer",
      {},
      `Recorded for ${time(summary.durationMs)}; ${sourceText(meta)}. Made by sqlock ${version}. `,
      "This file has commands, paths, user names and statements of the recorded programs. ",
      "It loads nothing from a network.",
    ),
  ];
  return pageDocument({
    title: titleOf(meta),
    body,
    script: files.script,
    style: files.style,
    data: packed(collected.data),
  });
}

function titleOf({ databases }: MetaLine): string {
  const [first] = databases;
  if (first === undefined) return "sqlock report";
  return `sqlock report: ${escapeText(first.path)}${databases.length > 1 ? ` and ${databases.length - 1} more` : ""}`;
}

function headerOf(meta: MetaLine, clock: ZoneClock, { fromMs, toMs }: Span): Element {
  const [first] = meta.databases;
  const others = meta.databases.length - 1;
  return el(
    "header",
    { id: "top" },
    el("p", { class: "product" }, "sqlock report"),
    el(
      "h1",
      {},
      first === undefined ? "No database" : escapeText(first.path),
      others > 0 ? el("small", {}, ` and ${others} more`) : null,
    ),
    el("p", { class: "span" }, spanText(clock, fromMs, toMs)),
  );
}

function verdictSection(meta: MetaLine, summary: SummaryLine, names: Names): Element {
  const only = onlyText(meta.only);
  const narrowed = only === null ? "" : `This counts only what concerns ${only}. `;
  const { gaveUp, refusals, waits } = summary.verdict;
  const level = gaveUp + refusals > 0 ? "bad" : waits > 0 ? "warning" : "good";
  return el(
    "section",
    { id: "verdict", class: level, "aria-label": "Verdict" },
    el("p", { class: "verdict" }, `${narrowed}${verdictText(summary, names)}`),
    el(
      "dl",
      { class: "figures" },
      ...figuresOf(summary).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))),
    ),
  );
}

/** Counts of samples say nothing about waits. */
function figuresOf({
  verdict,
  totals,
  databases,
  unknown,
  atLeast,
  exact,
}: SummaryLine): (readonly [string, string])[] {
  const least = (text: string, isLeast = atLeast) => (isLeast ? `at least ${text}` : text);
  const busy = grouped(verdict.gaveUp + verdict.refusals);
  const share = databases.reduce((most, { writeHeldShare }) => Math.max(most, writeHeldShare), 0);
  const held = [["Write lock held", databases.length > 1 ? `up to ${percent(share)}` : percent(share)]] as const;
  const commits = totals.commits > 0 ? [["Commits", least(grouped(totals.commits))] as const] : [];
  if (!exact) return [...held, ["Holds of the write lock", least(grouped(totals.writeHolds))], ...commits];
  return [
    ["Waits", least(grouped(verdict.waits))],
    ["Waited in all", least(time(verdict.waitedMs))],
    ["Longest wait", time(verdict.longestWaitMs)],
    ["Calls with SQLITE_BUSY", least(busy, atLeast || unknown.waitsWithoutOutcome > 0)],
    ...held,
    ...commits,
  ];
}

/** The script fills it. */
function timelineSection(): Element {
  return section(
    "timeline",
    "Timeline",
    el(
      "noscript",
      {},
      el("p", { class: "note" }, "The timeline needs JavaScript. All tables of this page can be read without it."),
    ),
    el("div", { id: "timeline-place", hidden: "" }),
  );
}

function patternSection({ patterns, processes, atLeast }: SummaryLine, names: Names): Element | null {
  if (patterns.length === 0) return null;
  const starts = new Map(processes.map(({ pid, startTicks }) => [pid, startTicks]));
  const startOf = (pid: number) => starts.get(pid) ?? null;
  const item = (pattern: Pattern): Element =>
    el(
      "li",
      { class: pattern.severity },
      el(
        "p",
        {},
        el("b", { class: "severity" }, pattern.severity),
        ` ${patternText(pattern, names, atLeast, startOf)}`,
      ),
      el("p", { class: "fix" }, fixText(pattern)),
    );
  return section("change", "What to change", el("ul", { class: "patterns" }, ...patterns.map(item)));
}

function unknownSection({ summary, meta, collected, facts }: ReportPage): Element {
  const texts = [
    ...unknownTexts({ ...summary, ...(meta.callSites && { callSites: true }), statements: meta.statements }),
    ...leftOutTexts(collected.leftOut),
  ];
  const clock = new ZoneClock(collected.data.clock, collected.data.zone);
  const zones = collected.data.zones.slice(0, MOST_ZONES).map(({ fromMs, toMs, text }): Content => {
    const until = toMs > fromMs ? ` to ${clock.text(toMs, 0)}` : "";
    return el("li", {}, `${clock.text(fromMs, 0)}${until}: ${text}`);
  });
  const more = collected.data.zones.length - zones.length;
  const isComplete = facts.runs.every(({ end }) => end === "complete");
  const items = [...texts.map((text): Content => el("li", {}, text)), ...zones];
  const last = more > 0 ? [el("li", {}, `${count(more, "more time", "more times")} that the timeline shows`)] : [];
  return section(
    "unknown",
    "Not known",
    items.length === 0
      ? el("p", {}, `Nothing that sqlock knows of is missing${isComplete ? "" : ", up to the end of the recorder"}.`)
      : el("ul", {}, ...items, ...last),
  );
}

const MOST_ZONES = 50;
