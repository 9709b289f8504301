/**
 * Workflow commands of GitHub Actions. A step shows 10 errors, 10 warnings and 10 notices, and drops the others without
 * a message: a table or an index is one annotation, every database has its first one before any has its second, and the
 * last one sums up the rest.
 */

import type { DatabaseCheck, IntegrityReport } from "../../features/integrity/report.ts";
import type { Finding } from "../../model/report.ts";
import { escapeText } from "../../text/escape.ts";
import { count } from "../../text/list.ts";
import type { ReportContext } from "./context.ts";
import { locationIn } from "./file-location.ts";
import { groupsOf } from "./groups.ts";
import { locationText, problemText } from "./problem-text.ts";
import { remedyOf } from "./remedy.ts";
import { leftUnchecked, sumUp } from "./words.ts";

type Command = "error" | "warning" | "notice";

interface Annotation {
  readonly command: Command;
  readonly file: string;
  readonly title: string;
  readonly lines: readonly string[];
}

/** Of each command in a step. */
const MAX_ANNOTATIONS = 10;

/** Of a table or an index. */
const MAX_PROBLEMS = 5;

type Where = Pick<ReportContext, "cwd" | "root">;

/** The last line is no workflow command: it sums up for a reader of the log. */
export function renderGithub(report: IntegrityReport, where: Where): string {
  const queues = report.databases.map((database) => annotationsOf(database, where));
  const all = inTurns(queues);
  const kept = (["error", "warning", "notice"] as const).flatMap((command) =>
    limited(all.filter((each) => each.command === command)),
  );
  return [...kept.map(commandLine), sumUp(report)].map((line) => `${line}\n`).join("");
}

function annotationsOf(database: DatabaseCheck, where: Where): Annotation[] {
  const { relative, absolute } = locationIn(database.path, where);
  const at = (command: Command, title: string, lines: readonly string[]) => ({
    command,
    file: relative ?? absolute,
    title,
    lines,
  });
  return [
    ...problemsOf(database).map(([title, lines]) => at("error", title, lines)),
    ...notChecked(database).map(([title, lines]) => at("error", title, lines)),
    ...database.findings.map((finding) =>
      at(commandOf(finding), `sqlock: ${finding.id}`, [finding.summary, finding.detail, `To do: ${finding.remedy}`]),
    ),
  ];
}

type Text = readonly [title: string, lines: readonly string[]];

function problemsOf(database: DatabaseCheck): Text[] {
  const remedy = database.remedy ?? remedyOf(database.path, database.problems, database.truncated);
  const groups = groupsOf(database.problems).map((group): Text => {
    const shown = group.problems.slice(0, MAX_PROBLEMS).map(problemText);
    const left = group.problems.length - shown.length;
    return [
      `sqlock: ${locationText(group)} (${group.check}): ${count(group.problems.length, "problem")}`,
      left === 0 ? shown : [...shown, `... and ${left} more`],
    ];
  });
  if (database.verdict === "corrupt" && groups.length === 0)
    groups.push(["sqlock: corrupt", database.reason === null ? [] : [database.reason]]);
  return groups.map(([title, lines], i) => [
    title,
    i === 0 && remedy !== null ? [...lines, `To do: ${remedy}`] : lines,
  ]);
}

/** The database, or the parts of it that were not left out on purpose. */
function notChecked(database: DatabaseCheck): Text[] {
  const { verdict, reason, remedy, checks } = database;
  if (verdict === "not-checked")
    return [
      ["sqlock: not checked", [reason ?? "the reason is unknown", ...(remedy === null ? [] : [`To do: ${remedy}`])]],
    ];
  return checks.flatMap((check): Text[] => {
    const left = leftUnchecked(check, database);
    if (left !== null) return [[`sqlock: ${check.name} not checked in full`, [left]]];
    return check.result === "not-checked" && check.reasonCode !== "left-out"
      ? [[`sqlock: ${check.name} not checked`, [check.reason ?? "the reason is unknown"]]]
      : [];
  });
}

function commandOf({ severity }: Finding): Command {
  return severity === "info" ? "notice" : severity;
}

/** The first of each, then the second of each, and so on. */
function inTurns<T>(queues: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...queues.map((queue) => queue.length));
  return Array.from({ length: longest }, (_, i) => queues.flatMap((queue) => queue.slice(i, i + 1))).flat();
}

function limited(annotations: readonly Annotation[]): Annotation[] {
  const [last] = annotations.slice(MAX_ANNOTATIONS - 1);
  if (annotations.length <= MAX_ANNOTATIONS || last === undefined) return [...annotations];
  const left = annotations.slice(MAX_ANNOTATIONS - 1);
  const files = new Set(left.map(({ file }) => file));
  const title = `sqlock: ${count(left.length, `more ${last.command}`)} in ${count(files.size, "database")}`;
  const lines = [
    `GitHub shows ${MAX_ANNOTATIONS} of a step; the others are in --reporter json, junit and sarif.`,
    ...[...new Set(left.map((each) => `${each.file}: ${each.title}`))],
  ];
  return [
    ...annotations.slice(0, MAX_ANNOTATIONS - 1),
    { command: last.command, file: last.file, title, lines: lines.slice(0, MAX_ANNOTATIONS) },
  ];
}

function commandLine({ command, file, title, lines }: Annotation): string {
  return (
    `::${command} file=${property(shownPath(file))},title=${property(escapeText(title))}::` +
    lines.map((line) => data(escapeText(line))).join("%0A")
  );
}

/** GitHub has to find the file: what the command itself can encode stays. */
function shownPath(file: string): string {
  return file.replace(/[^\r\n]+/g, escapeText);
}

/** Source: @actions/core, command.ts; what the runner reads back. */
function data(text: string): string {
  return text.toWellFormed().replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
}

function property(text: string): string {
  return data(text).replace(/:/g, "%3A").replace(/,/g, "%2C");
}
