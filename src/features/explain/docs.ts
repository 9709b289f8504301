/** docs/errors.md and docs/findings.md, made from what explain knows. Pure. */

import { FINDING_IDS } from "../../findings/index.ts";
import type { FindingId } from "../../model/report.ts";
import { alternatives } from "../../text/list.ts";
import type { Cause, Entry } from "./entry.ts";
import type { FindingPages } from "./finding-page.ts";
import { libraryName } from "./libraries.ts";

const MADE = "<!-- Made by `npm run docs` from src/features/explain. Change it there. -->";

export function errorsMarkdown(entries: readonly Entry[]): string {
  const contents = entries.map(
    (entry) =>
      `| [${prose(entry.title)}](#${entry.id}) | ${codeText(entry)} | ` +
      `${entry.extended.map(({ number }) => number).join(", ")} |`,
  );
  return joined([
    "# Error messages",
    MADE,
    "What each message means, its causes (the most likely first), how to tell them apart, and how to fix " +
      "each. `sqlock explain 'database is locked'` prints the same in the terminal. It also finds the message in " +
      "a log, names your own code that raised it, and puts the cause first that the log and the database point " +
      "to.",
    ["| message | code | extended codes |", "|---|---|---|", ...contents].join("\n"),
    ...entries.flatMap(entrySection),
  ]);
}

export function findingsMarkdown(pages: FindingPages, entries: readonly Entry[]): string {
  const known = FINDING_IDS.map((id) => ({ id, page: pages[id] }));
  return joined([
    "# Findings",
    MADE,
    "`sqlock who-holds` prints findings under its table, and lists them under `findings` with `--json`. Each has one " +
      "of these ids. `sqlock explain ID` prints its section at the terminal.",
    known.map(({ id, page: { title } }) => `- [\`${id}\`](#${id}): ${prose(title)}`).join("\n"),
    ...known.flatMap(({ id, page: { title, evidence, meaning, remedy, limits } }) => [
      heading(2, id, `\`${id}\`: ${prose(title)}`),
      `**Detected when.** ${prose(evidence)}`,
      `**What it means.** ${prose(meaning)}`,
      `**To do.** ${prose(remedy)}`,
      `**Limits.** ${prose(limits)}`,
      ...messagesOf(id, entries),
    ]),
  ]);
}

function joined(parts: readonly string[]): string {
  return `${parts.join("\n\n")}\n`;
}

function entrySection(entry: Entry): string[] {
  const extended = entry.extended.map(({ name, number, meaning }) => `| \`${name}\` | ${number} | ${cell(meaning)} |`);
  return [
    heading(2, entry.id, prose(entry.title)),
    `${codeText(entry)}. ${prose(entry.meaning)}`,
    ...(extended.length === 0 ? [] : [["| extended code | | |", "|---|---|---|", ...extended].join("\n")]),
    ...entry.causes.flatMap((cause, i) => causeSection(entry, cause, i + 1)),
    ...(entry.next.length === 0 ? [] : ["### Next", fenced(entry.next.join("\n"), "sh")]),
    "### How it appears in logs",
    fenced(examplesText(entry), "text"),
  ];
}

const PROCESSES = { one: "No other process is involved.", several: "Another process is involved." };

function causeSection(entry: Entry, cause: Cause, position: number): string[] {
  const codes = entry.extended
    .filter(({ causes }) => causes?.includes(cause.id) === true)
    .map(({ name, number }) => `\`${name}\` (${number})`);
  const signs = [
    cause.processes === undefined ? "" : PROCESSES[cause.processes],
    codes.length === 0 ? "" : `The extended code is ${alternatives(codes)}.`,
    cause.findings.length === 0
      ? ""
      : `who-holds shows ${alternatives(cause.findings.map((id) => `[\`${id}\`](findings.md#${id})`))}.`,
  ].filter((sign) => sign !== "");
  return [
    `### ${position}. ${prose(cause.what)}`,
    `**How to tell.** ${prose(cause.tell)}${signs.length === 0 ? "" : ` *${signs.join(" ")}*`}`,
    `**Fix.** ${prose(cause.cure)}`,
    ...(cause.code === undefined ? [] : [codeTable(cause.code)]),
  ];
}

function codeTable(code: NonNullable<Cause["code"]>): string {
  return code.map(({ library, text }) => `- ${prose(libraryName(library))}:\n${indented(fenced(text, ""))}`).join("\n");
}

/** The first line of each: a whole traceback would add little. */
function examplesText({ examples }: Entry): string {
  const firsts = examples.map(
    ({ text }) => text.split("\n").find((line) => line !== "" && !/^(?:Traceback|\s)/.test(line)) ?? "",
  );
  return [...new Set(firsts)].filter((line) => line !== "").join("\n");
}

function messagesOf(id: FindingId, entries: readonly Entry[]): string[] {
  const found = entries.filter((entry) => entry.causes.some((cause) => cause.findings.includes(id)));
  return found.length === 0
    ? []
    : [`**Errors it causes.** ${found.map((entry) => `[${prose(entry.title)}](errors.md#${entry.id})`).join(", ")}`];
}

function codeText({ code }: Entry): string {
  return code === null ? "No SQLite result code" : `\`${code.name}\` (${code.number})`;
}

function heading(level: number, id: string, text: string): string {
  return `<a id="${id}"></a>\n\n${"#".repeat(level)} ${text}`;
}

function fenced(text: string, language: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}

/** Characters with a meaning in Markdown are escaped. */
function prose(text: string): string {
  return text.replace(/[\\`*<>[\]|]|(?<!\w)_|_(?!\w)/g, "\\$&");
}

function cell(text: string): string {
  return prose(text).replaceAll("\n", " ");
}
