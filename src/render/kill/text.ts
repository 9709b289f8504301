/** The plan before the question, and the report, as text. Pure. */

import { warningsOf } from "../../features/kill/candidates.ts";
import { type Consequence, serviceOf } from "../../features/kill/consequences.ts";
import { effectsOf } from "../../features/kill/outcomes.ts";
import { type Plan, type PlannedSignal, signalsOf } from "../../features/kill/plan.ts";
import type { KillReport, ProcessOutcome } from "../../features/kill/result.ts";
import type { Signal } from "../../features/kill/signals.ts";
import type { Viewer } from "../../model/viewer.ts";
import { duration } from "../../text/duration.ts";
import { escapeText } from "../../text/escape.ts";
import { nameOf } from "../../text/holder.ts";
import { shellQuoted } from "../../text/shell.ts";
import { restartCommand } from "../../text/unit.ts";
import { renderFinding, withCommands } from "../finding.ts";
import { paragraph } from "../paragraph.ts";
import type { Style } from "../style.ts";
import { consequenceTexts } from "./consequence.ts";
import { doubtClause, turnsClause } from "./doubt.ts";
import { ANOTHER_FILE, processName, reasonText, refusalText } from "./reason.ts";
import { adviceTexts, nobodyText, remainingText, sparedClause } from "./remaining.ts";

/** Before the question. */
export function renderPlan(
  plan: Plan,
  signal: Signal,
  report: Pick<KillReport, "givenAs" | "settings" | "viewer">,
  style: Style,
): string {
  const blocks = [
    ...signalsOf({ ...plan, continued: [] }, signal).map((planned) => plannedSignalText(planned, report, style)),
    ...plan.continued.map(({ holder }) =>
      textOf(`${nameOf(holder)} will continue (SIGCONT), and can finish what it was doing.`, style),
    ),
    ...plan.refusals.map((refusal) =>
      textOf(
        `${processName(refusal)} will not be signalled: ${refusalText(refusal.reason, refusal.pid, report)}.`,
        style,
      ),
    ),
  ];
  return `${blocks.join("\n\n")}\n\n`;
}

function plannedSignalText(planned: PlannedSignal, { viewer }: Pick<KillReport, "viewer">, style: Style): string {
  const { candidate, signal } = planned;
  const head = textOf(`${nameOf(candidate.holder)} will get ${signal}.`, style);
  const warnings = warningsOf(candidate).map((doubt) => withCommands(`Warning: ${doubtClause(doubt)}.`, style));
  const turns = candidate.turns === null ? [] : [textOf(`  Warning: ${turnsClause(candidate.turns)}.`, style)];
  return [head, ...turns, ...warnings, ...consequenceLines(effectsOf(planned).consequences, viewer, style)].join("\n");
}

function consequenceLines(consequences: readonly Consequence[], viewer: Viewer, style: Style): string[] {
  return consequences.flatMap((consequence) =>
    consequenceTexts(consequence, viewer).map((text, i) => {
      // of a danger: lines with commands
      const lines = consequence.kind === "danger" ? withCommands(text, style) : textOf(`  ${text}`, style);
      // the danger itself; the rescue after it is plain
      return consequence.kind === "danger" && i === 0 ? (style.chalk?.red(lines) ?? lines) : lines;
    }),
  );
}

/** What happened to each process, which processes hold the database now, and what to know about that. */
export function renderReport(report: KillReport, style: Style): string {
  const { outcomes, spared, restarted, findings, path, settings, pathChanged } = report;
  if (outcomes.length === 0) {
    const why = pathChanged ? ANOTHER_FILE : nobodyText(report);
    const answer = textsOf([`No process was signalled (${path}): ${why}.`, ...adviceTexts(report)], style);
    return `${[answer, ...report.unsafeToOpen.map((finding) => renderFinding(finding, style))].join("\n\n")}\n`;
  }
  const damaged = outcomes.some(
    ({ result, dangers }) =>
      result === "exited" && dangers.some(({ kind }) => kind === "no-journal" || kind === "half-written"),
  );
  const blocks = [
    outcomes.map((outcome) => outcomeText(outcome, report, style)).join("\n"),
    ...spared.map((each) => textOf(`${sparedClause(each)}.`, style)),
    ...(settings.dryRun ? [] : [textsOf([remainingText(report), ...adviceTexts(report)], style)]),
    ...restarted.map((pid) => textOf(restartedText(pid, report), style)),
    ...(damaged ? [textOf(checkText(path), style)] : []),
    ...(settings.dryRun ? [] : findings.map((finding) => renderFinding(finding, style))),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function outcomeText(outcome: ProcessOutcome, report: KillReport, style: Style): string {
  const { result, signal, afterMs, released, consequences } = outcome;
  const name = processName(outcome);
  const reason = reasonText(outcome, report);
  const notSignalled = report.settings.dryRun ? "would not be signalled" : "was not signalled";
  const after = afterMs === null ? "" : ` after ${afterMs < 1000 ? `${afterMs} ms` : duration(afterMs)}`;
  switch (result) {
    case "exited":
      return painted(`${name} has ended${after} (${signal}).`, style.chalk?.green, style);
    case "survived":
      if (released) return painted(`${name} (${signal}): ${reason}${after}.`, style.chalk?.green, style);
      return painted(
        signal === "SIGCONT" ? `${name} (SIGCONT): ${reason}.` : `${name} has not ended (${signal}): ${reason}.`,
        style.chalk?.red,
        style,
      );
    case "gone":
      return textOf(`${name} ${notSignalled}: ${reason}.`, style);
    case "refused":
      return painted(`${name} ${notSignalled}: ${reason}.`, style.chalk?.yellow, style);
    case "planned":
      return [
        textOf(`${name} would get ${signal} (--dry-run).`, style),
        ...consequenceLines(consequences, report.viewer, style),
      ].join("\n");
  }
}

function restartedText(pid: number, { remaining, viewer }: Pick<KillReport, "remaining" | "viewer">): string {
  const holder = remaining.find((each) => each.pid === pid);
  const service = holder === undefined ? null : serviceOf(holder);
  const restart = service === null ? null : restartCommand(service, viewer);
  const instead = restart === null ? "" : `; use ${restart} instead`;
  const name = processName({ pid, holder: holder ?? null });
  return `${name} is new: a supervisor has started the program again${instead}.`;
}

function checkText(path: string): string {
  return `Its database may be damaged. Check it before anything writes to it: sqlock integrity ${shellQuoted(path)}`;
}

function textsOf(texts: readonly string[], style: Style): string {
  return texts.map((text) => textOf(text, style)).join("\n");
}

function textOf(text: string, style: Style): string {
  return paragraph(escapeText(text), "  ", style);
}

function painted(text: string, paint: ((text: string) => string) | undefined, style: Style): string {
  const lines = textOf(text, style);
  return paint?.(lines) ?? lines;
}
