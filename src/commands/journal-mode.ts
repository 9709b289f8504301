/** `sqlock journal-mode`: options in, report out, exit code. */
import { existsSync } from "node:fs";
import { UserError } from "../errors.ts";
import { type InTheWay, waitingFor } from "../features/journal-mode/blockers.ts";
import { failedReport, journalMode as showOrSwitch } from "../features/journal-mode/journal-mode.ts";
import { isOfRights, standing } from "../features/journal-mode/obstacles.ts";
import { type JournalModeReport, KEPT_MODES, type KeptMode } from "../features/journal-mode/report.ts";
import { ofConnection } from "../features/journal-mode/words.ts";
import { renderPretty } from "../render/journal-mode/text.ts";
import { renderJson } from "../render/json.ts";
import { isTerminal, styleOf, writeErr, writeOut } from "../terminal.ts";
import { escapeText } from "../text/escape.ts";
import { parseDuration } from "../text/parse-duration.ts";

export interface JournalModeOptions {
  readonly wait?: string;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly color?: boolean;
}

/**
 * @returns the exit code: 0 shown, switched, or in that mode already; 1 not switched; 2 it could not be looked at or
 * may not be written. @throws UserError
 */
export async function journalMode(
  path: string,
  mode: string | undefined,
  options: JournalModeOptions,
): Promise<number> {
  const waitMs = parseDuration("--wait", options.wait ?? "10s", { zero: true });
  const asked = mode === undefined ? null : parseMode(mode);
  if (asked === null) refuseSwitchOptions(options);
  const report = await showOrSwitch(path, asked, {
    waitMs,
    dryRun: options.dryRun === true,
    force: options.force === true,
    onWaiting: tellWaiting,
  }).catch((error: unknown) => {
    if (!(error instanceof UserError) || options.json !== true) throw error;
    return failedReport(
      { givenAs: path, error: { code: error.code, message: error.message, hint: error.hint } },
      asked,
      options.dryRun === true,
    );
  });
  if (options.json === true) writeOut(renderJson(report));
  if (report.error !== null) {
    if (options.json === true) return 2;
    throw new UserError(report.error.code, report.error.message, report.error.hint);
  }
  if (options.json !== true) writeOut(renderPretty(report, await styleOf(options.color)));
  return exitCodeOf(report);
}

function exitCodeOf(report: JournalModeReport): number {
  if (report.asked === null || report.reason === null) return 0;
  return standing(report.obstacles).some(isOfRights) ? 2 : 1;
}

function parseMode(mode: string): KeptMode {
  const word = mode.toLowerCase();
  const kept = KEPT_MODES.find((each) => each === word);
  if (kept !== undefined) return kept;
  if (existsSync(mode))
    throw new UserError(
      "usage",
      `${mode} is no journal mode, but a file`,
      "the database comes first, then wal or delete",
    );
  const other = ofConnection(word);
  if (other !== null) throw new UserError("usage", other.message, other.hint);
  throw new UserError(
    "usage",
    `there is no journal mode ${JSON.stringify(mode)}`,
    "choose wal or delete, the two that a database file keeps",
  );
}

/** They would have no effect, and whoever gives them means something else. */
function refuseSwitchOptions(options: JournalModeOptions): void {
  const given = [
    options.wait === undefined ? null : "--wait",
    options.dryRun === true ? "--dry-run" : null,
    options.force === true ? "--force" : null,
  ];
  const option = given.find((each) => each !== null);
  if (option !== undefined && option !== null)
    throw new UserError(
      "usage",
      `${option} goes with a mode to switch to`,
      `sqlock journal-mode DATABASE wal ${option}, or delete`,
    );
}

/** A person at a terminal is told who is in the way; a script is not. */
function tellWaiting(others: InTheWay): void {
  if (!isTerminal(2)) return;
  for (const sentence of waitingFor(others)) writeErr(`waiting: ${escapeText(sentence)}\n`);
}
