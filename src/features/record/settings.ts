/** The options of record, each checked by itself and with the others. Pure. */
import { UserError } from "../../errors.ts";
import { parseSource, type SourceKind } from "../../recording/source.ts";
import { parseDuration } from "../../text/parse-duration.ts";
import { parseSize } from "../../text/parse-size.ts";
import { type FailReason, parseFailOn } from "./fail-on.ts";

/** As commander gives them. */
export interface RecordOptions {
  readonly for?: string;
  readonly untilWait?: string;
  readonly source?: string;
  readonly minWait?: string;
  /** True: --sql; false: --no-sql. */
  readonly sql?: boolean;
  readonly literals?: boolean;
  readonly pid?: readonly string[];
  readonly unit?: readonly string[];
  readonly output?: string;
  readonly keep?: string;
  readonly maxSize?: string;
  readonly force?: boolean;
  readonly redact?: boolean;
  /** False: --no-call-sites. */
  readonly callSites?: boolean;
  readonly onWait?: string;
  readonly run?: string;
  readonly user?: string;
  readonly failOn?: string;
  readonly json?: boolean;
  readonly color?: boolean;
}

export interface RecordSettings {
  /** Null: until a signal, or the end of the command. */
  readonly forMs: number | null;
  readonly untilWaitMs: number | null;
  /** Null: the best that is possible. */
  readonly source: SourceKind | null;
  readonly minWaitMs: number;
  readonly statements: boolean;
  readonly literals: boolean;
  readonly redact: boolean;
  /** The command is started with a tracer in it. */
  readonly callSites: boolean;
  /** Both empty: of all processes. */
  readonly only: Only;
  readonly output: OutputSettings | null;
  readonly hook: HookSettings | null;
  readonly json: boolean;
  /** The words after `--`. */
  readonly command: readonly [string, ...string[]] | null;
  /** Of the command, by name or number; null: not given. */
  readonly user: string | null;
  /** What makes the exit code 1; empty: nothing. */
  readonly failOn: readonly FailReason[];
}

/** Whose waits are shown: those of one of these processes, or of a process of one of these units. */
export interface Only {
  readonly pids: readonly number[];
  readonly units: readonly string[];
  /** The users whose own units may have these names; those of others do not count. */
  readonly unitUids: readonly number[];
}

export interface OutputSettings {
  /** Of the file; with --keep, of the folder. */
  readonly path: string;
  readonly force: boolean;
  readonly maxBytes: number;
  /** A continuous recording: what is older goes; null: one file. */
  readonly keepMs: number | null;
}

export interface HookSettings {
  /** Once for each wait that takes so long, ms. */
  readonly afterMs: number;
  /** What `sh -c` runs. */
  readonly command: string;
}

const DEFAULT_MIN_WAIT_MS = 10;
const DEFAULT_MAX_BYTES = 200e6;
const LEAST_KEEP_MS = 1_000;
export const MOST_KEEP_DAYS = 366;

/** `uids`: of who asks. @throws UserError */
export function recordSettings(
  options: RecordOptions,
  command: readonly string[] | null,
  uids: readonly number[],
): RecordSettings {
  const isContinuous = options.keep !== undefined;
  const statements = options.sql ?? !isContinuous;
  const literals = options.literals === true;
  const redact = options.redact === true;
  const json = options.json === true;
  const output = outputSettings(options);
  if (options.callSites === false && command === null)
    throw new UserError("usage", "--no-call-sites needs a command", "give the command after --, or leave it out");
  if (literals && options.sql === false) throw contradiction("--literals", "--no-sql");
  if (literals && !statements)
    throw new UserError(
      "usage",
      "--literals keeps values of statements, which --keep does not record",
      "give --sql as well, or leave --literals out",
    );
  if (isContinuous && json)
    throw new UserError("usage", "--keep and --json exclude each other", "read the files of the folder instead");
  if (isContinuous && command !== null)
    throw new UserError(
      "usage",
      "--keep records whatever uses the database: it takes no command",
      "leave the command out, or leave --keep out: -o FILE then has the run of the command",
    );
  if (literals && redact) throw contradiction("--literals", "--redact");
  if (redact && output === null && !json)
    throw new UserError(
      "usage",
      "--redact changes the file and the JSON document, but neither is written",
      "give -o FILE or --json as well, or leave --redact out",
    );
  if (json && command !== null)
    throw new UserError(
      "usage",
      "--json prints to stdout, which belongs to the command after --",
      "use -o FILE instead: it has the same data, one line of JSON for each record",
    );
  if (options.user !== undefined && command === null)
    throw new UserError(
      "usage",
      "--user names the user of the command after --, but there is none",
      "give a command, or leave --user out",
    );
  if (options.source === "sampled") {
    if (options.untilWait !== undefined) throw needsKernel("--until-wait");
    if (options.onWait !== undefined) throw needsKernel("--on-wait");
    if (options.sql === true && command === null)
      throw new UserError(
        "usage",
        "--sql needs the kernel's events: samples do not show statements",
        "leave --sql out, or leave --source sampled out (the kernel's events need root)",
      );
    if (options.failOn !== undefined && (command === null || options.callSites === false))
      throw new UserError(
        "usage",
        "--fail-on needs calls: samples do not show them, only a traced command tells of them",
        "give a command after --, or leave --source sampled out (the kernel's events need root)",
      );
  }
  const [program, ...args] = command ?? [];
  return {
    forMs: optionalDuration("--for", options.for),
    untilWaitMs: optionalDuration("--until-wait", options.untilWait),
    source: options.source === undefined ? null : parseSource(options.source),
    minWaitMs:
      options.minWait === undefined
        ? DEFAULT_MIN_WAIT_MS
        : parseDuration("--min-wait", options.minWait, { zero: true }),
    statements,
    literals,
    redact,
    callSites: options.callSites !== false,
    only: { pids: (options.pid ?? []).map(parsePid), units: (options.unit ?? []).map(parseUnit), unitUids: uids },
    output,
    hook: hookSettings(options),
    json,
    command: program === undefined ? null : [program, ...args],
    user: options.user ?? null,
    failOn: options.failOn === undefined ? [] : parseFailOn(options.failOn),
  };
}

