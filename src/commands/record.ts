/** `sqlock record`: options in, a recording, exit code. */
import { UserError } from "../errors.ts";
import { startAs } from "../features/record/command-as-user.ts";
import { type Command, checkCommand } from "../features/record/command-check.ts";
import type { Start } from "../features/record/command-run.ts";
import { type CommandUser, commandUser } from "../features/record/command-user.ts";
import { OutputFile } from "../features/record/output-file.ts";
import { openParts } from "../features/record/parts.ts";
import { SegmentOutput } from "../features/record/segments/segment-output.ts";
import { runSession } from "../features/record/session.ts";
import {
  type OutputSettings,
  type RecordOptions,
  type RecordSettings,
  recordSettings,
} from "../features/record/settings.ts";
import { canTypeHere } from "../features/record/terminal-risk.ts";
import { databasesToWatch } from "../features/watch/databases.ts";
import { pathExists } from "../observe/identify.ts";
import { terminalRiskText } from "../render/record/problems.ts";
import { styleOf, writeErr } from "../terminal.ts";
import { callersUids, userBeforeRoot } from "../user/caller.ts";
import { isRootOverOthers } from "../user/isolated.ts";
import { userNamed } from "../user/user.ts";
import { viewOf } from "./record-view.ts";
import { asUserError } from "./trace-error.ts";

export type { RecordOptions };

/** `command`: the words after `--`. @returns the exit code. @throws UserError */
export async function record(
  databases: readonly string[],
  options: RecordOptions,
  command: readonly string[] | null,
): Promise<number> {
  const settings = recordSettings(options, command, callersUids());
  const { command: words } = settings;
  if (words !== null && databases.length === 0 && !settings.callSites)
    throw new UserError(
      "usage",
      "without the tracer it is not known which databases the command opens",
      "give the database before --, or leave --no-call-sites out",
    );
  if (words === null && databases.length === 0)
    throw new UserError("usage", "missing required argument 'database'", "see sqlock record --help");
  const as = words === null ? null : userOfCommand(settings.user);
  const start = words === null ? null : startOf(words, as);
  refuseUnknown(settings.only.pids);
  const watched = await databasesToWatch(databases, "record");
  const output = outputOf(
    settings.output,
    watched.map(({ path }) => path),
  );
  try {
    const fd = settings.command === null && !settings.json ? 1 : 2;
    const style = await styleOf(options.color, fd);
    const segments = output instanceof SegmentOutput ? output : null;
    const parts = { ...openParts(settings, watched, as?.user ?? null), output, segments };
    const missing = watched.flatMap(({ path, file }) => (file === null ? path : []));
    return await runSession(settings, parts, viewOf(settings, output, missing, fd, style), start);
  } catch (error) {
    output?.discard();
    throw asUserError(error, neededBy(settings));
  }
}

/** `databases`: their paths. @throws UserError where nothing can be written there */
function outputOf(settings: OutputSettings | null, databases: readonly string[]): OutputFile | SegmentOutput | null {
  if (settings === null) return null;
  const { path, keepMs, maxBytes } = settings;
  return keepMs === null ? new OutputFile(settings, databases) : new SegmentOutput({ path, keepMs, maxBytes });
}

/** Null: who runs sqlock. @throws UserError where it is not known */
function userOfCommand(asked: string | null): CommandUser | null {
  const asker = {
    uid: process.geteuid?.() ?? 0,
    mayBecomeOthers: isRootOverOthers(),
    beforeRoot: userBeforeRoot(process.env),
  };
  return commandUser(asked, asker, userNamed);
}

/** Null: as it is. @throws UserError where it cannot be started */
function startOf(command: Command, as: CommandUser | null): Start | null {
  if (as === null) {
    checkCommand(command);
    return null;
  }
  const start = startAs(command, as.user);
  if (!as.isCaller && canTypeHere()) writeErr(`sqlock: ${terminalRiskText(as.user)}\n`);
  return start;
}

/** A process that does not run takes no lock: the number is likely mistyped. @throws UserError */
function refuseUnknown(pids: readonly number[]): void {
  const pid = pids.find((each) => !pathExists(`/proc/${each}`));
  if (pid !== undefined)
    throw new UserError("usage", `--pid ${pid}: no such process is running`, "give a PID that sqlock who-holds shows");
}

/** The option that samples cannot serve. */
function neededBy({ source, untilWaitMs, hook }: RecordSettings): string | null {
  if (source === "kernel") return null;
  return untilWaitMs !== null ? "--until-wait" : hook !== null ? "--on-wait" : null;
}
