/** For a person. Pure. */

import type { Blockers } from "../../features/journal-mode/blockers.ts";
import { standing } from "../../features/journal-mode/obstacles.ts";
import type { JournalModeReport, KeptMode, ObstacleReport, Proof } from "../../features/journal-mode/report.ts";
import type { Finding } from "../../model/report.ts";
import { mayHoldDatabase, unseenMatters } from "../../model/unseen-processes.ts";
import { duration } from "../../text/duration.ts";
import { escapeText } from "../../text/escape.ts";
import { walText } from "../../text/frames.ts";
import { nameOf } from "../../text/holder.ts";
import { count, grouped, list as listOf } from "../../text/list.ts";
import { shellQuoted } from "../../text/shell.ts";
import { size } from "../../text/size.ts";
import { commandAgain } from "../again.ts";
import { renderFinding, unseenLine, withCommands } from "../finding.ts";
import { openerText } from "../opener-text.ts";
import { paragraph } from "../paragraph.ts";
import type { Style } from "../style.ts";
import { usualColumnsWith } from "../who-holds/column-choice.ts";
import { holdersTables } from "../who-holds/table.ts";
import { afterFindings, blockedRemedy } from "./blocker-text.ts";
import { modeName } from "./mode-name.ts";

export function renderPretty(report: JournalModeReport, style: Style): string {
  const blocks = [...(report.asked === null ? shown(report, style) : asked(report, style)), opener(report, style)];
  // after a switch a process that could not be seen blocked nothing
  const matters = report.asked === null || report.reason !== null || report.dryRun;
  const seen = [{ unownedLocks: report.blockedByUnowned }];
  // without the mode: it only shows
  const again = commandAgain("journal-mode", [report.path]);
  const unseen = matters && unseenMatters(report.unseen, seen) ? [unseenLine(report.unseen, style, again)] : [];
  return `${[...blocks, ...unseen].filter((block) => block !== "").join("\n\n")}\n`;
}

function shown(report: JournalModeReport, style: Style): string[] {
  const goal: KeptMode = report.before === "wal" ? "delete" : "wal";
  // by the real path: as root, a link of another user is not followed
  const command = `sqlock journal-mode ${shellQuoted(report.path)} ${goal}`;
  const verdict = report.wouldSwitch
    ? `A switch to ${modeName(goal)} would succeed now${asSeen(report)}: ${command}`
    : `A switch to ${modeName(goal)} would fail now: ${report.reason}.`;
  return [
    factsLine(report, style),
    holders(report.holders, report, style),
    sentence(verdict, report.wouldSwitch ? "good" : "bad", style),
    ...aboutBlockers(report, style),
    ...obstacles(report, style),
    ...whatToDo(report, style),
    bullets(`What ${modeName(goal)} would change here:`, report.effects, style),
    notes(report, style),
    ...report.findings
      .filter((finding) => !explainsBlocker(finding, report))
      .filter(({ id }) => !report.obstacles.some(({ code }) => code === id))
      .map((finding) => renderFinding(finding, style)),
  ];
}

function asked(report: JournalModeReport, style: Style): string[] {
  const goal = report.asked ?? "wal";
  if (report.before === goal && !report.changed && report.reason === null)
    return [sentence(`${report.path} is already in ${modeName(goal)}: nothing was changed.`, "good", style)];
  if (report.before === null && goal === "delete")
    return [
      sentence(
        `${report.path} is empty, and has no journal mode yet: SQLite will create it in rollback-journal ` +
          `mode. Nothing ` +
          "was changed.",
        "good",
        style,
      ),
    ];
  if (report.dryRun) {
    const verdict = report.wouldSwitch
      ? `${report.path} would be switched from ${modeName(report.before)} to ${modeName(goal)}${asSeen(report)}. ` +
        "Nothing was changed (--dry-run)."
      : `${report.path} would not be switched to ${modeName(goal)}: ${report.reason}. Nothing was changed (--dry-run).`;
    return [
      sentence(verdict, report.wouldSwitch ? "good" : "bad", style),
      holders(report.blockedBy, report, style),
      ...aboutBlockers(report, style),
      ...obstacles(report, style),
      ...whatToDo(report, style),
      notes(report, style),
    ];
  }
  if (report.reason !== null) {
    const kept = report.changed ? "" : report.after === null ? "" : ` It is still in ${modeName(report.after)}.`;
    const verdict = `${report.path} was ${report.changed ? "switched, but" : "not switched"}: ${report.reason}.${kept}`;
    return [
      sentence(verdict, "bad", style),
      holders(report.blockedBy, report, style),
      ...aboutBlockers(report, style),
      ...obstacles(report, style),
      ...whatToDo(report, style),
    ];
  }
  return [
    success(report, goal, style),
    ...forced(report, style),
    notes(report, style),
    bullets("Settings for the program, which the file does not store:", report.advice, style),
  ];
}

