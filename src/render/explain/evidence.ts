/** What a look at the database found, in the answer of explain: first the findings that show the cause. */
import { basename } from "node:path";
import type { ExplainedCause, Explanation } from "../../features/explain/explanation.ts";
import { type Sign, signsOf } from "../../features/explain/signs.ts";
import { findingRecord } from "../../findings/index.ts";
import { type DatabaseReport, type Finding, isPathError, type Report } from "../../model/report.ts";
import { mayHoldDatabase, unseenMatters } from "../../model/unseen-processes.ts";
import { summaryOf } from "../../text/blocker.ts";
import { escapeText } from "../../text/escape.ts";
import { count, list } from "../../text/list.ts";
import { commandAgain } from "../again.ts";
import { renderFinding, unseenLine } from "../finding.ts";
import { paragraph } from "../paragraph.ts";
import type { Style } from "../style.ts";
import { accessSentences } from "./access.ts";

/** "" where no database could be looked at. */
export function databaseEvidence(explanation: Explanation, style: Style): string {
  const report = explanation.whoHolds;
  const databases = report?.databases.filter((each): each is DatabaseReport => !isPathError(each)) ?? [];
  if (report === null || databases.length === 0) return "";
  const parts = databases.map((database) => evidenceOf(database, explanation, report, style));
  const { unseen } = report;
  const noted =
    !unseenMatters(unseen, databases) ||
    (unseen.processes === null &&
      unseen.reasons.length === 1 &&
      databases.some((database) => limitOf(database) !== undefined));
  const command = commandAgain(
    "explain --db",
    databases.map(({ givenAs }) => givenAs),
  );
  return [...parts, ...(noted ? [] : [unseenLine(unseen, style, command)])].join("\n\n");
}

/** A finding that says that not all could be seen: a note, no evidence. */
function limitOf(database: DatabaseReport): Finding | undefined {
  return database.findings.find(({ id }) => findingRecord(id)?.limitsView === true);
}

function evidenceOf(database: DatabaseReport, explanation: Explanation, report: Report, style: Style): string {
  const name = escapeText(basename(database.path));
  const limit = limitOf(database);
  const found = explanation.thisTime
    .filter((each) => each.database === database.path)
    .flatMap(({ finding }) => database.findings.filter((each) => each.id === finding && each !== limit));
  const cause = shownOn(database, explanation);
  const head = cause === undefined ? `Now, on ${name}:` : `This time, on ${name}: ${cause.what}`;
  const explained = new Set(found.filter(namesItsBlocker).flatMap((finding) => finding.pids));
  const sentences = summaryOf(database, explained);
  const tried =
    explanation.access === null
      ? []
      : accessSentences(explanation.access, explanation.message?.id ?? null, report.viewer);
  const bold = style.chalk?.bold ?? ((words: string) => words);
  const text = (finding: Finding) => indented(renderFinding(finding, { ...style, width: style.width - 2 }));
  const shown = new Set(explanation.thisTime.flatMap((each) => (each.cause === null ? [] : [each.finding])));
  /** Information that shows no cause comes after those who block now. */
  const informs = ({ id, severity }: Finding) => severity === "info" && !shown.has(id);
  return [
    bold(paragraph(head, "  ", style)),
    ...found.filter((finding) => !informs(finding)).map(text),
    ...sentences.map((sentence) => paragraph(`  ${escapeText(sentence)}`, "    ", style)),
    ...found.filter(informs).map(text),
    ...tried.map((sentence) => paragraph(`  ${escapeText(sentence)}`, "    ", style)),
    ...(found.length === 0 && sentences.length === 0 && tried.length === 0
      ? [paragraph(`  ${nothingShows(database, explanation, report)}`, "  ", style)]
      : []),
    ...(limit === undefined
      ? []
      : [
          paragraph(`  Not everything could be seen: ${escapeText(`${limit.summary} ${limit.remedy}`)}`, "    ", style),
        ]),
  ].join("\n");
}

/** Its summary says whom its processes keep out. */
function namesItsBlocker({ id }: Finding): boolean {
  return findingRecord(id)?.namesBlocker === true;
}

/** The first cause that this database shows: by a finding, or by what a holder does. */
function shownOn(database: DatabaseReport, { thisTime, causes }: Explanation): ExplainedCause | undefined {
  const signs = signsOf(database);
  const shows = ({ id, pid }: Sign) => signs.some((sign) => sign.id === id && sign.pid === pid);
  const byFinding = thisTime.filter((each) => each.database === database.path).map((each) => each.cause);
  return causes.find(
    ({ likelihood, id, reason }) =>
      likelihood === "this-time" &&
      (byFinding.includes(id) || (reason?.kind === "sign" && shows(reason.sign)) || reason?.kind === "tried"),
  );
}

function indented(text: string): string {
  return text.replace(/^/gm, "  ");
}

/** Where nothing is blocked: which processes have it open, and whether some could not be seen. */
function nothingShows({ holders }: DatabaseReport, { message }: Explanation, { unseen }: Report): string {
  const hidden = mayHoldDatabase(unseen);
  const none = holders.length === 1 ? "does not block" : "none of them blocks";
  const open =
    holders.length === 0
      ? `${hidden ? "no process that can be seen" : "no process"} has it open`
      : `${count(holders.length, "process has", "processes have")} it open (` +
        `${list(holders.map((holder) => holder.pid))}), and ${none} another`;
  const now = `At this moment ${open}`;
  if (message === null) return `${now}.`;
  if (message.code?.name !== "SQLITE_BUSY") {
    return (
      `${now}. sqlock checked which processes have it open, with which locks and permissions, its journals, its disk ` +
      "and its file system: nothing there shows a cause of this message."
    );
  }
  return (
    `${now}: what blocked the program no longer does${hidden ? ", or cannot be seen" : ""}. Look ` +
    "again while it happens."
  );
}
