/** Where a library's functions can be probed. Pure. Source: sqlite3.h */
import type { FunctionSymbol } from "../../../elf/symbols.ts";
import { areAlike, SQLITE_FUNCTIONS, type SqliteFunction } from "../../../trace/probe-definition.ts";

/** A function, at its entry and at its return. */
export interface Probe {
  readonly functionName: SqliteFunction;
  /** Of its code in the file, or a little behind, where a probe costs less. */
  readonly offset: number;
}

/** What the code of a library says of sqlite3_stmt, which begins with the pointer to its connection. */
export interface StatementLayout {
  /** Where in it the pointer to its text is: UTF-8, ended by NUL. Null where that code is not understood. */
  readonly sqlOffset: number | null;
  /** Where in it the byte is that is 2 while it runs (`eVdbeState`, vdbeInt.h, since 3.39). Null: not understood. */
  readonly stateOffset: number | null;
}

/** A library without one of these is none that a program uses. */
export const NEEDED: readonly string[] = ["sqlite3_step", "sqlite3_prepare_v2"];

export const NAMES_PREFIX = "sqlite3_";

/** Functions whose code tells the layout of a statement. */
export const SQL_GETTER = "sqlite3_sql";
export const CONNECTION_GETTER = "sqlite3_db_handle";
export const STATE_TEST = "sqlite3_stmt_busy";

export const WANTED_FUNCTIONS: ReadonlySet<string> = new Set([
  ...SQLITE_FUNCTIONS,
  SQL_GETTER,
  CONNECTION_GETTER,
  STATE_TEST,
]);

/**
 * The probes of a library, in the order of their places. Functions that are alike and share a place are probed once.
 * Null where two others do: then these functions are not what their names say.
 */
export function probesOf(functions: ReadonlyMap<string, readonly FunctionSymbol[]>): Probe[] | null {
  const byOffset = new Map<number, Probe>();
  for (const functionName of SQLITE_FUNCTIONS) {
    for (const { offset } of functions.get(functionName) ?? []) {
      const other = byOffset.get(offset);
      if (other === undefined) byOffset.set(offset, { functionName, offset });
      else if (!areAlike(other.functionName, functionName)) return null;
    }
  }
  return [...byOffset.values()].sort((one, two) => one.offset - two.offset);
}
