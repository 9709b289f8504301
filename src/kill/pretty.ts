/** For a person. Pure. */
import { quoted } from "../inspect/diagnose/shell.ts";
import { count, duration, nameOf } from "../inspect/phrases.ts";
import { escapeText } from "../output/escape.ts";
import { renderFinding } from "../output/finding.ts";
import { paragraph } from "../output/paragraph.ts";
import type { Style } from "../output/style.ts";
import type { Candidate } from "./candidates.ts";
import type { Chosen } from "./choose.ts";
import type { KillReport, Outcome } from "./report.ts";
import type { Signal } from "./signals.ts";

/** Before the question. */
export function renderPlan(picked: readonly Candidate[], resumed: readonly Candidate[], refused: Chosen["refused"], signal: Signal, style: Style): string {
  const blocks = [
    ...picked.map((candidate) => planOf(candidate, signal, style)),
    ...resumed.map(({ holder }) => paragraph(escapeText(`${nameOf(holder)} will go on (SIGCONT), and can finish what it was at.`), "  ", style)),
    ...refused.map(({ name, reason }) => paragraph(escapeText(`${name} is left alone: ${reason}.`), "  ", style)),
  ];
  return `${blocks.join("\n\n")}\n\n`;
}

function planOf({ holder, consequences, danger }: Candidate, signal: Signal, style: Style): string {
  const rescue = danger?.first === undefined || danger.first === null ? [] : [withCommands(danger.first, style)];
  const warning = danger === null ? [] : [painted(`Danger: ${danger.why}.`, style.chalk?.red, style)];
  const head = paragraph(escapeText(`${nameOf(holder)} will get ${signal}.`), "  ", style);
  return [head, ...warning, ...rescue, ...consequences.map((sentence) => paragraph(`  ${escapeText(sentence)}`, "  ", style))].join("\n");
}

/** What came of it, what is left, and what is to be known of that. */
export function renderReport(report: KillReport, style: Style): string {
  const { outcomes, remaining, restarted, findings, path, dryRun } = report;
  if (outcomes.length === 0) {
    const who =
      remaining.length === 0
        ? "nobody holds it"
        : `${count(remaining.length, "process", "processes")} ${remaining.length === 1 ? "holds" : "hold"} it, and none of them is in anybody's way`;
    return `${paragraph(escapeText(`Nobody was signalled: ${who} (${path}).`), "  ", style)}\n`;
  }
  const left = dryRun ? [] : [leftText(report, style)];
  const again = restarted.map((pid) => {
    const holder = remaining.find((each) => each.pid === pid);
    const unit = holder?.unit?.endsWith(".service") === true ? `; systemctl restart ${holder.unit} instead` : "";
    return paragraph(escapeText(`${holder === undefined ? pid : nameOf(holder)} was started since: a supervisor has started it anew${unit}.`), "  ", style);
  });
  const grave = dryRun ? [] : findings.map((finding) => renderFinding(finding, style));
  return `${[outcomes.map((outcome) => outcomeText(outcome, style)).join("\n"), ...left, ...again, ...grave].join("\n\n")}\n`;
}

function outcomeText({ name, result, signal, afterMs, reason, holds, consequences }: Outcome, style: Style): string {
  const after = afterMs === null ? "" : ` after ${afterMs < 1000 ? `${afterMs} ms` : duration(afterMs)}`;
  switch (result) {
    case "exited":
      return painted(`${name} has ended${after} (${signal}).`, style.chalk?.green, style);
    case "survived":
      return holds === true
        ? painted(`${name} has not ended (${signal}): ${reason}.`, style.chalk?.red, style)
        : painted(`${name} has let the database go${after} (${signal}), and runs on.`, style.chalk?.green, style);
    case "gone":
      return paragraph(escapeText(`${name} was not signalled: ${reason}.`), "  ", style);
    case "refused":
      return painted(`${name} was not signalled: ${reason}.`, style.chalk?.yellow, style);
    case "planned":
      return [
        paragraph(escapeText(`${name} would get ${signal} (--dry-run).`), "  ", style),
        ...consequences.map((sentence) => paragraph(`  ${escapeText(sentence)}`, "  ", style)),
      ].join("\n");
  }
}

function leftText({ remaining, path, findings }: KillReport, style: Style): string {
  if (remaining.length === 0) {
    const recover = findings.some(({ id }) => id === "hot-journal" || id === "leftover-wal") ? "; the next program that opens it recovers it" : "";
    return paragraph(escapeText(`Nobody holds ${path} now${recover}.`), "  ", style);
  }
  const blockers = remaining.filter(({ blocks }) => blocks.some((block) => block !== "journal-mode"));
  const who = blockers.length === 0 ? "none of them is in anybody's way" : `in the way: ${blockers.map(nameOf).join(", ")}`;
  return paragraph(
    escapeText(`${count(remaining.length, "process", "processes")} ${remaining.length === 1 ? "holds" : "hold"} ${path} now; ${who}.`),
    "  ",
    style,
  );
}

/** What to run, where nobody can be asked. */
export function commandFor(givenAs: string, pids: readonly number[], signal: Signal): string {
  const option = signal === "SIGTERM" ? "" : ` --signal ${signal.slice(3)}`;
  return `sqlock kill ${quoted(givenAs)} --pid ${pids.join(" ")}${option} --yes`;
}

function withCommands(text: string, style: Style): string {
  return text
    .split("\n")
    .map((line) => (line.startsWith("  ") ? `  ${escapeText(line)}` : paragraph(`  ${escapeText(line)}`, "  ", style)))
    .join("\n");
}

function painted(text: string, paint: ((text: string) => string) | undefined, style: Style): string {
  const lines = paragraph(escapeText(text), "  ", style);
  return paint?.(lines) ?? lines;
}