function success(report: JournalModeReport, goal: KeptMode, style: Style): string {
  const { proof, waitedMs, path, before } = report;
  const waited = waitedMs !== null && waitedMs >= 1000 ? ` (after ${duration(waitedMs)})` : "";
  const done = sentence(`${path} was switched from ${modeName(before)} to ${modeName(goal)}${waited}.`, "good", style);
  const verified = "Verified: its header says so, and another process could read it.";
  const compared = proof === null ? notComparedText(report) : ` ${proofText(proof)}`;
  return `${done}\n${paragraph(`  ${verified}${compared}`, "  ", style)}`;
}

function notComparedText({ notCompared }: JournalModeReport): string {
  switch (notCompared?.kind) {
    case "too-many-frames":
      return (
        ` Its -wal had ${count(notCompared.frames, "frame")}, which are more than can be compared ` +
        `(${grouped(notCompared.limit)}).`
      );
    case "may-be-rewritten":
      return ` ${differingText(notCompared, notCompared.differing)} another process may have committed since.`;
    default:
      return "";
  }
}

function differingText({ frames, pages }: Pick<Proof, "frames" | "pages">, differing: number): string {
  const same = pages - differing;
  return (
    `Of the ${count(pages, "page")} in the ${count(frames, "frame")} of its -wal, ${grouped(same)} ` +
    `${same === 1 ? "is" : "are"} in the database, and ${grouped(differing)} cannot be compared:`
  );
}

/** As whom root has it switched. */
function opener({ openedAs, changed, waitedMs }: JournalModeReport, style: Style): string {
  if (openedAs === null) return "";
  const verb = changed ? "switched" : waitedMs === null ? "to be switched" : "tried";
  return paragraph(escapeText(`(${openerText(openedAs, verb)})`), "  ", style);
}

function proofText(proof: Proof): string {
  const { frames, pages, rewritten } = proof;
  if (frames === 0) return "Its -wal had no changes that were not in the database.";
  return rewritten === 0
    ? `All ${count(frames, "frame")} of its -wal are in the database: ${count(pages, "page")} compared.`
    : `${differingText(proof, rewritten)} another process has committed since.`;
}

function factsLine(report: JournalModeReport, style: Style): string {
  const { path, before, sizeBytes, pageCount, pageSize, walBytes, wal, fileSystem } = report;
  const facts = [
    modeName(before),
    ...(sizeBytes === null ? [] : [size(sizeBytes)]),
    ...(pageCount === null || pageSize === null ? [] : [`${count(pageCount, "page")} of ${pageSize}`]),
    ...(walBytes === null ? [] : [`-wal of ${size(walBytes)}${wal === null ? "" : `: ${walText(wal)}`}`]),
    ...(fileSystem === null ? [] : [`${fileSystem.type} on ${fileSystem.mountPoint}`]),
  ];
  const shownPath = escapeText(path);
  const line = paragraph(escapeText(`${path}: ${facts.join(", ")}`), "  ", style, {
    breaks: /(?<=, )/,
    most: style.width,
  });
  return style.chalk === null || !line.startsWith(shownPath)
    ? line
    : style.chalk.bold(shownPath) + line.slice(shownPath.length);
}

/** What keeps the journal mode from being changed is what this command is asked. */
const COLUMNS = usualColumnsWith("BLOCKS");

