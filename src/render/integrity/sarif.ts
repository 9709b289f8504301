/** SARIF 2.1.0: problems and findings are results, what was not checked is a notification of the run. Pure. */
import { FINDING_PAGES } from "../../features/explain/finding-pages/index.ts";
import type { CheckName, DatabaseCheck, IntegrityReport, Problem } from "../../features/integrity/report.ts";
import type { Finding } from "../../model/report.ts";
import { renderJson } from "../json.ts";
import type { ReportContext } from "./context.ts";
import { locationIn, uriPath } from "./file-location.ts";
import { fingerprintsOf } from "./fingerprint.ts";
import { problemText } from "./problem-text.ts";
import { CHECK_RULES, type Rule } from "./rules.ts";
import { leftUnchecked } from "./words.ts";

type Where = Pick<ReportContext, "cwd" | "root">;

export function renderSarif(report: IntegrityReport, where: Where): string {
  const rules = [...Object.entries(CHECK_RULES), ...findingRules(report)].map(([id, rule]) => ruleOf(id, rule));
  const indexOf = (id: string) => rules.findIndex((rule) => rule.id === id);
  const notifications = report.databases.flatMap((database) => notificationsOf(database, where));
  return renderJson({
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "sqlock", version: report.sqlock, semanticVersion: report.sqlock, rules } },
        automationDetails: { id: "sqlock/integrity/" },
        invocations: [
          {
            executionSuccessful: notifications.every(({ level }) => level === "note"),
            toolExecutionNotifications: notifications,
          },
        ],
        results: report.databases.flatMap((database) =>
          resultsOf(database, where).map((result) => ({ ...result, ruleIndex: indexOf(result.ruleId) })),
        ),
        columnKind: "utf16CodeUnits",
      },
    ],
  });
}

/** Of all checks, so that the rules of two runs are the same; and of the findings there are. */
function findingRules({ databases }: IntegrityReport): [string, Rule][] {
  const ids = new Set(databases.flatMap(({ findings }) => findings.map(({ id }) => id)));
  return [...ids].map((id) => [
    id,
    {
      title: FINDING_PAGES[id].title,
      meaning: FINDING_PAGES[id].meaning,
      help: FINDING_PAGES[id].remedy,
      level: "warning",
    },
  ]);
}

function ruleOf(id: string, { title, meaning, help, level }: Rule) {
  return {
    id,
    // by itself it must not be the id in capitals
    name: `Sqlite${id.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase())}`,
    shortDescription: { text: title },
    fullDescription: { text: meaning },
    help: { text: help },
    defaultConfiguration: { level },
    properties: { tags: ["sqlite"] },
  };
}

function resultsOf(database: DatabaseCheck, where: Where) {
  const prints = fingerprintsOf(database.problems);
  const results = [
    ...database.problems.map((problem, i) => ({
      ruleId: problem.check as string,
      level: "error",
      message: { text: messageOf(problem) },
      locations: [{ ...locationOf(database, where), ...logicalOf(problem) }],
      partialFingerprints: { primaryLocationLineHash: prints[i] ?? "" },
      properties: detailsOf(problem),
    })),
    ...database.findings.map((finding) => ({
      ruleId: finding.id as string,
      level: levelOf(finding),
      message: { text: `${finding.summary} ${finding.detail} To do: ${finding.remedy}` },
      locations: [locationOf(database, where)],
      partialFingerprints: { primaryLocationLineHash: `${finding.id}:1` },
    })),
  ];
  if (database.verdict === "corrupt" && database.problems.length === 0) results.push(failed(database, where));
  return results;
}

/** Corrupt without a problem that could be named. */
function failed(database: DatabaseCheck, where: Where) {
  const check: CheckName = database.checks.find(({ result }) => result === "failed")?.name ?? "structure";
  return {
    ruleId: check as string,
    level: "error",
    message: { text: database.reason ?? "corrupt" },
    locations: [locationOf(database, where)],
    partialFingerprints: { primaryLocationLineHash: `${check}:1` },
  };
}

function messageOf(problem: Problem): string {
  const { table, index } = problem;
  const text = problemText(problem);
  const missing = [
    ...(table === null || text.includes(table) ? [] : [`table ${table}`]),
    ...(index === null || text.includes(index) ? [] : [`index ${index}`]),
  ];
  return missing.length === 0 ? text : `${missing.join(", ")}: ${text}`;
}

function detailsOf({ table, index, rowid, parent, page }: Problem) {
  const known = Object.entries({ table, index, rowid, parent, page }).filter(([, value]) => value !== null);
  return Object.fromEntries(known);
}

function logicalOf({ table, index }: Problem) {
  if (table === null && index === null) return {};
  const name = index ?? table;
  return {
    logicalLocations: [
      {
        name,
        fullyQualifiedName: table === null || index === null ? name : `${table}/${index}`,
        kind: index === null ? "table" : "index",
      },
    ],
  };
}

/** A database has no lines, but GitHub wants one. */
function locationOf({ path }: DatabaseCheck, where: Where) {
  const { relative, absolute } = locationIn(path, where);
  const uri = relative === null ? `file://${uriPath(absolute)}` : uriPath(relative);
  return { physicalLocation: { artifactLocation: { uri }, region: { startLine: 1 } } };
}

function levelOf({ severity }: Finding): string {
  return severity === "info" ? "note" : severity;
}

/** A database, or a part of one, of which nothing is known. What was left out on purpose is only mentioned. */
function notificationsOf(database: DatabaseCheck, where: Where) {
  const { verdict, reason, reasonCode, checks } = database;
  const at = { locations: [locationOf(database, where)] };
  const said = reason ?? "not checked";
  const whole =
    verdict === "not-checked" ? [{ level: "error", message: { text: said }, properties: { reasonCode }, ...at }] : [];
  const parts = checks
    .filter((check) => check.result === "not-checked" && !(verdict === "not-checked" && check.reason === reason))
    .map((check) => ({
      level: check.reasonCode === "left-out" ? "note" : "error",
      message: { text: `${check.name} was not checked${check.reason === null ? "" : `: ${check.reason}`}` },
      associatedRule: { id: check.name },
      properties: { reasonCode: check.reasonCode },
      ...at,
    }));
  const inPart = checks.flatMap((check) => {
    const left = leftUnchecked(check, database);
    const message = { text: `${check.name} was not checked in full: ${left}` };
    return left === null
      ? []
      : [
          {
            level: "error",
            message,
            associatedRule: { id: check.name },
            properties: { reasonCode: check.reasonCode },
            ...at,
          },
        ];
  });
  return [...whole, ...parts, ...inPart];
}
