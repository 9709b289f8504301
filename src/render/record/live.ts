/** What is shown while it records: a line for each wait that has ended. Pure. */
import type { Numbered } from "../../features/record/known-processes.ts";
import type {
  DatabaseLine,
  GapLine,
  MetaLine,
  RecordingLine,
  RefusalLine,
  RefusalReason,
  WaitLine,
} from "../../recording/lines.ts";
import type { MisuseLine } from "../../recording/program/lines.ts";
import { escapeText } from "../../text/escape.ts";
import { count, grouped } from "../../text/list.ts";
import { cut } from "../layout.ts";
import { paragraph } from "../paragraph.ts";
import type { Style } from "../style.ts";
import { atText, whoAtText } from "./call-site.ts";
import { onlyText } from "./only.ts";
import { databaseName, whereText } from "./places.ts";
import type { Repeated } from "./repeats.ts";
import { sourceText } from "./source.ts";
import { clockText } from "./times.ts";
import { SWITCHED_OFF } from "./unknown.ts";
import { blockerNames, blockersText, isAtOnce, isOwn, outcomeText, sqlTail } from "./waits.ts";
import { lockCell, type Names, time, whoText } from "./words.ts";

export interface LineContext {
  readonly meta: Pick<MetaLine, "startedAt" | "databases">;
  readonly names: Names;
  readonly style: Style;
}

/** Below this width only the names of the programs are shown, and no statement. */
const WIDE = 110;

/** Below this width the process has a line of its own. */
const NARROW = 70;

/** Null: it is not shown. */
export function lineText(line: RecordingLine, minWaitMs: number, context: LineContext): string | null {
  switch (line.type) {
    case "wait":
      return line.waitedMs >= minWaitMs || line.outcome === "gave-up" ? waitText(line, context) : null;
    case "refusal":
      return refusalText(line, context);
    case "misuse":
      return misuseText(line, context);
    case "gap":
      return gapText(line, context);
    case "database":
      return databaseText(line, context);
    default:
      return null;
  }
}

/** One line without its end, which fits the terminal; two where it is narrow. */
export function waitText(wait: WaitLine, { meta, names, style }: LineContext): string {
  const endMs = wait.fromMs + wait.waitedMs;
  const where = whereText(wait.path, meta.databases);
  const isWide = style.width >= WIDE;
  if (isWide) {
    const what = `${whatText(wait, true)}, ${outcomeText(wait.outcome)}`;
    const text = `${clockText(meta, endMs)} ${where}${whoAtText(wait, names)} ${what}; ${blockersText(wait, names)}`;
    return cut(text, style.width, style.ellipsis);
  }
  const [first] = wait.blockers;
  const blocker = first === undefined ? "?" : isOwn(first, wait) ? "itself (likely)" : programText(first, names);
  const behind = `behind ${blocker}`;
  const clock = clockText(meta, endMs, 0);
  const who = `${clock} ${where}${programText(wait, names)}`;
  const what = wait.perhapsSeveralCalls === true ? refusedRun(wait) : whatText(wait, false);
  const ended = wait.outcome === "unknown" ? "" : `, ${outcomeText(wait.outcome)}`;
  const doubts = wait.perhapsSeveralCalls === true ? "; perhaps several calls" : "";
  const text = `${what}${ended}; ${behind}${doubts}`; // who is in the way comes before what may be cut
  const parts = style.width < NARROW ? [who, `  ${text}`] : [`${who} ${text}`];
  return parts.map((line) => cut(line, style.width, style.ellipsis)).join("\n");
}

/** `waited 5.9 s for WRITE, 60 tries`; `was refused WRITE at once`. */
function whatText(wait: WaitLine, withTries: boolean): string {
  const lock = lockCell(wait.lock, wait.lockType);
  if (isAtOnce(wait)) return `was refused ${lock} at once`;
  const tries = withTries && wait.attempts > 1 ? `, ${grouped(wait.attempts)} tries` : "";
  if (wait.perhapsSeveralCalls === true) return `${refusedRun(wait)}, perhaps in several calls${tries}`;
  if (wait.withinProcess === true) return `waited ${time(wait.waitedMs)} inside SQLite (likely)`;
  return `waited ${time(wait.waitedMs)} for ${lock}${tries}`;
}

