/** Which functions of SQLite are probed, for which call. Pure. Source: sqlite3.h */
import type { FunctionSymbol } from "../../../elf/symbols.ts";
import type { CallName } from "../../../recording/source-event.ts";

/** A function, at its entry and at its return. */
export interface Probe {
  readonly call: CallName;
  /** sqlite3_prepare_v2, … */
  readonly functionName: string;
  /** Of its code in the file. */
  readonly offset: number;
}

/** What the code of a library says of sqlite3_stmt, which begins with the pointer to its connection. */
export interface StatementLayout {
  /** Where in it the pointer to its text is: UTF-8, ended by NUL. Null where that code is not understood. */
  readonly sqlOffset: number | null;
}

/** A library without one of these is none that a program uses. */
export const NEEDED: readonly string[] = ["sqlite3_step", "sqlite3_prepare_v2"];

export const NAMES_PREFIX = "sqlite3_";

/** Functions of one row have the same arguments in the same registers. */
const FUNCTIONS: readonly (readonly [CallName, ...names: string[]])[] = [
  ["open", "sqlite3_open", "sqlite3_open_v2", "sqlite3_open16"],
  ["close", "sqlite3_close", "sqlite3_close_v2"],
  ["prepare", "sqlite3_prepare", "sqlite3_prepare_v2", "sqlite3_prepare_v3"],
  // in UTF-16
  ["prepare", "sqlite3_prepare16", "sqlite3_prepare16_v2", "sqlite3_prepare16_v3"],
  ["step", "sqlite3_step"],
  ["exec", "sqlite3_exec"],
  // sqlite3_wal_checkpoint jumps there
  ["checkpoint", "sqlite3_wal_checkpoint_v2"],
  ["backup", "sqlite3_backup_step"],
];

/** Functions whose code tells the layout of a statement. */
export const SQL_GETTER = "sqlite3_sql";
export const CONNECTION_GETTER = "sqlite3_db_handle";

export const WANTED_FUNCTIONS: ReadonlySet<string> = new Set([
  ...FUNCTIONS.flatMap(([, ...names]) => names),
  SQL_GETTER,
  CONNECTION_GETTER,
]);

/**
 * The probes of a library, in the order of their places. Functions of one row that share a place are probed once. Null
 * where two rows do: then these functions are not what their names say.
 */
export function probesOf(functions: ReadonlyMap<string, readonly FunctionSymbol[]>): Probe[] | null {
  const byOffset = new Map<number, { readonly row: number; readonly probe: Probe }>();
  for (const [row, [call, ...names]] of FUNCTIONS.entries()) {
    for (const functionName of names) {
      for (const { offset } of functions.get(functionName) ?? []) {
        const other = byOffset.get(offset);
        if (other === undefined) byOffset.set(offset, { row, probe: { call, functionName, offset } });
        else if (other.row !== row) return null;
      }
    }
  }
  return [...byOffset.values()].map(({ probe }) => probe).sort((one, two) => one.offset - two.offset);
}
