/** For a person. Pure. */

import { type Candidate, RESUMED } from "../../features/kill/candidates.ts";
import type { Plan } from "../../features/kill/kill.ts";
import type { KillReport, Outcome } from "../../features/kill/report.ts";
import type { Signal } from "../../features/kill/signals.ts";
import { blocksSomebody } from "../../model/blockers.ts";
import { duration } from "../../text/duration.ts";
import { escapeText } from "../../text/escape.ts";
import { nameOf } from "../../text/holder.ts";
import { count } from "../../text/list.ts";
import { shellQuoted } from "../../text/shell.ts";
import { renderFinding, withCommands } from "../finding.ts";
import { paragraph } from "../paragraph.ts";
import type { Style } from "../style.ts";

/** Before the question. */
export function renderPlan({ picked, resumed, refused }: Plan, signal: Signal, style: Style): string {
  const blocks = [
    ...picked.map((candidate) => planOf(candidate, signal, style)),
    ...resumed.map(({ holder }) =>
      paragraph(escapeText(`${nameOf(holder)} will go on (SIGCONT), and can finish what it was at.`), "  ", style),
    ),
    ...refused.map(({ name, reason }) => paragraph(escapeText(`${name} is left alone: ${reason}.`), "  ", style)),
  ];
  return `${blocks.join("\n\n")}\n\n`;
}

function planOf({ holder, consequences }: Candidate, signal: Signal, style: Style): string {
  const head = paragraph(escapeText(`${nameOf(holder)} will get ${signal}.`), "  ", style);
  return [head, ...(signal === "SIGCONT" ? RESUMED : consequences).map((text) => consequence(text, style))].join("\n");
}

function consequence(text: string, style: Style): string {
  const lines = withCommands(text, style);
  return text.startsWith("Danger: ") ? (style.chalk?.red(lines) ?? lines) : lines;
}

/** What came of it, what is left, and what is to be known of that. */
export function renderReport(report: KillReport, style: Style): string {
  const { outcomes, remaining, restarted, findings, path, dryRun } = report;
  if (outcomes.length === 0) {
    const who =
      remaining.length === 0
        ? "nobody holds it"
        : `${count(remaining.length, "process", "processes")} ${remaining.length === 1 ? "holds" : "hold"} it, and ` +
          "none of them is in anybody's way";
    return `${paragraph(escapeText(`Nobody was signalled: ${who} (${path}).`), "  ", style)}\n`;
  }
  const left = dryRun ? [] : [leftText(report, style)];
  const again = restarted.map((pid) => {
    const holder = remaining.find((each) => each.pid === pid);
    const unit = holder?.unit?.endsWith(".service") === true ? `; systemctl restart ${holder.unit} instead` : "";
    return paragraph(
      escapeText(
        `${holder === undefined ? pid : nameOf(holder)} was started since: a supervisor has started it anew${unit}.`,
      ),
      "  ",
      style,
    );
  });
  const risked = outcomes.some(
    ({ result, consequences }) =>
      result === "exited" && consequences.some((text) => text.startsWith("Danger: ") && text.includes("corrupt")),
  );
  const check = risked
    ? [
        paragraph(
          escapeText(
            `Its database may be damaged. Check it before anything writes to it: sqlock integrity ${shellQuoted(path)}`,
          ),
          "  ",
          style,
        ),
      ]
    : [];
  const grave = dryRun ? [] : findings.map((finding) => renderFinding(finding, style));
  return (
    `${[outcomes.map((outcome) => outcomeText(outcome, style)).join("\n"), ...left, ...again, ...check, ...grave].join("\n\n")}` +
    "\n"
  );
}

/** Nobody was meant. */
export function nobodyText(remaining: KillReport["remaining"]): string {
  if (remaining.length === 0) return "nobody holds it";
  const blockers = remaining.filter(blocksSomebody);
  const who = `${count(remaining.length, "process", "processes")} ${remaining.length === 1 ? "holds" : "hold"} it`;
  if (blockers.length === 0) return `${who}, and none of them is in anybody's way`;
  const keepsOut = blockers.filter(({ blocks }) => blocks.includes("readers") || blocks.includes("writers"));
  const what =
    keepsOut.length === 0
      ? "none of them keeps readers or writers out"
      : "none of those in the way is stopped, idle in a transaction or left over";
  return `${who}, and ${what} (in the way: ${blockers.map(nameOf).join(", ")})`;
}

function outcomeText({ name, result, signal, afterMs, reason, released, consequences }: Outcome, style: Style): string {
  const after = afterMs === null ? "" : ` after ${afterMs < 1000 ? `${afterMs} ms` : duration(afterMs)}`;
  switch (result) {
    case "exited":
      return painted(`${name} has ended${after} (${signal}).`, style.chalk?.green, style);
    case "survived":
      return released
        ? painted(`${name} (${signal}): ${reason}${after}.`, style.chalk?.green, style)
        : painted(
            signal === "SIGCONT" ? `${name} (SIGCONT): ${reason}.` : `${name} has not ended (${signal}): ${reason}.`,
            style.chalk?.red,
            style,
          );
    case "gone":
      return paragraph(escapeText(`${name} was not signalled: ${reason}.`), "  ", style);
    case "refused":
      return painted(`${name} was not signalled: ${reason}.`, style.chalk?.yellow, style);
    case "planned":
      return [
        paragraph(escapeText(`${name} would get ${signal} (--dry-run).`), "  ", style),
        ...(signal === "SIGCONT" ? RESUMED : consequences).map((text) => consequence(text, style)),
      ].join("\n");
  }
}

function leftText({ remaining, path, findings }: KillReport, style: Style): string {
  if (remaining.length === 0) {
    const recover = findings.some(({ id }) => id === "hot-journal" || id === "leftover-wal")
      ? "; the next program that opens it recovers it"
      : "";
    return paragraph(escapeText(`Nobody holds ${path} now${recover}.`), "  ", style);
  }
  const blockers = remaining.filter(blocksSomebody);
  const who =
    blockers.length === 0 ? "none of them is in anybody's way" : `in the way: ${blockers.map(nameOf).join(", ")}`;
  return paragraph(
    escapeText(
      `${count(remaining.length, "process", "processes")} ${remaining.length === 1 ? "holds" : "hold"} ${path} ` +
        `now; ${who}.`,
    ),
    "  ",
    style,
  );
}

function painted(text: string, paint: ((text: string) => string) | undefined, style: Style): string {
  const lines = paragraph(escapeText(text), "  ", style);
  return paint?.(lines) ?? lines;
}