const refusedRun = ({ lock, lockType, waitedMs }: WaitLine): string =>
  `was refused ${lockCell(lock, lockType)} for ${time(waitedMs)}`;

/** `4242 (python3)`: the name of the program, at most 15 characters. */
function programText(who: Numbered, names: Names): string {
  const name = names.get(who)?.name ?? null;
  return name === null ? String(who.pid) : `${who.pid} (${escapeText(name)})`;
}

const REASONS: Readonly<Record<RefusalReason, string>> = {
  "same-process": "another connection of the same process is in the way",
  snapshot: "another connection has committed since it read",
  "committed-in-between": "another connection committed in between",
  deadlock: "it holds a read lock that the other process waits for",
  "inside-process": "this connection, or one that shares its cache, uses the table",
  "no-wait": "without a busy timeout",
  unknown: "the reason is not known",
};

export function refusalText(refusal: RefusalLine, { meta, names, style }: LineContext): string {
  const isWide = style.width >= WIDE;
  const at = atText(refusal.callSite, names.folder);
  const who = `${whereOf(refusal, meta)}${isWide ? whoText(refusal, names) : programText(refusal, names)}${at}`;
  const clock = clockText(meta, refusal.atMs, isWide ? 3 : 0);
  return cut(`${clock} ${who} ${refusedText(refusal, names)}`, style.width, style.ellipsis);
}

function whereOf({ path, pathIs }: RefusalLine, { databases }: LineContext["meta"]): string {
  return whereText(path, databases, pathIs);
}

/** A shorter call is over at once. */
const SHORT_CALL_MS = 10;

function refusedText(refusal: RefusalLine, names: Names): string {
  const { result, why, sure, waitedMs, callMs } = refusal;
  const likely = sure === "likely" && why !== "unknown" ? " (likely)" : "";
  const call = callMs < SHORT_CALL_MS ? "at once" : `after a call of ${time(callMs)}`;
  const when = waitedMs === undefined ? call : `after ${time(waitedMs)} inside SQLite`;
  return `got ${escapeText(result)} ${when}: ${reasonText(refusal, names)}${likely}${sqlTail(refusal)}`;
}

/** Where only the program tells of it: who held a lock then. */
function reasonText({ why, blockers = [] }: RefusalLine, names: Names): string {
  const [first] = blockers;
  if (first === undefined) return REASONS[why];
  const behind = `${whoAtText(first, names)} had the lock (likely)`;
  return why === "unknown" ? behind : `${REASONS[why]}; ${behind}`;
}

const MISUSES: Readonly<Record<MisuseLine["kind"], string>> = {
  "used-after-close": "used a connection after it was closed",
  "wrong-thread": "used a connection in another thread than its own",
  "left-open": "ended while its transaction was open",
};

/** `12:03:07.214 4242 (python app.py) used a connection after it was closed at views.py:40; opened at db.py:4` */
export function misuseText(misuse: MisuseLine, { meta, names, style }: LineContext): string {
  const { kind, callSite, openedAt, closedAt, atMs, ended, times = 1 } = misuse;
  const { folder } = names;
  const what = kind === "left-open" && ended !== undefined ? `a ${ended} ${MISUSES[kind]}, begun` : MISUSES[kind];
  const earlier = [
    ...(openedAt === null ? [] : [`opened${atText(openedAt, folder)}`]),
    ...(closedAt === null ? [] : [`closed${atText(closedAt, folder)}`]),
  ].join(", ");
  const text = `${what}${atText(callSite, folder)}${earlier === "" ? "" : `; ${earlier}`}`;
  const who = style.width >= WIDE ? whoText(misuse, names) : programText(misuse, names);
  const often = times === 1 ? "" : ` (${count(times, "time")})`;
  const clock = clockText(meta, atMs, style.width >= WIDE ? 3 : 0);
  return cut(`${clock} ${who}${kind === "left-open" ? ":" : ""} ${text}${often}`, style.width, style.ellipsis);
}