function holders(list: JournalModeReport["holders"], report: JournalModeReport, style: Style): string {
  if (list.length === 0 && report.blockedByUnowned.length === 0)
    return report.asked === null
      ? `no process${mayHoldDatabase(report.unseen) ? " that can be seen" : ""} has it open`
      : "";
  return holdersTables([{ holders: list, unownedLocks: report.blockedByUnowned }], COLUMNS, style).join("\n");
}

/** A transaction that was forgotten, a process that was stopped: what to do about the blockers. */
function aboutBlockers(report: JournalModeReport, style: Style): string[] {
  return report.findings
    .filter((finding) => explainsBlocker(finding, report))
    .map((finding) => renderFinding(finding, style));
}

/** An obstacle has the words of its finding. */
function explainsBlocker({ id, pids }: Finding, { blockedBy, obstacles: all }: JournalModeReport): boolean {
  const isTold = standing(all).some(({ code }) => code === id);
  return !isTold && blockedBy.some(({ pid }) => pids.includes(pid));
}

/** The first one's message is the reason already. What is to be done about several is said once, after the last one. */
function obstacles({ obstacles: all }: JournalModeReport, style: Style): string[] {
  const left = standing(all);
  return left
    .map(({ message, remedy }, i) =>
      [
        ...(i === 0 ? [] : [paragraph(escapeText(`Also: ${message}.`), "  ", style)]),
        ...(left.slice(i + 1).some((later) => later.remedy === remedy) ? [] : [toDo(remedy, style)]),
      ].join("\n"),
    )
    .filter((block) => block !== "");
}

/** What --force overrode. */
function forced({ obstacles: all }: JournalModeReport, style: Style): string[] {
  const gone: ObstacleReport[] = all.filter((obstacle) => obstacle.forced);
  return gone.map(({ message }) => paragraph(escapeText(`Overridden by --force: ${message}.`), "  ", style));
}

/** Of a process that a finding explains, the finding has said it. */
function whatToDo(report: JournalModeReport, style: Style): string[] {
  const { blockedBy, blockedByUnowned: unowned, before } = report;
  // the remedy of an obstacle comes first
  if (standing(report.obstacles).length > 0 || (blockedBy.length === 0 && unowned.length === 0)) return [];
  const walMode = before === "wal";
  const explained = new Set(
    report.findings.filter((finding) => explainsBlocker(finding, report)).flatMap(({ pids }) => pids),
  );
  const rest = { holders: blockedBy.filter(({ pid }) => !explained.has(pid)), unowned };
  if (rest.holders.length === 0 && unowned.length === 0)
    return [withCommands(`Then: ${afterFindings({ holders: blockedBy, unowned }, walMode)}`, style)];
  const others = rest.holders.length === blockedBy.length ? "" : othersText(rest);
  return [withCommands(`To do${others}: ${blockedRemedy(rest, walMode)}`, style)];
}

/** ` about 4243 (sqlite3)`: the others than those that findings explain. */
function othersText({ holders: rest, unowned }: Blockers): string {
  const names = [...rest.map(nameOf), ...(unowned.length === 0 ? [] : ["the unknown process"])];
  return ` about ${listOf(names)}`;
}

function toDo(remedy: string, style: Style): string {
  return withCommands(`To do: ${remedy}`, style);
}

function notes(report: JournalModeReport, style: Style): string {
  return bullets("What cannot be seen:", report.notes, style);
}

function bullets(head: string, items: readonly string[], style: Style): string {
  if (items.length === 0) return "";
  return [head, ...items.map((item) => paragraph(`  - ${escapeText(item)}`, "    ", style))].join("\n");
}

function sentence(text: string, mood: "good" | "bad", style: Style): string {
  const lines = paragraph(escapeText(text), "  ", style);
  if (style.chalk === null) return lines;
  return mood === "good" ? style.chalk.green(lines) : style.chalk.yellow(lines);
}

/** In a container, or on a network mount, there may be blockers that cannot be seen from here. */
function asSeen({ unseen }: JournalModeReport): string {
  return unseen !== null && unseen.processes === null ? ", as far as can be seen from here" : "";
}
