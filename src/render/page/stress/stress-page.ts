/** The page of a load: verdict, what happened over time, how long commits took, and the matrix. Pure. */
import type { MatrixReport, StressReport } from "../../../features/stress/report.ts";
import { errorCount, isSound } from "../../../features/stress/result.ts";
import { durationAtMost } from "../../../text/duration.ts";
import { escapeText } from "../../../text/escape.ts";
import { grouped } from "../../../text/list.ts";
import { inOrder, matrixHeadText } from "../../stress/matrix.ts";
import { matrixVerdict } from "../../stress/matrix-verdict.ts";
import { durationCell, rateCell } from "../../stress/table.ts";
import { FAILURE_HEADS, factsText, failureRows, LATENCY_HEADS, latencyRows, loadText } from "../../stress/text.ts";
import { pageDocument } from "../document.ts";
import { type Content, type Element, el } from "../element.ts";
import { type Column, section, table } from "../table.ts";
import { matrixSections } from "./matrix-section.ts";
import { commitTimeSection, overTimeSections } from "./run-plots.ts";

export interface StressPage {
  readonly report: StressReport | MatrixReport;
  readonly version: string;
  /** The built files of src/page. */
  readonly files: { readonly script: string; readonly style: string };
}

export function stressPage({ report, version, files }: StressPage): string {
  const [database, load, parts] = "rows" in report ? matrixParts(report) : runParts(report);
  const heading = database === null ? "A throw-away database" : escapeText(database);
  const body = [
    el(
      "header",
      { id: "top" },
      el("p", { class: "product" }, "sqlock stress"),
      el("h1", {}, heading),
      el("p", { class: "span" }, escapeText(load)),
    ),
    el("main", {}, ...parts),
    el("footer", {}, `Made by sqlock ${version}. It loads nothing from a network.`),
  ];
  return pageDocument({ title: `sqlock stress: ${heading}`, body, ...files, data: null });
}

type Parts = readonly [database: string | null, load: string, parts: readonly Element[]];

function runParts(report: StressReport): Parts {
  const level = !isSound(report) ? "bad" : errorCount(report) + report.concerns.length > 0 ? "warning" : "good";
  const { p95 } = report.latencyMs.write;
  const figures = [
    ["Commits per second", rateCell(report.commitsPerSecond)],
    ["Reads per second", rateCell(report.readsPerSecond)],
    ["Errors", grouped(errorCount(report))],
    ["Commit time (p95)", durationCell(p95)],
    ["Longest wait", durationAtMost(report.longestWaitMs)],
    ["Lost", grouped(report.verification.lost + report.verification.duplicated)],
  ] as const;
  return [
    report.settings.database,
    loadText(report),
    [
      verdictSection(level, [report.verdict], figures),
      ...overTimeSections(report.perSecond),
      commitTimeSection(report),
      section("latency", "How long transactions took", textTable(LATENCY_HEADS, latencyRows(report), "Times", 1)),
      ...(report.failures.length === 0
        ? []
        : [section("failures", "What failed", textTable(FAILURE_HEADS, failureRows(report), "Failures", 3))]),
      section("facts", "More figures", el("p", {}, factsText(report))),
    ],
  ];
}

function matrixParts({ rows, verdict }: MatrixReport): Parts {
  const ordered = inOrder(rows);
  const [first] = ordered;
  if (first === undefined) return [null, verdict, []];
  const unsound = ordered.filter((row) => !isSound(row)).map((row) => row.verdict);
  const level = unsound.length > 0 ? "bad" : ordered.some(({ standing }) => standing === "best") ? "good" : "warning";
  return [
    first.settings.database,
    matrixHeadText(first, rows.length),
    [verdictSection(level, [...matrixVerdict(rows), ...unsound], []), ...matrixSections(ordered)],
  ];
}

function verdictSection(
  level: "good" | "warning" | "bad",
  texts: readonly string[],
  figures: readonly (readonly [string, string])[],
): Element {
  return el(
    "section",
    { id: "verdict", class: level, "aria-label": "Verdict" },
    ...texts.map((text, i) => el("p", { class: i === 0 ? "verdict" : "note" }, escapeText(text))),
    figures.length === 0
      ? null
      : el(
          "dl",
          { class: "figures" },
          ...figures.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))),
        ),
  );
}

/** A table of the text report, as it is. `numbers`: the first column of numbers. */
function textTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  caption: string,
  numbers: number,
): Element {
  const columns = heads.map((name, i): Column<readonly string[]> => {
    const cell = (row: readonly string[]): Content => escapeText(row[i] ?? "");
    return { name: name === "" ? "" : name.charAt(0) + name.slice(1).toLowerCase(), cell, right: i >= numbers };
  });
  return table(columns, rows, { caption });
}