function needsKernel(option: string): UserError {
  return new UserError(
    "usage",
    `${option} needs the kernel's events: samples do not show waits`,
    "leave --source sampled out (the kernel's events need root)",
  );
}

function contradiction(one: string, other: string): UserError {
  return new UserError("usage", `${one} and ${other} exclude each other`, "leave one of them out");
}

function optionalDuration(option: string, text: string | undefined): number | null {
  return text === undefined ? null : parseDuration(option, text);
}

function outputSettings({ output, keep, maxSize, force }: RecordOptions): OutputSettings | null {
  const keepMs = keep === undefined ? null : parseKeep(keep);
  const maxBytes = maxSize === undefined ? DEFAULT_MAX_BYTES : parseSize("--max-size", maxSize);
  if (output !== undefined) {
    if (output === "") throw new UserError("usage", "the name of --output is empty", "give the path of a file");
    if (output === "-")
      throw new UserError("usage", "--output - is not a file", "use --json for the recording on stdout, or -o FILE");
    if (keepMs !== null && force === true)
      throw new UserError("usage", "--keep replaces no file: there is nothing to --force", "leave --force out");
    return { path: output, force: force === true, maxBytes, keepMs };
  }
  if (keepMs !== null) throw new UserError("usage", "--keep needs -o", "give the folder of the recording: -o FOLDER");
  if (maxSize !== undefined) throw needsOutput("--max-size");
  if (force === true) throw needsOutput("--force");
  return null;
}

function parseKeep(text: string): number {
  const ms = parseDuration("--keep", text, { days: MOST_KEEP_DAYS });
  if (ms >= LEAST_KEEP_MS) return ms;
  throw new UserError("usage", `--keep ${text} is too short`, "give at least 1s; hours and days are usual: 24h, 7d");
}

function needsOutput(option: string): UserError {
  return new UserError("usage", `${option} needs -o`, "give the file of the recording: -o FILE");
}

function hookSettings({ onWait, run }: RecordOptions): HookSettings | null {
  const afterMs = optionalDuration("--on-wait", onWait);
  if (run === undefined) {
    if (afterMs === null) return null;
    throw new UserError("usage", "--on-wait needs --run", 'give the command that it should run: --run "command"');
  }
  if (afterMs === null)
    throw new UserError("usage", "--run needs --on-wait", "give the length of a wait for which it runs: --on-wait 1s");
  if (run.trim() === "") throw new UserError("usage", "--run has no command", 'write it as --run "command"');
  return { afterMs, command: run };
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

/** `gunicorn` is gunicorn.service. Source: systemctl(1) */
function parseUnit(text: string): string {
  const unit = text.trim();
  if (!/^[\w:.\\@-]+$/.test(unit))
    throw new UserError("usage", `--unit ${JSON.stringify(text)} is not a unit`, "write it as gunicorn.service");
  return /\.(?:service|scope|slice|socket|timer|mount)$/.test(unit) ? unit : `${unit}.service`;
}
