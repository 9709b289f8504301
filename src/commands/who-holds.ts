/** `sqlock who-holds`: options in, report out, exit code. */

import { UserError } from "../errors.ts";
import { DEFAULT_STALE_AFTER_MS, failedReport, inspect } from "../inspect/inspect.ts";
import { waitUntilFree } from "../inspect/wait.ts";
import { isPathError, type Report } from "../model/report.ts";
import { SOURCES, type Source, sourceOfSystem } from "../model/source.ts";
import { renderJson } from "../render/json.ts";
import { COLUMNS, defaultColumns, findColumn, usualNames } from "../render/who-holds/columns.ts";
import { errorLine, renderText } from "../render/who-holds/text.ts";
import { isTerminal, styleOf, writeErr, writeOut } from "../terminal.ts";
import { escapeText } from "../text/escape.ts";
import { parseDuration } from "../text/parse-duration.ts";

export interface WhoHoldsOptions {
  readonly json?: boolean;
  readonly locksOnly?: boolean;
  readonly exitCode?: boolean;
  readonly quiet?: boolean;
  readonly wait?: string;
  readonly staleAfter?: string;
  /** sqlock kill does that. */
  readonly kill?: boolean;
  readonly columns?: string;
  readonly color?: boolean;
  /** Where handles and locks come from: proc, or lsof. */
  readonly source?: string;
}

/**
 * @returns the exit code: 0, 1 when held (--exit-code, -q) or not free in time (--wait), 2 when a path could not be
 * looked at.
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
  const how = { locksOnly: options.locksOnly === true, staleAfterMs, source };
  const { report, free } =
    waitMs === null
      ? { report: await inspect(paths, how), free: true }
      : await waitUntilFree(paths, how, waitMs, (sentences) => tellWaiting(sentences, options));
  if (options.quiet !== true) await print(report, options, columns);
  if (report.databases.some(isPathError)) return 2;
  if (!free) return 1;
  const held = report.databases.some(
    (entry) =>
      !isPathError(entry) &&
      (entry.holders.length > 0 || entry.unownedLocks.length > 0 || entry.lockDirectory !== null),
  );
  return held && waitMs === null && (options.exitCode === true || options.quiet === true) ? 1 : 0;
}

/** What was chosen, or what this system has. @throws UserError also for what cannot be done without the locks */
function sourceOf({ source: chosen, locksOnly, wait }: WhoHoldsOptions): Source {
  const ofSystem = sourceOfSystem();
  const source = chosen ?? ofSystem;
  if (source !== "proc" && source !== "lsof") {
    throw new UserError("usage", `there is no source ${JSON.stringify(source)}`, `choose from ${SOURCES.join(", ")}`);
  }
  if (source === "proc") return source;
  const without = locksOnly === true ? "--locks-only" : wait === undefined ? null : "--wait";
  if (without !== null)
    throw new UserError(
      "usage",
      `${without} needs to know who owns which lock, and lsof does not tell`,
      `leave ${without} out, or look on Linux without --source`,
    );
  return source;
}

/** A person at a terminal is told who is in the way; a script is not. */
function tellWaiting(sentences: readonly string[], options: WhoHoldsOptions): void {
  if (options.quiet === true || !isTerminal(2)) return;
  for (const sentence of sentences) writeErr(`waiting: ${escapeText(sentence)}\n`);
}

type Columns = ReturnType<typeof parseColumns>;

async function print(report: Report, options: WhoHoldsOptions, columns: Columns | null): Promise<void> {
  if (options.json === true) return writeOut(renderJson(report));
  const shown = columns ?? defaultColumns(report.source ?? "proc");
  writeOut(
    renderText(report, { columns: shown, style: await styleOf(options.color), locksOnly: options.locksOnly === true }),
  );
  for (const entry of report.databases) if (isPathError(entry)) writeErr(errorLine(entry));
}

/** `PID,LOCKS` shows these; `+TTY,UNIT` adds to the default ones. */
function parseColumns(text: string, source: Source) {
  const added = text.startsWith("+");
  const names = [...(added ? usualNames(source) : []), ...text.slice(added ? 1 : 0).split(",")];
  return names.map((name) => {
    const column = findColumn(name);
    if (column === undefined) {
      throw new UserError(
        "usage",
        `there is no column ${JSON.stringify(name.trim())}`,
        `choose from ${COLUMNS.map((each) => each.name).join(", ")}`,
      );
    }
    return column;
  });
}
