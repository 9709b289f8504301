/** What a look at the database found, as explain tells it: first the findings that show the cause. */
import { basename } from "node:path";
import type { Explanation } from "../explain/explanation.ts";
import { count, list } from "../inspect/phrases.ts";
import { type DatabaseReport, isPathError, type Report } from "../inspect/report.ts";
import { escapeText } from "./escape.ts";
import { renderFinding, unseenLine } from "./finding.ts";
import { paragraph } from "./paragraph.ts";
import type { Style } from "./style.ts";

/** "" where no database could be looked at. */
export function databaseEvidence(explanation: Explanation, style: Style): string {
  const report = explanation.whoHolds;
  const databases = report?.databases.filter((entry): entry is DatabaseReport => !isPathError(entry)) ?? [];
  if (report === null || databases.length === 0) return "";
  const parts = databases.map((database) => evidenceOf(database, explanation, report, style));
  return [...parts, ...(report.unseen === null ? [] : [unseenLine(report.unseen, style)])].join("\n\n");
}

function evidenceOf(database: DatabaseReport, { thisTime, causes, message }: Explanation, report: Report, style: Style): string {
  const name = escapeText(basename(database.path));
  const causeOf = (id: string) => thisTime.find((each) => each.database === database.path && each.finding === id)?.cause ?? null;
  const showing = database.findings.filter((finding) => causeOf(finding.id) !== null);
  const others = database.findings.filter((finding) => causeOf(finding.id) === null);
  const cause = causes.find((each) => each.id === causeOf(showing[0]?.id ?? ""));
  const head = cause === undefined ? `Now, on ${name}:` : `This time, on ${name}: ${cause.what}`;
  const told = new Set(database.findings.flatMap((finding) => finding.pids));
  const sentences = database.summary.filter((sentence) => !told.has(Number.parseInt(sentence, 10)));
  const bold = style.chalk?.bold ?? ((text: string) => text);
  return [
    bold(paragraph(head, "  ", style)),
    ...[...showing, ...others].map((finding) => indented(renderFinding(finding, { ...style, width: style.width - 2 }))),
    ...sentences.map((sentence) => paragraph(`  ${escapeText(sentence)}`, "    ", style)),
    ...(database.findings.length === 0 && sentences.length === 0
      ? [
          paragraph(
            `  ${nobody(database, report)}${message === null ? "" : ": whoever was in the way is no longer. Look again while it happens"}.`,
            "  ",
            style,
          ),
        ]
      : []),
  ].join("\n");
}

function indented(text: string): string {
  return text.replace(/^/gm, "  ");
}

/** What was seen, and no more. */
function nobody({ holders }: DatabaseReport, report: Report): string {
  const who = report.unseen === null ? "nobody" : "nobody visible";
  const open =
    holders.length === 0
      ? `${who} has it open`
      : `${count(holders.length, "process has", "processes have")} it open (${list(holders.map((holder) => holder.pid))}), and none of them blocks another`;
  return `At this moment ${open}`;
}
