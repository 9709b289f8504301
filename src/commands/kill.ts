/** `sqlock kill`: options in, report out, exit code. */

import { UserError } from "../errors.ts";
import { exitCodeOf } from "../features/kill/exit-code.ts";
import { kill as end, type KillDialog } from "../features/kill/kill.ts";
import { type KillResult, NOTHING_SEEN, reportOf } from "../features/kill/result.ts";
import { DEFAULT_GRACE_MS, DEFAULT_SIGNAL, type KillSettings } from "../features/kill/settings.ts";
import { parseSignal } from "../features/kill/signals.ts";
import { DEFAULT_STALE_AFTER_MS } from "../inspect/inspect.ts";
import type { PathError } from "../model/report.ts";
import type { FileIdentity } from "../observe/same-file.ts";
import { viewerHere } from "../observe/viewer.ts";
import { askerAt } from "../prompt/ask.ts";
import { QuietInput } from "../prompt/quiet.ts";
import { renderJson } from "../render/json.ts";
import { killCommand } from "../render/kill/command.ts";
import { choicesOf, PICK_TITLE, PLAN_CHANGED, pickedOf, planQuestion, sigkillQuestion } from "../render/kill/dialog.ts";
import { documentOf } from "../render/kill/document.ts";
import { processName, reasonText } from "../render/kill/reason.ts";
import { renderPlan, renderReport } from "../render/kill/text.ts";
import type { Style } from "../render/style.ts";
import { usualColumns } from "../render/who-holds/column-choice.ts";
import { renderText } from "../render/who-holds/text.ts";
import { isTerminal, styleOf, writeErr, writeOut } from "../terminal.ts";
import { asOwnersOf } from "../text/as-root.ts";
import { escapeText } from "../text/escape.ts";
import { parseDuration } from "../text/parse-duration.ts";
import { quotedPath } from "../text/shell.ts";

export interface KillOptions {
  readonly pid?: readonly string[];
  readonly stale?: boolean;
  readonly likely?: boolean;
  readonly staleAfter?: string;
  readonly signal?: string;
  readonly grace?: string;
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  /** Of `sqlock watch`: which file its screen showed, `none` for none. */
  readonly pinned?: string;
  readonly json?: boolean;
  readonly color?: boolean;
  /** Of `who-holds --kill`. */
  readonly source?: string;
}

/**
 * @returns the exit code: 0 the database is free of those that were picked, 1 some survived, 2 it could not be done,
 * 130 cancelled. @throws UserError
 */
export async function kill(path: string, options: KillOptions): Promise<number> {
  if (options.source === "lsof")
    throw new UserError("usage", "--kill needs the owner of each lock, which lsof does not show", "leave --source out");
  const settings = settingsOf(options);
  const style = await styleOf(options.color);
  const interactive = options.json !== true && process.stdin.isTTY === true && isTerminal(1);
  const quiet = new QuietInput(process.stdin);
  try {
    if (interactive && !settings.yes) quiet.start();
    const result = await end(path, settings, interactive ? dialogOf(path, settings, style, quiet) : null);
    return options.json === true ? printJson(result, path, settings) : printText(result, path, interactive, style);
  } finally {
    if (interactive && !settings.yes) quiet.stop();
    process.stdin.unref?.();
  }
}

function settingsOf(options: KillOptions): KillSettings {
  const pids = (options.pid ?? []).map(parsePid);
  if (pids.length > 0 && options.stale === true)
    throw new UserError("usage", "--pid and --stale exclude each other", "leave one of them out");
  if (options.likely === true && options.stale !== true)
    throw new UserError("usage", "--likely needs --stale", "give both, or name the process with --pid");
  if (options.force === true && pids.length === 0)
    throw new UserError("usage", "--force needs --pid", "name the process that it should end");
  return {
    pids,
    stale: options.stale === true,
    likely: options.likely === true,
    staleAfterMs:
      options.staleAfter === undefined ? DEFAULT_STALE_AFTER_MS : parseDuration("--stale-after", options.staleAfter),
    signal: options.signal === undefined ? DEFAULT_SIGNAL : parseSignal(options.signal),
    graceMs: options.grace === undefined ? DEFAULT_GRACE_MS : parseDuration("--grace", options.grace),
    yes: options.yes === true,
    force: options.force === true,
    dryRun: options.dryRun === true,
    ...(options.pinned === undefined ? {} : { file: parsePinned(options.pinned) }),
  };
}

