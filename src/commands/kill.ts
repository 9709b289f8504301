/** `sqlock kill`: options in, report out, exit code. */

import { UserError } from "../errors.ts";
import { type Answer, emptyReport, kill as end, failedReport, type How, type Person } from "../features/kill/kill.ts";
import { commandFor } from "../features/kill/outcomes.ts";
import type { KillReport } from "../features/kill/report.ts";
import { parseSignal } from "../features/kill/signals.ts";
import { DEFAULT_STALE_AFTER_MS } from "../inspect/inspect.ts";
import type { Report } from "../model/report.ts";
import { askerAt } from "../prompt/ask.ts";
import { renderJson } from "../render/json.ts";
import { nobodyText, renderPlan, renderReport } from "../render/kill/text.ts";
import type { Style } from "../render/style.ts";
import { defaultColumns } from "../render/who-holds/columns.ts";
import { renderText } from "../render/who-holds/text.ts";
import { isTerminal, styleOf, writeErr, writeOut } from "../terminal.ts";
import { escapeText } from "../text/escape.ts";
import { parseDuration } from "../text/parse-duration.ts";

export interface KillOptions {
  readonly pid?: readonly string[];
  readonly stale?: boolean;
  readonly staleAfter?: string;
  readonly signal?: string;
  readonly grace?: string;
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
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
    throw new UserError(
      "usage",
      "--kill needs to know who owns which lock, and lsof does not tell",
      "leave --source out",
    );
  const how = howOf(options);
  const style = await styleOf(options.color);
  const person = options.json !== true && process.stdin.isTTY === true && isTerminal(1) ? personAt(style) : null;
  try {
    const answer = await end(path, how, person);
    return tell(answer, path, how, options, style, person !== null);
  } finally {
    process.stdin.unref?.();
  }
}

function howOf(options: KillOptions): How {
  const pids = (options.pid ?? []).map(parsePid);
  if (pids.length > 0 && options.stale === true)
    throw new UserError("usage", "--pid and --stale exclude each other", "leave one of them out");
  if (options.force === true && pids.length === 0)
    throw new UserError("usage", "--force goes with --pid", "name the process that it is about");
  return {
    pids,
    stale: options.stale === true,
    staleAfterMs:
      options.staleAfter === undefined ? DEFAULT_STALE_AFTER_MS : parseDuration("--stale-after", options.staleAfter),
    signal: parseSignal(options.signal ?? "TERM"),
    graceMs: parseDuration("--grace", options.grace ?? "5s"),
    yes: options.yes === true,
    force: options.force === true,
    dryRun: options.dryRun === true,
  };
}

const MOST_PID = 4_194_304; // PID_MAX_LIMIT, proc_sys_kernel(5)

function parsePid(text: string): number {
  const pid = /^\d{1,7}$/.test(text.trim()) ? Number(text) : 0;
  if (pid < 1 || pid > MOST_PID)
    throw new UserError(
      "usage",
      `--pid ${JSON.stringify(text)} is not a process id`,
      "give the number that who-holds shows",
    );
  return pid;
}

function personAt(style: Style): Person {
  return {
    asker: askerAt({ input: process.stdin, output: process.stdout, style }),
    show: (report: Report) => {
      writeOut(`${renderText(report, { columns: defaultColumns(), style, locksOnly: false })}\n`);
    },
    plan: (plan, signal) => writeOut(renderPlan(plan, signal, style)),
  };
}

function tell(answer: Answer, path: string, how: How, options: KillOptions, style: Style, asked: boolean): number {
  switch (answer.kind) {
    case "error": {
      if (options.json === true) writeOut(renderJson(failedReport(answer.error, how.dryRun)));
      else throw new UserError(answer.error.error.code, answer.error.error.message, answer.error.error.hint);
      return 2;
    }
    case "cancelled":
      writeOut("Nobody was signalled.\n");
      return 130;
    case "unasked":
      return tellUnasked(answer, path, how, options);
    case "done":
      if (options.json === true) writeOut(renderJson(answer.report));
      else writeOut(`${asked ? "\n" : ""}${renderReport(answer.report, style)}`);
      return answer.interrupted ? 130 : exitCodeOf(answer.report);
  }
}

/** Not a person at a terminal, and not told to go on: the exact command, and nobody is signalled. */
function tellUnasked(
  { seen, pids, refused }: Extract<Answer, { kind: "unasked" }>,
  path: string,
  how: How,
  options: KillOptions,
): number {
  const { database } = seen;
  const reasons = refused.map(({ name, reason }) => `${name}: ${reason}`);
  if (pids.length === 0 && reasons.length === 0) {
    const free = {
      ...emptyReport(database.path, path, how.dryRun),
      remaining: database.holders,
      findings: database.findings,
    };
    writeOut(
      options.json === true ? renderJson(free) : `Nobody was signalled: ${escapeText(nobodyText(database.holders))}.\n`,
    );
    return 0;
  }
  const code = pids.length === 0 ? "not-a-holder" : "confirmation-needed";
  const error =
    pids.length === 0
      ? {
          code,
          message: `nobody was signalled: ${reasons.length === 0 ? nobodyText(database.holders) : reasons.join("; ")}`,
          hint: `see who holds it: sqlock who-holds ${path}`,
        }
      : {
          code,
          message: "nobody was signalled: this is no terminal to ask at, and --yes was not given",
          hint: `to go on: ${commandFor(path, pids, { ...how, yes: true })}`,
        };
  if (options.json === true) {
    writeOut(
      renderJson({
        ...failedReport({ givenAs: path, error }, how.dryRun),
        path: database.path,
        remaining: database.holders,
        findings: database.findings,
      }),
    );
    writeErr(`sqlock: ${escapeText(error.message)}; ${escapeText(error.hint)}\n`);
    return 2;
  }
  throw new UserError(error.code, error.message, error.hint);
}

function exitCodeOf({ outcomes }: KillReport): number {
  if (outcomes.some(({ result }) => result === "refused")) return 2;
  return outcomes.some(({ result, holds, released }) => result === "survived" && holds === true && !released) ? 1 : 0;
}

/** `who-holds --kill`: of one database. @throws UserError */
export function killOf(paths: readonly string[]): string {
  const [path, ...more] = paths;
  if (path === undefined || more.length > 0)
    throw new UserError("usage", "--kill is for one database", "give the path of one");
  return path;
}
