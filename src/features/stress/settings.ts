/** The options of stress as typed, parsed and checked. Pure. */
import { UserError } from "../../errors.ts";
import { parseDuration } from "../../text/parse-duration.ts";

export interface StressOptions {
  readonly writers?: string;
  readonly readers?: string;
  readonly duration?: string;
  readonly journalMode?: string;
  readonly transaction?: string;
  readonly readThenWrite?: boolean;
  readonly busyTimeout?: string;
  readonly hold?: string;
  readonly think?: string;
  readonly rows?: string;
  readonly threads?: string;
  readonly matrix?: boolean;
  readonly killEvery?: string;
  readonly seed?: string;
  readonly timeout?: string;
  readonly dir?: string;
  readonly inPlace?: boolean;
  readonly yes?: boolean;
  readonly html?: string;
  readonly force?: boolean;
}

export const JOURNAL_MODES = ["wal", "delete"] as const;
export const TRANSACTIONS = ["deferred", "immediate", "exclusive"] as const;

export type JournalMode = (typeof JOURNAL_MODES)[number];
export type TransactionKind = (typeof TRANSACTIONS)[number];

/** The settings of one run. */
export interface Settings {
  readonly writers: number;
  readonly readers: number;
  readonly durationMs: number;
  /** Null: the one of the database. */
  readonly journalMode: JournalMode | null;
  readonly transaction: TransactionKind;
  readonly readThenWrite: boolean;
  readonly busyTimeoutMs: number;
  /** How long a transaction stays open after its work. */
  readonly holdMs: number;
  /** Between two transactions. */
  readonly thinkMs: number;
  /** Operations in a transaction. */
  readonly rows: number;
  /** Connections in each process. */
  readonly threads: number;
  readonly killEveryMs: number | null;
  readonly seed: number;
}

/** The settings that a matrix varies. */
export interface Combination {
  readonly journalMode: JournalMode;
  readonly transaction: TransactionKind;
  readonly busyTimeoutMs: number;
}

export interface Plan {
  readonly settings: Settings;
  /** Null: one run. */
  readonly matrix: readonly Combination[] | null;
  /** For a throw-away database or a copy; null: beside the database, or in the folder for temporary files. */
  readonly dir: string | null;
  readonly inPlace: boolean;
  readonly yes: boolean;
  /** For each step before and after the load. */
  readonly timeoutMs: number;
}

const MAX_WORKERS = 1000;
const MAX_ROWS = 10_000;
const MAX_THREADS = 64;
const MAX_SEED = 0xffff_ffff;
const MIN_DURATION_MS = 100;
const MIN_KILL_MS = 10;
const MIN_TIMEOUT_MS = 1;
/** The longest timer of Node.js. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
const MAX_COMBINATIONS = 64;

/** For --hold, --think and --busy-timeout. A longer one measures nothing. */
const MAX_PAUSE_MS = 3_600_000;

/** `hasDatabase`: a database was given; `newSeed`: used where no --seed was given. @throws UserError */
export function planOf(
  options: StressOptions,
  { hasDatabase, newSeed }: { readonly hasDatabase: boolean; readonly newSeed: number },
): Plan {
  const matrix = options.matrix === true;
  const modes = listOf("--journal-mode", options.journalMode, JOURNAL_MODES, matrix);
  const transactions = listOf("--transaction", options.transaction, TRANSACTIONS, matrix);
  const timeouts = timeoutsOf(options.busyTimeout, matrix);
  const settings: Settings = {
    writers: countOf("--writers", options.writers ?? "4", 1, MAX_WORKERS),
    readers: countOf("--readers", options.readers ?? "4", 0, MAX_WORKERS),
    durationMs: timeOf("--duration", options.duration ?? "10s", MIN_DURATION_MS),
    journalMode: modes?.[0] ?? (hasDatabase ? null : "delete"),
    transaction: transactions?.[0] ?? "deferred",
    readThenWrite: options.readThenWrite === true,
    busyTimeoutMs: timeouts?.[0] ?? 5000,
    holdMs: pauseOf("--hold", options.hold),
    thinkMs: pauseOf("--think", options.think),
    rows: countOf("--rows", options.rows ?? "1", 1, MAX_ROWS),
    threads: countOf("--threads", options.threads ?? "1", 1, MAX_THREADS),
    killEveryMs: options.killEvery === undefined ? null : timeOf("--kill-every", options.killEvery, MIN_KILL_MS),
    seed: options.seed === undefined ? newSeed : countOf("--seed", options.seed, 0, MAX_SEED),
  };
  refuseConflicts(options, hasDatabase, matrix);
  const combinations = matrix
    ? combine(modes ?? JOURNAL_MODES, transactions ?? TRANSACTIONS, timeouts ?? [0, 5000])
    : null;
  return {
    settings,
    matrix: combinations,
    dir: options.dir ?? null,
    inPlace: options.inPlace === true,
    yes: options.yes === true,
    timeoutMs: Math.min(timeOf("--timeout", options.timeout ?? "10m", MIN_TIMEOUT_MS), MAX_TIMEOUT_MS),
  };
}

