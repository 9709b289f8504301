/** `sqlock who-holds`: from options to a report and an exit code. */

import { UserError } from "../errors.ts";
import { DEFAULT_STALE_AFTER_MS, inspect } from "../inspect/inspect.ts";
import { failedReport } from "../inspect/to-report.ts";
import { type WaitingFor, type WaitState, waitUntilFree } from "../inspect/wait.ts";
import { isPathError, type Report } from "../model/report.ts";
import { knowsLocks, SOURCES, type Source, sourceOfSystem } from "../model/source.ts";
import { NO_CGROUP, readCgroup } from "../proc/cgroup.ts";
import { valueOr } from "../proc/read.ts";
import { renderJson } from "../render/json.ts";
import { pathErrorLine } from "../render/path-error.ts";
import { type ChosenColumn, selectColumns } from "../render/who-holds/column-choice.ts";
import { COLUMNS } from "../render/who-holds/columns.ts";
import { chosenReporter, type ReporterOptions, render } from "../render/who-holds/reporters/index.ts";
import { isTerminal, styleOf, widthOfOutput, writeErr, writeOut } from "../terminal.ts";
import { blockerSentence } from "../text/blocker.ts";
import { escapeText } from "../text/escape.ts";
import { parseDuration } from "../text/parse-duration.ts";

export interface WhoHoldsOptions extends ReporterOptions {
  readonly locksOnly?: boolean;
  readonly exitCode?: boolean;
  readonly blocked?: boolean;
  readonly quiet?: boolean;
  readonly wait?: string;
  readonly staleAfter?: string;
  /** Done by the command kill. */
  readonly kill?: boolean;
  readonly columns?: string;
  readonly explainLocks?: boolean;
  readonly color?: boolean;
  /** Where handles and locks come from: proc, or lsof. */
  readonly source?: string;
}

/**
 * @returns the exit code: 0, 1 when held (--exit-code, -q), blocked (--blocked) or not free in time (--wait), 2 when a
 * path could not be looked at, or with --blocked or --wait when it is unknown whether it is blocked, or free.
 */
export async function whoHolds(paths: readonly string[], options: WhoHoldsOptions): Promise<number> {
  try {
    return await look(paths, options);
  } catch (error) {
    if (!(error instanceof UserError) || options.json !== true) throw error;
    writeOut(renderJson(failedReport(paths, error, null)));
    return error.exitCode;
  }
}

async function look(paths: readonly string[], options: WhoHoldsOptions): Promise<number> {
  const waitMs = options.wait === undefined ? null : parseDuration("--wait", options.wait, { zero: true });
  const staleAfterMs =
    options.staleAfter === undefined ? DEFAULT_STALE_AFTER_MS : parseDuration("--stale-after", options.staleAfter);
  const source = sourceOf(options);
  const columns = options.columns === undefined ? null : parseColumns(options.columns, source);
  const outputColumns = chosenReporter(options) === "text" ? widthOfOutput() : null;
  const settings = { locksOnly: options.locksOnly === true, staleAfterMs, source, columns: outputColumns };
  const blocked = options.blocked === true;
  if (blocked && options.exitCode === true)
    throw new UserError(
      "usage",
      "--blocked and --exit-code give the exit code different meanings",
      "leave one of them out: --blocked asks whether it is locked, --exit-code whether any process has it open",
    );
  const { report, state } =
    waitMs === null
      ? { report: await inspect(paths, settings), state: null }
      : await waitUntilFree(paths, { ...settings, commits: blocked }, waitMs, (waiting) =>
          printWaiting(waiting, options),
        );
  if (options.quiet !== true) {
    const { out, err } = await render(chosenReporter(options), report, {
      columns,
      lockWords: options.explainLocks === true ? "explained" : isTerminal(1) && showsLocks(columns) ? "legend" : "none",
      ownContainer: () => valueOr(readCgroup("/proc/self"), NO_CGROUP).container,
      style: () => styleOf(options.color),
    });
    writeOut(out);
    writeErr(err);
  }
  const code = codeOf(report, state, options);
  if (code === 2 && options.quiet === true) printWhyNoAnswer(report);
  return code;
}

/** `state`: what the wait came to; null: there was none. */
function codeOf(report: Report, state: WaitState | null, options: WhoHoldsOptions): 0 | 1 | 2 {
  if (report.databases.some(isPathError)) return 2;
  if (options.blocked === true) return blockedCode(report);
  if (state !== null && state !== "free") return state === "not-free" ? 1 : 2;
  const held = report.databases.some(
    (each) =>
      !isPathError(each) && (each.holders.length > 0 || each.unownedLocks.length > 0 || each.lockDirectory !== null),
  );
  return held && state === null && (options.exitCode === true || options.quiet === true) ? 1 : 0;
}

/** One that is blocked is an answer, also where it is unknown of another. */
function blockedCode({ databases }: Report): 0 | 1 | 2 {
  const states = new Set(databases.map((each) => (isPathError(each) ? "unknown" : each.verdict.state)));
  if (states.has("blocked")) return 1;
  return states.has("unknown") ? 2 : 0;
}

/** What was chosen, or what this system has. @throws UserError also for what cannot be done without the locks */
function sourceOf({ source: chosen, locksOnly, wait }: WhoHoldsOptions): Source {
  const ofSystem = sourceOfSystem();
  const source = chosen ?? ofSystem;
  if (source !== "proc" && source !== "lsof") {
    throw new UserError("usage", `there is no source ${JSON.stringify(source)}`, `choose from ${SOURCES.join(", ")}`);
  }
  if (knowsLocks(source)) return source;
  const without = locksOnly === true ? "--locks-only" : wait === undefined ? null : "--wait";
  if (without !== null)
    throw new UserError(
      "usage",
      `${without} needs to know which process owns which lock, and lsof does not show that`,
      `leave ${without} out, or run it on Linux without --source`,
    );
  return source;
}

/** As of grep -q: what is no answer says why. */
function printWhyNoAnswer({ databases }: Report): void {
  for (const each of databases) {
    if (isPathError(each)) writeErr(pathErrorLine(each));
    else if (each.verdict.state === "unknown")
      writeErr(`sqlock: ${escapeText(each.path)}: ${escapeText(each.verdict.sentence)}\n`);
  }
}

/** Only at a terminal: the stderr of a script stays empty. */
function printWaiting({ holders, unsafe, unknown }: WaitingFor, options: WhoHoldsOptions): void {
  if (options.quiet === true || !isTerminal(2)) return;
  const sentences = [
    ...holders.map(({ holder, database }) => blockerSentence(holder, database)),
    ...unsafe.map(({ summary }) => summary),
    ...unknown.map(({ path, verdict }) => `${path}: ${verdict.sentence}`),
  ];
  for (const sentence of sentences) writeErr(`waiting: ${escapeText(sentence)}\n`);
}

/** The usual columns do. */
function showsLocks(columns: readonly ChosenColumn[] | null): boolean {
  return columns === null || columns.some(({ column }) => column.name === "LOCKS");
}

/** @throws UserError for a name that is no column's */
function parseColumns(text: string, source: Source): readonly ChosenColumn[] {
  const columns = selectColumns(text, source);
  if ("unknown" in columns) {
    throw new UserError(
      "usage",
      `there is no column ${JSON.stringify(columns.unknown)}`,
      `choose from ${COLUMNS.map(({ name }) => name).join(", ")}`,
    );
  }
  return columns;
}
