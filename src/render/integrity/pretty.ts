/** For a person: a line for each database that is ok; for another one what is wrong, where, and what to do. */

import type { DatabaseCheck, IntegrityReport } from "../../features/integrity/report.ts";
import { escapeText } from "../../text/escape.ts";
import { count, grouped } from "../../text/list.ts";
import { renderFinding } from "../finding.ts";
import { paragraph } from "../paragraph.ts";
import type { Style } from "../style.ts";
import { usualColumns } from "../who-holds/column-choice.ts";
import { holdersTables } from "../who-holds/table.ts";
import type { ReportContext } from "./context.ts";
import { groupsOf, type ProblemGroup } from "./groups.ts";
import { locationText, problemText } from "./problem-text.ts";
import { remedyOf } from "./remedy.ts";
import { factsOf, leftUnchecked, methodOf, problemCount, sumUp } from "./words.ts";

/** Of each table or index so many problems are shown, and so many tables and indexes: the document has all. */
const MAX_PROBLEMS = 3;
const MAX_GROUPS = 10;

/** The command on a line of its own where the terminal is too narrow for both. */
function moreText(id: string, style: Style): string {
  return paragraph(`More on a finding: sqlock explain ${id}`, "  ", style, { breaks: /(?<=: )/ });
}

export function renderPretty(report: IntegrityReport, { style }: Pick<ReportContext, "style">): string {
  const blocks = report.databases.map((database) => renderDatabase(database, style));
  const lines = blocks.reduce((text, block, i) => {
    // A database that is ok is one line, with no empty lines around it.
    const apart = i > 0 && (block.hasDetails || blocks[i - 1]?.hasDetails === true);
    return `${text}${apart ? "\n" : ""}${block.text}\n`;
  }, "");
  const finding = report.databases.flatMap(({ findings }) => findings)[0];
  const more = finding === undefined ? [] : [dim(moreText(finding.id, style), style)];
  const sum = report.databases.length === 1 ? [] : [paragraph(sumUp(report), "", style)];
  const quick = report.quick
    ? [paragraph("Quick check (--quick): the indexes were not compared with their tables.", "", style)]
    : [];
  return lines + [...more, ...quick, ...sum].map((line) => `\n${line}\n`).join("");
}

interface Block {
  readonly text: string;
  /** It has several paragraphs. */
  readonly hasDetails: boolean;
}

function renderDatabase(database: DatabaseCheck, style: Style): Block {
  const remedy = database.remedy ?? remedyOf(database.path, database.problems, database.truncated);
  const top = [headLine(database, style), ...partsNotChecked(database, style)].join("\n");
  const details = [
    ...blockers(database, style),
    ...problems(database, style),
    ...database.findings.map((finding) => renderFinding(finding, style)),
  ];
  const toDo = remedy === null ? [] : [paragraph(`  To do: ${escapeText(remedy)}`, "  ", style)];
  const hasDetails = details.length > 0;
  return { text: [top, ...details, ...toDo].join(hasDetails ? "\n\n" : "\n"), hasDetails };
}

function headLine(database: DatabaseCheck, style: Style): string {
  const { verdict, reason } = database;
  const path = escapeText(database.path);
  const word = verdict === "not-checked" ? "not checked" : verdict;
  const said =
    verdict === "corrupt"
      ? `${word}, ${problemCount(database)}`
      : verdict === "ok" || reason === null
        ? word
        : `${word}: ${reason}`;
  const facts = [factsOf(database), methodOf(database) ?? ""].filter((text) => text !== "").join("; ");
  const text = escapeText(`${said}${facts === "" ? "" : ` (${facts})`}`);
  const line = paragraph(`${path}: ${text}`, "  ", style, { most: style.width });
  const start = `${path}: ${word}`;
  if (style.chalk === null || !line.startsWith(start)) return line;
  const paint = verdict === "ok" ? style.chalk.green : verdict === "corrupt" ? style.chalk.red : style.chalk.yellow;
  return `${style.chalk.bold(path)}: ${paint(word)}${line.slice(start.length)}`;
}

/** The holders that keep readers out, as who-holds shows them. */
function blockers({ blockedBy }: DatabaseCheck, style: Style): string[] {
  if (blockedBy.length === 0) return [];
  return holdersTables([{ holders: blockedBy, unownedLocks: [] }], usualColumns(), style);
}

function problems(database: DatabaseCheck, style: Style): string[] {
  const groups = groupsOf(database.problems);
  const shown = groups.slice(0, MAX_GROUPS).map((group) => renderGroup(group, style));
  const left = groups.slice(MAX_GROUPS);
  const number = left.reduce((sum, group) => sum + group.problems.length, 0);
  if (left.length > 0)
    shown.push(`  ... and ${count(number, "problem")} in ${count(left.length, "other place")}: see --reporter json`);
  if (database.truncated)
    shown.push(paragraph("  There may be more: the check stopped here (--max-problems).", "  ", style));
  return shown.length === 0 ? [] : [shown.join("\n")];
}

function renderGroup(group: ProblemGroup, style: Style): string {
  const head = `${locationText(group)}: ${count(group.problems.length, "problem")} (${group.check})`;
  const shown = group.problems
    .slice(0, MAX_PROBLEMS)
    .map((problem) => paragraph(`    ${escapeText(problemText(problem))}`, "      ", style));
  const left = group.problems.length - shown.length;
  return [
    paragraph(`  ${escapeText(head)}`, "    ", style),
    ...shown,
    ...(left === 0 ? [] : [`    ... and ${grouped(left)} more`]),
  ].join("\n");
}

/** None where nothing was checked: the first line says why. */
function partsNotChecked(database: DatabaseCheck, style: Style): string[] {
  const { verdict, reason, checks } = database;
  const parts = checks.filter(
    (check) => check.result === "not-checked" && !(verdict === "not-checked" && check.reason === reason),
  );
  const lines = parts.map((check) =>
    paragraph(
      `  Not checked: ${check.name}${check.reason === null ? "" : `: ${escapeText(check.reason)}`}`,
      "    ",
      style,
    ),
  );
  const inPart = checks.flatMap((check) => {
    const left = leftUnchecked(check, database);
    return left === null ? [] : [paragraph(`  Not checked in full: ${check.name}: ${escapeText(left)}`, "    ", style)];
  });
  return [...lines, ...inPart];
}

function dim(text: string, { chalk }: Style): string {
  return chalk?.dim(text) ?? text;
}
