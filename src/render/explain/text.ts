/** The answer of explain for a person: what was recognised, what it is this time, the causes, what to run next. */
import type {
  ExplainedCause,
  ExplainedFinding,
  ExplainedTopic,
  Explanation,
  Message,
  OtherMessage,
} from "../../features/explain/explanation.ts";
import type { RaisedAt } from "../../features/explain/frames/index.ts";
import { libraryName } from "../../features/explain/libraries.ts";
import { escapeText } from "../../text/escape.ts";
import { count } from "../../text/list.ts";
import { cut } from "../layout.ts";
import { paragraph } from "../paragraph.ts";
import type { Style } from "../style.ts";
import widthOf from "../width.ts";
import { databaseEvidence } from "./evidence.ts";
import { reasonText } from "./reason.ts";
import { waitedSentence } from "./waited.ts";

/** Through a pipe as well lines are broken: these are sentences to read, and commands are never broken. */
const WIDTH_WITHOUT_TERMINAL = 80;

/** What goes to stdout, with a newline at its end; "" when there is nothing to say. */
export function renderExplanation(explanation: Explanation, given: Style): string {
  const style = { ...given, width: Number.isFinite(given.width) ? given.width : WIDTH_WITHOUT_TERMINAL };
  const { message, finding, waited } = explanation;
  const parts = [
    ...(message === null ? [] : [messageHead(message, explanation, style), paragraph(message.meaning, "", style)]),
    ...(finding === null ? [] : [findingText(finding, style)]),
    ...explanation.topics.flatMap((topic) => topicText(topic, style)),
    ...(message === null && finding === null && explanation.error === null ? notRecognised(explanation, style) : []),
    ...(explanation.whoHolds === null ? [] : [databaseEvidence(explanation, style)].filter((part) => part !== "")),
    ...(waited === null || (waited.verdict === "unknown" && hasShownCause(explanation))
      ? []
      : [labelled("How long it waited:", waitedSentence(waited), style)]),
    ...causesText(explanation, style),
    ...(explanation.next.length === 0
      ? []
      : [[bold("Next:", style), ...explanation.next.map((command) => `  ${escapeText(command)}`)].join("\n")]),
  ];
  return parts.map((part) => `${part}\n`).join("\n");
}

function bold(text: string, { chalk }: Style): string {
  return chalk?.bold(text) ?? text;
}

/** `Label: sentences`, the label in bold. */
function labelled(label: string, text: string, style: Style, indent = ""): string {
  const lines = paragraph(`${label} ${text}`, indent, style, { used: indent.length });
  return indent + bold(label, style) + lines.slice(label.length);
}

function messageHead(message: Message, { others, lines }: Explanation, style: Style): string {
  const { found, code, extended } = message;
  const parts = [bold(message.title, style)];
  const repeats = found !== null && lines === 1 && found.text.toLowerCase() === message.title.toLowerCase();
  if (found !== null && !repeats) {
    const often = found.count === 1 ? "" : `, ${count(found.count, "time")}`;
    parts.push(paragraph(`  Line ${found.line}${often}: ${cutWords(escapeText(found.text), style)}`, "    ", style));
  }
  const source = saidBy(message, lines !== 1);
  const named = code === null ? "No SQLite result code" : `${code.name} (${code.number})`;
  const more = extended === null ? "" : `, extended: ${extended.name} (${extended.number})`;
  parts.push(paragraph(`  ${source}${named}${more}.`, "  ", style));
  if (extended !== null) parts.push(paragraph(`  ${extended.meaning}`, "  ", style));
  parts.push(...raisedText(message).map((text) => paragraph(`  ${text}`, "    ", style)));
  if (message.alsoSaidBy.length > 0)
    parts.push(paragraph(`  Also reported by ${message.alsoSaidBy.map(speakerText).join(", ")}.`, "    ", style));
  if (others.length > 0)
    parts.push(
      paragraph(
        `  ${found === null ? "The same code" : "Also in the text"}: ${others.map(otherText).join("; ")}.`,
        "    ",
        style,
      ),
    );
  return parts.join("\n");
}