export function gapText({ fromMs, toMs, lostEvents, why }: GapLine, { meta, style }: LineContext): string {
  const lost = lostEvents === null || lostEvents === 0 ? [] : [`at least ${count(lostEvents, "event")} lost`];
  const causes = [...(why === "switched-off" ? [SWITCHED_OFF] : []), ...lost];
  const cause = causes.length === 0 ? "" : ` (${causes.join(", ")})`;
  const text = `${clockText(meta, toMs)} gap of ${time(toMs - fromMs)}: what happened meanwhile is not known${cause}`;
  return cut(text, style.width, style.ellipsis);
}

/** What many lines may have in common: without the time, and how long which lock was held. Null: it does not repeat. */
export function commonText(line: WaitLine | RefusalLine, { meta, names }: LineContext): string | null {
  const who = whoAtText(line, names);
  if (line.type === "refusal") return `${whereOf(line, meta)}${who} ${refusedText(line, names)}`;
  if (!isAtOnce(line)) return null;
  const where = whereText(line.path, meta.databases);
  return `${where}${who} ${whatText(line, false)}; ${blockerNames(line, names)}`;
}

/** `text`: of {@link commonText}. */
export function repeatedText({ text, times, lastMs }: Repeated, { meta, style }: LineContext): string {
  const clock = clockText(meta, lastMs, style.width < WIDE ? 0 : 3);
  if (style.width < NARROW) return cut(`${clock} ${count(times, "more time")}: ${text}`, style.width, style.ellipsis);
  const more = `: ${count(times, "more time")}`;
  return `${clock} ${cut(text, style.width - clock.length - 1 - more.length, style.ellipsis)}${more}`;
}

const CHANGES: Readonly<Record<DatabaseLine["change"], string>> = {
  created: "was created",
  found: "is used by the command, and recorded from now on",
  replaced: "was replaced by another file, which is recorded from now on",
  deleted: "was deleted; it is recorded again once it is created",
};

export function databaseText({ atMs, path, change }: DatabaseLine, { meta, style }: LineContext): string {
  return cut(
    `${clockText(meta, atMs)} ${databaseName(path, meta.databases)} ${CHANGES[change]}`,
    style.width,
    style.ellipsis,
  );
}

/** The first line: what is recorded, and how. `used`: columns that it begins after. */
export function startText({ databases, only, ...meta }: MetaLine, style: Pick<Style, "width">, used = 0): string {
  const [first] = databases;
  const what =
    databases.length === 0
      ? "the databases that the command opens"
      : databases.length === 1 && first !== undefined
        ? escapeText(first.path)
        : count(databases.length, "database");
  const narrowed = onlyText(only);
  const shown = narrowed === null ? "" : `, shown: ${narrowed}`;
  return paragraph(`recording ${what}${shown}; ${sourceText(meta)}`, "  ", style, { used });
}

/** For the command of --on-wait: one line, escaped. */
export function hookText(wait: WaitLine, names: Names): string {
  const { waitedMs, lock, lockType, outcome, attempts } = wait;
  const several = wait.perhapsSeveralCalls === true ? ", perhaps in several calls" : "";
  const waited = outcome === "still" ? "has waited" : "waited";
  const ended = outcome === "still" ? "" : `, ${outcomeText(outcome)}`;
  return (
    `${whoAtText(wait, names)} ${waited} ${time(waitedMs)} for ${lockCell(lock, lockType)}, ` +
    `${count(attempts, "attempt")}${several}${ended}; ${blockersText(wait, names)}`
  );
}

export function missingText(path: string): string {
  return `${escapeText(path)} does not exist yet; it is recorded once it is created`;
}