function refuseConflicts(options: StressOptions, hasDatabase: boolean, matrix: boolean): void {
  if (options.dir === "") throw new UserError("usage", "--dir is empty", "give a folder, or leave it out");
  if (options.inPlace !== true) {
    if (options.yes === true)
      throw new UserError("usage", "--yes needs --in-place", "leave it out: a copy needs no confirmation");
    return;
  }
  if (!hasDatabase) throw new UserError("usage", "--in-place needs a database", "give the path of one");
  if (matrix)
    throw new UserError(
      "usage",
      "--matrix and --in-place exclude each other: a matrix changes the journal mode",
      "leave --in-place out: copies are made",
    );
  if (options.dir !== undefined)
    throw new UserError("usage", "--dir and --in-place exclude each other", "leave one of them out");
}

function combine(
  modes: readonly JournalMode[],
  transactions: readonly TransactionKind[],
  timeouts: readonly number[],
): Combination[] {
  const all = modes.flatMap((journalMode) =>
    transactions.flatMap((transaction) =>
      timeouts.map((busyTimeoutMs) => ({ journalMode, transaction, busyTimeoutMs })),
    ),
  );
  if (all.length > MAX_COMBINATIONS)
    throw new UserError("usage", `${all.length} combinations are too many`, `at most ${MAX_COMBINATIONS}`);
  return all;
}

function listOf<T extends string>(
  option: string,
  text: string | undefined,
  choices: readonly T[],
  several: boolean,
): T[] | null {
  if (text === undefined) return null;
  return itemsOf(option, text, several).map((item) => {
    const found = choices.find((choice) => choice === item.toLowerCase());
    if (found === undefined)
      throw new UserError(
        "usage",
        `${option} ${JSON.stringify(item)} is not one of ${choices.join(", ")}`,
        "choose one of these",
      );
    return found;
  });
}

function timeoutsOf(text: string | undefined, several: boolean): number[] | null {
  if (text === undefined) return null;
  return itemsOf("--busy-timeout", text, several).map((item) => pauseOf("--busy-timeout", item));
}

function itemsOf(option: string, text: string, several: boolean): string[] {
  const items = [...new Set(text.split(",").map((item) => item.trim()))];
  if (items.length > 1 && !several)
    throw new UserError(
      "usage",
      `${option} ${JSON.stringify(text)}: several values need --matrix`,
      "give one value, or add --matrix",
    );
  return items;
}

function pauseOf(option: string, text: string | undefined): number {
  const ms = Math.ceil(parseDuration(option, text ?? "0", { zero: true }));
  if (ms > MAX_PAUSE_MS) throw new UserError("usage", `${option} ${JSON.stringify(text)} is too long`, "at most 1h");
  return ms;
}

function timeOf(option: string, text: string, minMs: number): number {
  const ms = Math.round(parseDuration(option, text));
  if (ms < minMs) throw new UserError("usage", `${option} ${JSON.stringify(text)} is too short`, `at least ${minMs}ms`);
  return ms;
}

function countOf(option: string, text: string, min: number, max: number): number {
  const count = /^\d{1,10}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!(count >= min && count <= max))
    throw new UserError(
      "usage",
      `${option} ${JSON.stringify(text)} is out of range`,
      `give a whole number from ${min} to ${max}`,
    );
  return count;
}
