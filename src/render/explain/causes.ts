/** The causes of a message, in full or by name, with how to tell and what to do. Pure. */
import type { ExplainedCause, Explanation } from "../../features/explain/explanation.ts";
import { paragraph } from "../paragraph.ts";
import type { Style } from "../style.ts";
import { bold, labelled } from "./labelled.ts";
import { reasonText } from "./reason.ts";

export function hasShownCause({ causes }: Pick<Explanation, "causes">): boolean {
  return causes.some((cause) => cause.likelihood === "this-time");
}

/** The likely causes in full, the others by name. Where evidence shows a cause, that one alone: to fit a screen. */
export function causesText({ causes, message, whoHolds }: Explanation, style: Style): string[] {
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