function parsePinned(text: string): FileIdentity | null {
  if (text === "none") return null;
  const [, device, inode] = /^(\d{1,20}):(\d{1,20})$/.exec(text) ?? [];
  if (device === undefined || inode === undefined)
    throw new UserError(
      "usage",
      `--pinned ${JSON.stringify(text)} is not a file`,
      "give its device and inode as device:inode",
    );
  return { device: BigInt(device), inode: BigInt(inode) };
}

const MAX_PID = 4_194_304; // PID_MAX_LIMIT, proc_sys_kernel(5)

function parsePid(text: string): number {
  const pid = /^\d{1,7}$/.test(text.trim()) ? Number(text) : 0;
  if (pid < 1 || pid > MAX_PID)
    throw new UserError(
      "usage",
      `--pid ${JSON.stringify(text)} is not a process id`,
      "give the number that who-holds shows",
    );
  return pid;
}

function dialogOf(givenAs: string, settings: KillSettings, style: Style, quiet: QuietInput): KillDialog {
  const asker = askerAt({ input: process.stdin, output: process.stdout, style, quiet });
  return {
    showReport: (report) => {
      writeOut(`${renderText(report, { columns: usualColumns(), lockWords: "none", style })}\n`);
    },
    pick: async (candidates) => {
      const ids = await asker.pick(PICK_TITLE, choicesOf(candidates));
      return ids === null ? null : pickedOf(ids, candidates);
    },
    showPlan: (plan, signal) => writeOut(renderPlan(plan, signal, { givenAs, settings, viewer: viewerHere() }, style)),
    confirm: (plan, signal) => asker.yes(planQuestion(plan, signal)),
    showChanged: () => asker.say(PLAN_CHANGED),
    confirmSigkill: (blocking, graceMs) => asker.yes(sigkillQuestion(blocking, graceMs)),
  };
}

function printJson(result: KillResult, givenAs: string, settings: KillSettings): number {
  switch (result.kind) {
    case "error": {
      const nothing = reportOf({ path: givenAs, givenAs, ...NOTHING_SEEN }, settings, []);
      writeOut(renderJson(documentOf(nothing, result.error.error, false)));
      break;
    }
    case "cancelled":
      break;
    case "unconfirmed": {
      const error = unconfirmedError(result, givenAs);
      writeOut(renderJson(documentOf({ ...result.report, outcomes: [] }, error)));
      if (error !== null) writeErr(`sqlock: ${escapeText(error.message)}; ${escapeText(error.hint)}\n`);
      break;
    }
    case "done":
      writeOut(renderJson(documentOf(result.report)));
  }
  return exitCodeOf(result);
}

function printText(result: KillResult, givenAs: string, interactive: boolean, style: Style): number {
  switch (result.kind) {
    case "error":
      throw userErrorOf(result.error.error);
    case "cancelled":
      writeOut("No process was signalled.\n");
      break;
    case "unconfirmed": {
      const error = unconfirmedError(result, givenAs);
      if (error !== null) throw userErrorOf(error);
      writeOut(renderReport(result.report, style));
      break;
    }
    case "done":
      writeOut(`${interactive ? "\n" : ""}${renderReport(result.report, style)}`);
  }
  return exitCodeOf(result);
}

function userErrorOf({ code, message, hint }: PathError["error"]): UserError {
  return new UserError(code, message, hint);
}

/** There is no terminal to ask at, and no --yes: the exact command. Null where there is nothing to signal. */
function unconfirmedError(
  { report, pids }: Extract<KillResult, { kind: "unconfirmed" }>,
  givenAs: string,
): PathError["error"] | null {
  const owners = report.remaining.filter(({ pid }) => pids.includes(pid));
  const command = killCommand(givenAs, pids, { ...report.settings, yes: true });
  if (pids.length > 0)
    return {
      code: "confirmation-needed",
      message: "no process was signalled: there is no terminal to ask on, and --yes was not given",
      hint: `to continue: ${asOwnersOf(owners, command, report.viewer)}`,
    };
  if (report.outcomes.length === 0) return null;
  const reasons = report.outcomes.map((outcome) => `${processName(outcome)}: ${reasonText(outcome, report)}`);
  return {
    code: "not-a-holder",
    message: `no process was signalled: ${reasons.join("; ")}`,
    hint: `to see which processes hold it: sqlock who-holds ${quotedPath(givenAs)}`,
  };
}

/** `who-holds --kill`: of one database. @throws UserError */
export function killOf(paths: readonly string[]): string {
  const [path, ...more] = paths;
  if (path === undefined || more.length > 0)
    throw new UserError("usage", "--kill is for one database", "give the path of one");
  return path;
}
