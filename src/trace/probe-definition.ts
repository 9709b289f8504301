/**
 * Probes on calls of SQLite, as lines of `uprobe_events`. Only for x86-64: the arguments of a call are in its registers
 * (System V ABI). Source: Documentation/trace/uprobetracer.rst, sqlite3.h
 */
import type { CallName } from "../recording/source-event.ts";

/** The end of a run of a statement: told of at its entry alone, as what it returns was the last step's result. */
export type EndName = "reset" | "finalize";

/** How the arguments of a function are used. */
interface Shape {
  readonly call: CallName | EndName;
  /** Registers. A statement begins with the pointer to its connection. */
  readonly connection?: string;
  readonly statement?: string;
  readonly sql?: string;
  /** The length of `sql` in bytes; negative: up to its end. */
  readonly bytes?: string;
}

const OPEN: Shape = { call: "open" };
const CLOSE: Shape = { call: "close", connection: "%di" };
const PREPARE: Shape = { call: "prepare", connection: "%di", sql: "%si", bytes: "%dx" };
/** UTF-16: the text is not taken. */
const PREPARE16: Shape = { call: "prepare", connection: "%di" };

const SHAPES = {
  sqlite3_open: OPEN,
  sqlite3_open_v2: OPEN,
  sqlite3_open16: OPEN,
  sqlite3_close: CLOSE,
  sqlite3_close_v2: CLOSE,
  sqlite3_prepare: PREPARE,
  sqlite3_prepare_v2: PREPARE,
  sqlite3_prepare_v3: PREPARE,
  sqlite3_prepare16: PREPARE16,
  sqlite3_prepare16_v2: PREPARE16,
  sqlite3_prepare16_v3: PREPARE16,
  sqlite3_step: { call: "step", statement: "%di" },
  sqlite3_reset: { call: "reset", statement: "%di" },
  sqlite3_finalize: { call: "finalize", statement: "%di" },
  sqlite3_exec: { call: "exec", connection: "%di", sql: "%si" },
  // sqlite3_wal_checkpoint jumps there
  sqlite3_wal_checkpoint_v2: { call: "checkpoint", connection: "%di" },
  sqlite3_backup_step: { call: "backup" },
} as const satisfies Record<string, Shape>;

export type SqliteFunction = keyof typeof SHAPES;
export const SQLITE_FUNCTIONS = Object.keys(SHAPES) as SqliteFunction[];
export const callOf = (name: SqliteFunction): Shape["call"] => SHAPES[name].call;

export const isEnd = (call: Shape["call"]): call is EndName => call === "reset" || call === "finalize";

/** Whether they have the same arguments in the same registers: one probe serves both where they share their code. */
export const areAlike = (one: SqliteFunction, other: SqliteFunction): boolean => SHAPES[one] === SHAPES[other];

export interface Probe {
  /** Number of the library: events have it. */
  readonly library: number;
  /** The file with the code; `/proc/PID/root/…` and `/proc/PID/map_files/…` too. */
  readonly file: string;
  readonly function: SqliteFunction;
  /** Of its first instruction, in the file. */
  readonly offset: number;
  /** Where in a statement the pointer to its text is (`sqlite3_sql`); null: not known, and no text is taken. */
  readonly sqlOffset: number | null;
  /** Where in a statement the byte is that is 2 while it runs (`sqlite3_stmt_busy`); null: not known. */
  readonly stateOffset: number | null;
}

/** One line of `uprobe_events`, and the name of its event. */
export interface Definition {
  readonly event: string;
  readonly text: string;
  readonly probe: Probe;
  readonly side: "call" | "return";
}

/**
 * So much of a text is taken, as an array of words; 64 are the most that the kernel takes. Each word costs the program
 * 80 to 150 ns: a step, which a program calls far more often than anything else, takes enough to tell what kind of
 * statement it is. The whole text is learnt once for each statement: from the memory of its process, or where it is
 * destroyed. Never as `:string`: where a text is nearly a page long, kernels before 6.12 write behind their buffer, and
 * later ones print a warning, or stop (trace_uprobe.c, prepare_uprobe_buffer). What cannot be read arrives as zeroes
 * (copy_from_user).
 */
const TEXT_WORDS = { prepare: 32, step: 4, finalize: 32, exec: 64 } as const;

/** Of a call's event; null: it has no text. */
export function textBytesOf({ function: name, sqlOffset }: Probe): number | null {
  const { call, sql, statement } = SHAPES[name] as Shape;
  const isTaken = sql !== undefined || (statement !== undefined && sqlOffset !== null);
  return isTaken && hasText(call) ? TEXT_WORDS[call] * 8 : null;
}

function hasText(call: Shape["call"]): call is keyof typeof TEXT_WORDS {
  return call in TEXT_WORDS;
}

/** Null: the kernel would take the path for two words, an address or a comment. */
function pathInDefinition(file: string): string | null {
  return /[\s:#]/.test(file) || !file.startsWith("/") ? null : file;
}

/**
 * The entry and the return, where that is of use. Null: the path has a space or a colon, or the like, which
 * `uprobe_events` cannot have.
 */
export function definitionsOf(group: string, probe: Probe): readonly [Definition, ...Definition[]] | null {
  const path = pathInDefinition(probe.file);
  if (path === null) return null;
  const name = `${probe.function.replace("sqlite3_", "")}_${probe.library}`;
  const place = `${path}:0x${probe.offset.toString(16)}`;
  const shape: Shape = SHAPES[probe.function];
  const text = `p:${group}/${name} ${place} ${argumentsOf(probe).join(" ")}`;
  const entry: Definition = { event: name, text, probe, side: "call" };
  if (isEnd(shape.call)) return [entry];
  return [entry, { event: `${name}_r`, text: `r:${group}/${name}_r ${place} rc=%ax:s32`, probe, side: "return" }];
}

/** The names of these arguments are those of the event's fields. */
function argumentsOf(probe: Probe): string[] {
  const { call, connection, statement, sql, bytes }: Shape = SHAPES[probe.function];
  const list = isEnd(call) ? [] : ["sp=%sp:x64"];
  if (connection !== undefined) list.push(`db=${connection}:x64`);
  if (statement !== undefined) list.push(`st=${statement}:x64`, `db=+0(${statement}):x64`);
  if (sql !== undefined) list.push(`text=${sql}:x64`);
  const taken = textBytesOf(probe);
  if (taken !== null) list.push(`sql=+0(${sql ?? `+${probe.sqlOffset}(${statement})`}):x64[${taken / 8}]`);
  if (call === "step" && probe.stateOffset !== null) list.push(`state=+${probe.stateOffset}(${statement}):u8`);
  if (bytes !== undefined) list.push(`bytes=${bytes}:s32`);
  return list;
}

/** The events of `uprobe_events` whose group is one of ours, as `GROUP/EVENT`. */
export function eventsInGroups(text: string, isOurs: (group: string) => boolean): string[] {
  const events: string[] = [];
  for (const line of text.split("\n")) {
    const [, group, event] = /^[pr]\d*:([^/ ]+)\/([^ ]+) /.exec(line) ?? [];
    if (group !== undefined && event !== undefined && isOurs(group)) events.push(`${group}/${event}`);
  }
  return events;
}