const MAX_PLACES = 3;

/** `Raised here: orders/views.py:42, in checkout`. The innermost frame of the user's own code. */
function raisedText({ raisedAt, alsoRaisedAt }: Message): string[] {
  const others = alsoRaisedAt.slice(0, MAX_PLACES).map((place) => `${placeText(place)}${often(place.count)}`);
  const more = alsoRaisedAt.length - others.length;
  if (more > 0) others.push(`${count(more, "more place")}`);
  return [
    ...(raisedAt === null ? [] : [`Raised here: ${placeText(raisedAt)}`]),
    ...(others.length === 0 ? [] : [`${raisedAt === null ? "Raised" : "Also raised"} here: ${others.join("; ")}`]),
  ];
}

function placeText({ file, line, function: name }: RaisedAt): string {
  return escapeText(`${file}:${line}${name === null ? "" : `, in ${name}`}`);
}

function often(times: number): string {
  return times === 1 ? "" : ` (${times} times)`;
}

/** A word that is wider than the terminal would break the paragraph. */
function cutWords(text: string, { width }: Style): string {
  const max = Math.max(20, width - 8);
  return text
    .split(" ")
    .map((word) => (widthOf(word) <= max ? word : cut(word, max, "...")))
    .join(" ");
}

function saidBy({ library, language }: Message, several: boolean): string {
  if (library === null) return language === null ? "" : `Reported by a ${language} program. `;
  const where = library.from === "nearby" && several ? ` (line ${library.line})` : "";
  return `Reported by ${libraryName(library.id)}${where}. `;
}

function speakerText({ library, language, line }: Message["alsoSaidBy"][number]): string {
  return `${library === null ? `a ${language} program` : libraryName(library)} (line ${line})`;
}

function otherText({ title, extended, count: times, line }: OtherMessage): string {
  const what = extended === null ? title : `${title} with ${extended.name} (${extended.number})`;
  return line === null ? what : `${times === 1 ? "" : `${count(times, "time")} `}${what} (line ${line})`;
}

function hasShownCause({ causes }: Pick<Explanation, "causes">): boolean {
  return causes.some((cause) => cause.likelihood === "this-time");
}

/** The likely causes in full, the others by name. Where evidence shows a cause, that one alone: to fit a screen. */
function causesText({ causes, message, whoHolds }: Explanation, style: Style): string[] {
  if (causes.length === 0 || message === null) return [];
  const shown = hasShownCause({ causes }) ? ["this-time"] : causes.some(fitsNow) ? ["fits"] : ["fits", "possible"];
  const inFull = causes.filter((cause) => shown.includes(cause.likelihood));
  const byName = causes.filter((cause) => !inFull.includes(cause) && cause.likelihood !== "ruled-out");
  const excluded = causes.filter((cause) => cause.likelihood === "ruled-out");
  const head =
    causes.length === 1 ? "Cause:" : shown.includes("this-time") ? "Cause found:" : "Causes, the most likely first:";
  return [
    ...inFull.map(
      (cause, i) => `${i === 0 ? `${bold(head, style)}\n` : ""}${causeText(cause, whoHolds !== null, style)}`,
    ),
    ...(byName.length === 0
      ? []
      : [
          [
            bold(`Less likely (sqlock explain ${message.id} explains them):`, style),
            ...byName.map((cause) => nameText(cause, inBrackets(cause), style)),
          ].join("\n"),
        ]),
    ...(excluded.length === 0 ? [] : [excludedText(excluded, style)]),
  ];
}

/** What is on the database now speaks for it. */
function fitsNow({ likelihood, reason }: ExplainedCause): boolean {
  return likelihood === "fits" && reason !== null && ["sign", "findings", "tried", "path-error"].includes(reason.kind);
}

/** A reason that all have in common stands once, in the head. */
function excludedText(causes: readonly ExplainedCause[], style: Style): string {
  const common = new Set(causes.map(inBrackets)).size === 1 ? causes.slice(0, 1).map(inBrackets).join("") : "";
  return [
    bold(`Not this time${common}:`, style),
    ...causes.map((cause) => nameText(cause, common === "" ? inBrackets(cause) : "", style)),
  ].join("\n");
}

