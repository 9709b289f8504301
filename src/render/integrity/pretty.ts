/** For a person: a line for each database that is well; of another one what is wrong, with what, and what to do. */

import { type Group, groupsOf, placeOf, problemText } from "../../features/integrity/groups.ts";
import { remedyOf } from "../../features/integrity/remedy.ts";
import type { DatabaseCheck, IntegrityReport } from "../../features/integrity/report.ts";
import { escapeText } from "../../text/escape.ts";
import { count } from "../../text/list.ts";
import { renderFinding } from "../finding.ts";
import { paragraph } from "../paragraph.ts";
import type { Style } from "../style.ts";
import { defaultColumns } from "../who-holds/columns.ts";
import { holdersTables } from "../who-holds/table.ts";
import type { ReportContext } from "./context.ts";
import { factsOf, leftUnchecked, methodOf, problemCount, sumUp } from "./words.ts";

/** Of each table and index, and of those, this many are shown: the document has all. */
const MOST_PROBLEMS = 3;
const MOST_GROUPS = 10;

export function renderPretty(report: IntegrityReport, { style }: Pick<ReportContext, "style">): string {
  const blocks = report.databases.map((database) => renderDatabase(database, style));
  const lines = blocks.reduce((text, block, i) => {
    // What is well takes a line, and no empty ones around it.
    const apart = i > 0 && (block.includes("\n\n") || blocks[i - 1]?.includes("\n\n"));
    return `${text}${apart ? "\n" : ""}${block}\n`;
  }, "");
  const finding = report.databases.flatMap(({ findings }) => findings)[0];
  const more = finding === undefined ? [] : [dim(`More on a finding: sqlock explain ${finding.id}`, style)];
  const sum = report.databases.length === 1 ? [] : [paragraph(sumUp(report), "", style)];
  const quick = report.quick
    ? [paragraph("A quick check (--quick): the indexes were not compared with their tables.", "", style)]
    : [];
  return lines + [...more, ...quick, ...sum].map((line) => `\n${line}\n`).join("");
}

function renderDatabase(database: DatabaseCheck, style: Style): string {
  const remedy = database.remedy ?? remedyOf(database.path, database.problems, database.truncated);
  const top = [headLine(database, style), ...partsNotChecked(database, style)].join("\n");
  const details = [
    ...blockers(database, style),
    ...problems(database, style),
    ...database.findings.map((finding) => renderFinding(finding, style)),
  ];
  const toDo = remedy === null ? [] : [paragraph(`  To do: ${escapeText(remedy)}`, "  ", style)];
  return details.length === 0 ? [top, ...toDo].join("\n") : [top, ...details, ...toDo].join("\n\n");
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

/** Who keeps the check out, as who-holds shows it. */
function blockers({ blockedBy }: DatabaseCheck, style: Style): string[] {
  if (blockedBy.length === 0) return [];
  return holdersTables([{ holders: blockedBy, unownedLocks: [] }], defaultColumns(), style);
}

function problems(database: DatabaseCheck, style: Style): string[] {
  const groups = groupsOf(database.problems);
  const shown = groups.slice(0, MOST_GROUPS).map((group) => renderGroup(group, style));
  const left = groups.slice(MOST_GROUPS);
  const number = left.reduce((sum, group) => sum + group.problems.length, 0);
  if (left.length > 0)
    shown.push(`  ... and ${count(number, "problem")} in ${count(left.length, "other place")}: see --reporter json`);
  if (database.truncated)
    shown.push(paragraph("  There may be more: the check stopped there (--max-problems).", "  ", style));
  return shown.length === 0 ? [] : [shown.join("\n")];
}

function renderGroup(group: Group, style: Style): string {
  const head = `${placeOf(group)}: ${count(group.problems.length, "problem")} (${group.check})`;
  const shown = group.problems
    .slice(0, MOST_PROBLEMS)
    .map((problem) => paragraph(`    ${escapeText(problemText(problem))}`, "      ", style));
  const left = group.problems.length - shown.length;
  return [
    paragraph(`  ${escapeText(head)}`, "    ", style),
    ...shown,
    ...(left === 0 ? [] : [`    ... and ${count(left, "more", "more")}`]),
  ].join("\n");
}

/** Nothing of a database of which no part was checked: its own line says why. */
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
