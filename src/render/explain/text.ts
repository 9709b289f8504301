/** The answer of explain for a person: what was recognised, what it is this time, the causes, what to run next. */
import type { ExplainedFinding, ExplainedTopic, Explanation } from "../../features/explain/explanation.ts";
import { escapeText } from "../../text/escape.ts";
import { count } from "../../text/list.ts";
import { paragraph } from "../paragraph.ts";
import type { Style } from "../style.ts";
import { causesText, hasShownCause } from "./causes.ts";
import { databaseEvidence } from "./evidence.ts";
import { bold, labelled } from "./labelled.ts";
import { messageHead } from "./message-head.ts";
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