function nameText({ rank, what }: ExplainedCause, reason: string, style: Style): string {
  return paragraph(`  ${rank}. ${what}${reason}`, "     ", style);
}

/** Its reason, behind it. */
function inBrackets({ reason, likelihood }: Pick<ExplainedCause, "reason" | "likelihood">): string {
  return reason === null ? "" : ` (${likelihood === "unlikely" ? "but " : ""}${reasonText(reason)})`;
}

const PROCESSES = {
  one: "No other process is involved: look in this program.",
  several: "Another process is involved.",
};

/** `looked`: at the database; then where to look is said of a cause that shows, and of no other. */
function causeText(cause: ExplainedCause, looked: boolean, style: Style): string {
  const tellsWhere = cause.processes !== null && (!looked || cause.likelihood === "this-time");
  const processes = tellsWhere ? [paragraph(`   ${PROCESSES[cause.processes ?? "one"]}`, "   ", style)] : [];
  return [
    bold(paragraph(`${cause.rank}. ${cause.what}${inBrackets(cause)}`, "   ", style), style),
    labelled("How to tell:", cause.tell, style, "   "),
    ...processes,
    labelled("Fix:", cause.cure, style, "   "),
    ...cause.code.flatMap(({ text }) => text.split("\n").map((line) => `       ${line}`)),
  ].join("\n");
}

function findingText({ id, page, messages }: ExplainedFinding, style: Style): string {
  const titles = messages.map((each) => `'${each.title}'`).join(", ");
  return [
    bold(`${id}${page === null ? "" : `: ${page.title}`}`, style),
    ...(page === null
      ? []
      : [
          labelled("Detected when:", page.evidence, style, "  "),
          labelled("What it means:", page.meaning, style, "  "),
          labelled("To do:", page.remedy, style, "  "),
          labelled("Limits:", page.limits, style, "  "),
        ]),
    ...(titles === "" ? [] : [labelled("Errors it causes:", titles, style, "  ")]),
  ].join("\n");
}

/** What it is; then the messages and findings that concern it, each with the command that explains it. */
function topicText({ title, meaning, messages, findings }: ExplainedTopic, style: Style): string[] {
  return [
    `${bold(title, style)}\n${paragraph(meaning, "", style)}`,
    ...[
      { head: "Messages:", rows: messages },
      { head: "Findings of who-holds:", rows: findings },
    ].flatMap(({ head, rows }) =>
      rows.length === 0 ? [] : [[bold(head, style), ...rows.map((row) => commandLine(row, rows, style))].join("\n")],
    ),
  ];
}

/** `  sqlock explain wal-oversized    A long -wal`. */
function commandLine(
  { id, title }: { readonly id: string; readonly title: string | null },
  all: readonly { readonly id: string }[],
  style: Style,
): string {
  const command = `sqlock explain ${id}`;
  const column = Math.max(...all.map((each) => each.id.length)) + "  sqlock explain ".length + 2;
  const lines = paragraph(title ?? "", " ".repeat(column), style, { used: column });
  return `  ${command.padEnd(column - 2)}${lines}`.trimEnd();
}

/** [] where only a database was asked about. */
function notRecognised({ given, lines, nearest }: Explanation, style: Style): string[] {
  if (given === "nothing" || given === "topic") return [];
  const what =
    given === "code"
      ? nearest.length > 0
        ? "This code stands for many errors."
        : "sqlock knows no message with this code."
      : `sqlock knows no message in ${lines === 1 ? "this text" : `these ${count(lines ?? 0, "line")}`}.`;
  const more =
    nearest.length === 0
      ? "sqlock explain --list shows everything that it knows."
      : `Did you mean?\n${nearest.map(({ id, title }) => `  ${title}    (sqlock explain ${id})`).join("\n")}`;
  return [`${paragraph(what, "", style)}\n${more}`];
}
