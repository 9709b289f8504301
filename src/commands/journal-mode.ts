/** `sqlock journal-mode`: options in, report out, exit code. */
import { existsSync } from "node:fs";
import { UserError } from "../errors.ts";
import type { Blockers } from "../features/journal-mode/blockers.ts";
import { journalMode as showOrSwitch } from "../features/journal-mode/journal-mode.ts";
import { isOfRights, standing } from "../features/journal-mode/obstacles.ts";
import { type JournalModeReport, KEPT_MODES, type KeptMode } from "../features/journal-mode/report.ts";
import { isPathError } from "../model/report.ts";
import { waitingLines } from "../render/journal-mode/blocker-text.ts";
import { connectionModeError } from "../render/journal-mode/connection-mode.ts";
import { errorReport, reportOf } from "../render/journal-mode/document.ts";
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
  const dryRun = options.dryRun === true;
  const settings = { asked, waitMs, dryRun, force: options.force === true, onWaiting: printWaiting };
  const result = await showOrSwitch(path, settings).catch((error: unknown) => {
    if (!(error instanceof UserError) || options.json !== true) throw error;
    return { givenAs: path, error: { code: error.code, message: error.message, hint: error.hint } };
  });
  const report = isPathError(result) ? errorReport(result, asked, dryRun) : reportOf(result);
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
  return standing(report.obstacles).some(({ code }) => isOfRights(code)) ? 2 : 1;
}

function parseMode(mode: string): KeptMode {
  const word = mode.toLowerCase();
  const kept = KEPT_MODES.find((each) => each === word);
  if (kept !== undefined) return kept;
  if (existsSync(mode))
    throw new UserError(
      "usage",
      `${mode} is a file, not a journal mode`,
      "the database comes first, then wal or delete",
    );
  const other = connectionModeError(word);
  if (other !== null) throw new UserError("usage", other.message, other.hint);
  throw new UserError(
    "usage",
    `there is no journal mode ${JSON.stringify(mode)}`,
    "choose wal or delete, the two modes that a database file stores",
  );
}

/** They would have no effect without a mode. */
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
      `${option} needs a mode to switch to`,
      `sqlock journal-mode DATABASE wal ${option}, or delete`,
    );
}

/** At a terminal only. */
function printWaiting(blockers: Blockers): void {
  if (!isTerminal(2)) return;
  for (const line of waitingLines(blockers)) writeErr(`waiting: ${escapeText(line)}\n`);
}
