/** What a report says of the time that it is about, and of what was not recorded in it. Pure. */
import type { DamagedFile } from "../../features/report/read-file.ts";
import type { Wanted } from "../../features/report/wanted-lines.ts";
import type { Blank, ClockStep, HistoryFacts, Span, Suspension } from "../../recording/history/history.ts";
import { isSampledBlank } from "../../recording/history/sampled-blank.ts";
import { DAY_MS } from "../../recording/history/zone.ts";
import { duration } from "../../text/duration.ts";
import { escapeText } from "../../text/escape.ts";
import { count, list } from "../../text/list.ts";
import { paragraph } from "../paragraph.ts";
import { time } from "../record/words.ts";
import type { Style } from "../style.ts";
import type { Clock } from "./clock.ts";

export interface SpanFacts {
  readonly span: Span;
  readonly facts: HistoryFacts;
  readonly damaged: readonly DamagedFile[];
}

/** Of each kind. */
const LISTED = 3;

/** The lines above a report. */
export function headText(facts: SpanFacts, { processes, minWaitMs }: Wanted, clock: Clock, style: Style): string {
  const only = processes.map((each) => escapeText(each));
  const texts = [
    `${spanText(facts, clock)}.`,
    ...(only.length === 0 ? [] : [`Only what concerns ${list(only)}.`]),
    ...(minWaitMs === 0
      ? []
      : [`Waits shorter than ${time(minWaitMs)} are not listed; all counts and sums have them.`]),
    ...notRecordedTexts(facts, clock),
  ];
  const lines = texts.map((text) => paragraph(text, "  ", style));
  return `${lines.map((line) => style.chalk?.dim(line) ?? line).join("\n")}\n`;
}

/** When something was: with its day where the span has several. */
export function whenText(atMs: number, { fromMs, toMs }: Span, clock: Clock): string {
  return toMs - fromMs < DAY_MS / 2 ? clock.time(atMs) : clock.dayAndTime(atMs);
}

/** `2026-07-01 03:00:00 to 03:30:00 CEST (Europe/Berlin), 30 m, of 2 runs` */
function spanText({ span, facts }: SpanFacts, clock: Clock): string {
  const runs = facts.runs.filter(({ fromMs, toMs }) => fromMs <= span.toMs && toMs >= span.fromMs).length;
  const { name, isOffset } = clock.zone;
  const zone = isOffset ? " (the name of its time zone is not known)" : name === "UTC" ? "" : ` (${name})`;
  const ofRuns = runs > 1 ? `, ${count(runs, "run")} of the recorder` : "";
  return `${clock.range(span.fromMs, span.toMs)}${zone}: ${time(span.toMs - span.fromMs)}${ofRuns}`;
}

/** One sentence each. */
export function notRecordedTexts({ span, facts, damaged }: SpanFacts, clock: Clock): string[] {
  const blanks = facts.blanks.filter(({ fromMs, toMs }) => fromMs < span.toMs && toMs > span.fromMs);
  const byWhy = grouped(blanks, (blank) => (isSampledBlank(blank, facts.runs) ? NOT_READ : BLANKS[blank.why]));
  const slept = facts.suspensions.filter(({ atMs }) => atMs >= span.fromMs && atMs <= span.toMs);
  const steps = facts.clockSteps.filter(({ atMs }) => atMs >= span.fromMs && atMs <= span.toMs);
  const last = facts.runs.at(-1);
  return [
    ...[...byWhy].map(([why, all]) => `Not recorded: ${blanksText(all, clock)} (${why}).`),
    ...(slept.length === 0 ? [] : [`The machine slept: ${listed(slept, (each) => sleptText(each, clock))}.`]),
    ...(steps.length === 0 ? [] : [`The clock was set: ${listed(steps, (each) => stepText(each, clock))}.`]),
    ...(last?.end === "cut" && span.toMs >= last.toMs
      ? [`The recorder was killed, or is still running: nothing is known after ${clock.moment(last.toMs)}.`]
      : []),
    ...damaged.map((file) => damagedText(file)).filter((text) => text !== ""),
  ];
}

const BLANKS: Readonly<Record<Blank["why"], string>> = {
  "no-recorder": "no recorder ran",
  "broken-off": "the recorder before was killed, or could not write",
  "disk-full": "nothing could be written: a full disk, or a limit",
  lost: "events came too fast",
  "switched-off": "another program had switched the tracing off",
  damaged: "the file is damaged, or was removed",
};

const NOT_READ = "/proc/locks was not read: the recorder was stopped, or had to wait for a CPU";

function grouped(blanks: readonly Blank[], whyOf: (blank: Blank) => string): Map<string, Blank[]> {
  const groups = new Map<string, Blank[]>();
  for (const blank of blanks) {
    const why = whyOf(blank);
    const group = groups.get(why);
    if (group === undefined) groups.set(why, [blank]);
    else group.push(blank);
  }
  return groups;
}

/** `back by 10 m, to 2026-07-01 10:05:00 CEST` */
function stepText({ atMs, byMs }: ClockStep, clock: Clock): string {
  return `${byMs < 0 ? "back" : "forward"} by ${duration(Math.abs(byMs))}, to ${clock.moment(atMs)}`;
}

function sleptText({ atMs, lengthMs }: Suspension, clock: Clock): string {
  return `${duration(lengthMs)} until ${clock.moment(atMs)}`;
}

function blanksText(blanks: readonly Blank[], clock: Clock): string {
  return listed(blanks, ({ fromMs, toMs }) => clock.range(fromMs, toMs));
}

function listed<T>(all: readonly T[], text: (each: T) => string): string {
  const more = all.length - LISTED;
  return list([...all.slice(0, LISTED).map(text), ...(more > 0 ? [`${more} more`] : [])]);
}

/** Empty: it is only being written. */
function damagedText({ name, lines, firstLine, unknown, isCut }: DamagedFile): string {
  const file = escapeText(name);
  if (lines === null) return `${file} is no recording, or damaged from its beginning on: it was left out.`;
  const parts = [
    ...(lines > unknown
      ? [`${count(lines - unknown, "line")} of ${file} could not be read, the first is line ${firstLine}`]
      : []),
    ...(unknown > 0 ? [`${count(unknown, "line")} of ${file} ${unknown === 1 ? "is" : "are"} of a later version`] : []),
  ];
  const cut = isCut && file.endsWith(".gz") ? [`${file} ends in the middle: what came after that is lost`] : [];
  return [...parts, ...cut].map((text) => `${text}.`).join(" ");
}
