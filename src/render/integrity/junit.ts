/**
 * JUnit XML: a database is a suite, a check is a case. A problem is a failure; what could not be checked is an error,
 * what was left out on purpose is skipped. It fits the schemas of Jenkins and of Ant's JUnit task: the second one wants
 * properties, system-out and system-err in every suite.
 */
import XMLBuilder from "fast-xml-builder";
import type { Check, DatabaseCheck, IntegrityReport } from "../../features/integrity/report.ts";
import { escapeText } from "../../text/escape.ts";
import type { ReportContext } from "./context.ts";
import { groupsOf } from "./groups.ts";
import { locationText, problemText } from "./problem-text.ts";
import { remedyOf } from "./remedy.ts";
import { factsOf, leftUnchecked, methodOf, problemCount } from "./words.ts";

/** Attributes begin with `@`; `#text` is what an element holds. */
type Element = { readonly [name: string]: string | number | Element | readonly Element[] };

type Context = Pick<ReportContext, "takenAt" | "hostname">;

export function renderJunit(report: IntegrityReport, context: Context): string {
  const builder = new XMLBuilder({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    format: true,
    suppressEmptyNode: true,
    suppressBooleanAttributes: false,
  });
  const document: Element = {
    "?xml": { "@version": "1.0", "@encoding": "UTF-8" },
    testsuites: { testsuite: report.databases.map((database, i) => suiteOf(database, i, context)) },
  };
  return builder.build(document);
}

type Outcome = "failure" | "error" | "skipped" | null;

interface Case {
  readonly name: string;
  readonly durationMs: number | null;
  readonly outcome: Outcome;
  readonly type: string;
  readonly message: string;
  readonly lines: readonly string[];
}

function suiteOf(database: DatabaseCheck, id: number, { takenAt, hostname }: Context): Element {
  const cases = casesOf(database);
  const number = (outcome: Outcome) => cases.filter((each) => each.outcome === outcome).length;
  return {
    "@name": name(database.path),
    "@package": "sqlock.integrity",
    "@id": id,
    "@timestamp": takenAt.toISOString().slice(0, 19),
    "@hostname": name(hostname),
    "@tests": cases.length,
    "@failures": number("failure"),
    "@errors": number("error"),
    "@skipped": number("skipped"),
    "@time": seconds(database.durationMs),
    properties: { property: propertiesOf(database) },
    testcase: cases.map((each) => caseElement(each, database)),
    "system-out": body(outputOf(database)),
    "system-err": "",
  };
}

function casesOf(database: DatabaseCheck): Case[] {
  const { verdict, checks } = database;
  const cases = checks.map((check) => caseOf(check, database));
  const represented =
    verdict === "ok" || cases.some(({ outcome }) => outcome === (verdict === "corrupt" ? "failure" : "error"));
  if (represented) return cases;
  // Of a path without a database no check has a result.
  const message = database.reason ?? verdict;
  const outcome = verdict === "corrupt" ? "failure" : "error";
  const lines = database.remedy === null ? [message] : [message, `To do: ${database.remedy}`];
  return [
    ...cases,
    { name: "database", durationMs: null, outcome, type: database.reasonCode ?? verdict, message, lines },
  ];
}

function caseOf(check: Check, database: DatabaseCheck): Case {
  const { name, result, reason, reasonCode, durationMs } = check;
  if (result === "ok") return { name, durationMs, outcome: null, type: "", message: "", lines: [] };
  if (result === "not-checked") {
    const message = reason ?? "not checked";
    const lines =
      database.verdict === "not-checked" && database.remedy !== null
        ? [message, `To do: ${database.remedy}`]
        : [message];
    return {
      name,
      durationMs,
      outcome: reasonCode === "left-out" ? "skipped" : "error",
      type: reasonCode ?? "not-checked",
      message,
      lines,
    };
  }
  const problems = database.problems.filter((problem) => problem.check === name);
  const left = leftUnchecked(check, database);
  const lines = groupsOf(problems).flatMap((group) => [
    `${locationText(group)}:`,
    ...group.problems.map((problem) => `  ${escapeText(problemText(problem))}`),
  ]);
  const [first] = problems;
  const message =
    first === undefined
      ? (reason ?? "failed")
      : `${problemCount({ problems, truncated: database.truncated })}, first ${problemText(first)}`;
  const remedy = database.remedy ?? remedyOf(database.path, problems, database.truncated);
  const all = [
    ...lines,
    ...(left === null ? [] : [`Not checked in full: ${left}`]),
    ...(remedy === null ? [] : [`To do: ${remedy}`]),
  ];
  return { name, durationMs, outcome: "failure", type: name, message, lines: all };
}

function caseElement(
  { name: check, durationMs, outcome, type, message, lines }: Case,
  database: DatabaseCheck,
): Element {
  const attributes = { "@name": check, "@classname": name(database.path), "@time": seconds(durationMs) };
  if (outcome === null) return attributes;
  if (outcome === "skipped") return { ...attributes, skipped: text(message) };
  return { ...attributes, [outcome]: { "@type": type, "@message": text(message), "#text": body(lines) } };
}

function propertiesOf(database: DatabaseCheck): Element[] {
  const { verdict, journalMode, pageSize, pageCount, sizeBytes, method, readLockMs } = database;
  return Object.entries({ verdict, journalMode, pageSize, pageCount, sizeBytes, method, readLockMs }).flatMap(
    ([key, value]) => (value === null ? [] : [{ "@name": key, "@value": text(String(value)) }]),
  );
}

function outputOf(database: DatabaseCheck): string[] {
  const { findings } = database;
  const said = findings.map(
    (finding) => `${finding.severity} ${finding.id}: ${finding.summary} ${finding.detail} To do: ${finding.remedy}`,
  );
  return [factsOf(database), methodOf(database) ?? "", ...said].filter((line) => line !== "");
}

/**
 * Lines of visible characters. XML 1.0 has no way to write most control characters, U+FFFE, U+FFFF and half a surrogate
 * pair.
 */
function body(lines: readonly string[]): string {
  return lines.map(text).join("\n");
}

function text(value: string): string {
  return escapeText(value.toWellFormed()).replace(
    /[\ufffe\uffff]/g,
    (char) => `\\u{${char.charCodeAt(0).toString(16)}}`,
  );
}

/** Never empty, as the schema of Ant wants it. */
function name(value: string): string {
  return text(value).trim() === "" ? "(no name)" : text(value);
}

/** A decimal number without an exponent. */
function seconds(ms: number | null): string {
  return ((ms ?? 0) / 1000).toFixed(3);
}
