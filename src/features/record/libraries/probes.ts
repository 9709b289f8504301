/**
 * Which functions of SQLite are probed for which call, and what of their arguments is fetched: in the words of
 * `uprobe_events`, with the registers of the System V ABI for x86-64. Pure.
 *
 * Source: Documentation/trace/uprobetracer.rst of Linux; sqlite3.h.
 */
import type { FunctionSymbol } from "../../../elf/symbols.ts";
import type { CallName } from "../../../recording/source-event.ts";

/**
 * What an argument of a probe is. `sp`: of the stack at the entry. `db`, `stmt`: sqlite3*, sqlite3_stmt*. `text`: where
 * the SQL text is, 0 for none. `sql`: the text; empty also where it has more than 4,095 bytes up to its first NUL.
 * `bytes`: so many bytes of the text are meant, negative for all up to the NUL: what stands behind them is another's.
 * `start`: the first 128 bytes, for a text that is too long for `sql`. Nothing of it counts where `text` is 0 (the
 * kernel leaves there what stood in its buffer), behind `bytes`, or behind a NUL.
 */
export type FetchName = "sp" | "db" | "stmt" | "text" | "sql" | "bytes" | "start";

export interface Fetch {
  readonly name: FetchName;
  /** As in `uprobe_events`, behind the name and `=`. */
  readonly what: string;
}

/** One function, at its entry and (`rc=%ax:s32`) at its return. */
export interface Probe {
  readonly call: CallName;
  /** For names in tracefs and for messages: sqlite3_prepare_v2. */
  readonly functionName: string;
  /** Of its code in the file. */
  readonly offset: number;
  readonly fetch: readonly Fetch[];
}

/** Of the return of each: the result code of SQLite. */
export const RETURN_FETCH = "rc=%ax:s32";

/** What the code of a library says of sqlite3_stmt; null where it is not the known one. */
export interface StatementLayout {
  /** Of the text of the statement, UTF-8. */
  readonly sqlOffset: number | null;
  /** Of its connection. */
  readonly connectionOffset: number | null;
}

/** A library without one of these is none that a program uses. */
export const NEEDED: readonly string[] = ["sqlite3_step", "sqlite3_prepare_v2"];

export const NAMES_PREFIX = "sqlite3_";

const SP: Fetch = { name: "sp", what: "%sp" };
const DB: Fetch = { name: "db", what: "%di" };

/** `pointer`: where the address of the text stands. */
function text(pointer: string): Fetch[] {
  return [
    { name: "text", what: pointer },
    { name: "sql", what: `+0(${pointer}):string` },
  ];
}

/** Each 8 bytes cost 0.09 µs a call, all 64 that an array may have 5.7: too much for a step of 0.6 µs. */
const START: Fetch = { name: "start", what: "+0(%si):x64[16]" };

/**
 * `open` tells no connection: it is known at the return only, where the kernel has the arguments no more. UTF-16 texts
 * are left out: `step` has them in UTF-8. Not in it are functions that call one that is: sqlite3_wal_checkpoint,
 * sqlite3_get_table.
 */
const FUNCTIONS: Readonly<Record<string, { readonly call: CallName; readonly fetch: readonly Fetch[] }>> = {
  sqlite3_open: { call: "open", fetch: [SP] },
  sqlite3_open_v2: { call: "open", fetch: [SP] },
  sqlite3_open16: { call: "open", fetch: [SP] },
  sqlite3_close: { call: "close", fetch: [SP, DB] },
  sqlite3_close_v2: { call: "close", fetch: [SP, DB] },
  ...prepare("sqlite3_prepare", true),
  ...prepare("sqlite3_prepare_v2", true),
  ...prepare("sqlite3_prepare_v3", true),
  ...prepare("sqlite3_prepare16", false),
  ...prepare("sqlite3_prepare16_v2", false),
  ...prepare("sqlite3_prepare16_v3", false),
  sqlite3_step: { call: "step", fetch: [SP, { name: "stmt", what: "%di" }] },
  sqlite3_exec: { call: "exec", fetch: [SP, DB, ...text("%si"), START] },
  sqlite3_wal_checkpoint_v2: { call: "checkpoint", fetch: [SP, DB] },
  sqlite3_backup_step: { call: "backup", fetch: [SP] },
};

function prepare(name: string, hasText: boolean) {
  const sql: Fetch[] = hasText ? [...text("%si"), { name: "bytes", what: "%dx:s32" }, START] : [];
  return { [name]: { call: "prepare" as const, fetch: [SP, DB, ...sql] } };
}

/** Functions whose code tells the layout of a statement. */
export const SQL_GETTER = "sqlite3_sql";
export const CONNECTION_GETTER = "sqlite3_db_handle";

export const WANTED_FUNCTIONS: ReadonlySet<string> = new Set([
  ...Object.keys(FUNCTIONS),
  SQL_GETTER,
  CONNECTION_GETTER,
]);

/**
 * The probes of a library, in the order of their places. Null where one place would be two calls: then its functions
 * are not what their names say.
 */
export function probesOf(
  functions: ReadonlyMap<string, readonly FunctionSymbol[]>,
  layout: StatementLayout,
): Probe[] | null {
  const byOffset = new Map<number, Probe>();
  for (const [functionName, { call, fetch }] of Object.entries(FUNCTIONS)) {
    for (const { offset } of functions.get(functionName) ?? []) {
      const other = byOffset.get(offset);
      if (other !== undefined && (other.call !== call || describe(other.fetch) !== describe(fetch))) return null;
      if (other !== undefined) continue;
      const all = call === "step" ? [...fetch, ...statementFetch(layout)] : fetch;
      byOffset.set(offset, { call, functionName, offset, fetch: all });
    }
  }
  return [...byOffset.values()].sort((one, two) => one.offset - two.offset);
}

function statementFetch({ sqlOffset, connectionOffset }: StatementLayout): Fetch[] {
  return [
    ...(connectionOffset === null ? [] : [{ name: "db", what: `+${connectionOffset}(%di)` } as const]),
    ...(sqlOffset === null ? [] : text(`+${sqlOffset}(%di)`)),
  ];
}

function describe(fetch: readonly Fetch[]): string {
  return fetch.map(({ name, what }) => `${name}=${what}`).join(" ");
}
