/**
 * SQLite's functions in a stripped program: by the table of them that SQLite has for its extensions. Its order never
 * changes. Pure. Source: sqlite3ext.h, struct sqlite3_api_routines; loadext.c
 */
import type { Elf } from "../../../elf/header.ts";
import { findTables } from "../../../elf/pointer-table.ts";
import type { Source } from "../../../elf/source.ts";
import type { FunctionSymbol } from "../../../elf/symbols.ts";

/** As SQLite 3.20 has them, and all later ones. */
const INDEX = {
  sqlite3_close: 16,
  sqlite3_db_handle: 49,
  sqlite3_exec: 55,
  sqlite3_finalize: 57,
  sqlite3_open: 70,
  sqlite3_open16: 71,
  sqlite3_prepare: 72,
  sqlite3_prepare16: 73,
  sqlite3_reset: 77,
  sqlite3_step: 94,
  sqlite3_prepare_v2: 116,
  sqlite3_prepare16_v2: 117,
  sqlite3_open_v2: 135,
  sqlite3_sql: 153,
  sqlite3_backup_step: 159,
  sqlite3_close_v2: 179,
  sqlite3_stmt_busy: 184,
  sqlite3_wal_checkpoint_v2: 191,
  sqlite3_prepare_v3: 217,
  sqlite3_prepare16_v3: 218,
} as const;

const LENGTH = 219;

/**
 * `isTable` looks at the code of two functions: whether they do what those of their names do. Null: there is no such
 * table (built without extensions), or more than one. @throws ElfError
 */
export async function functionsOfTable(
  source: Source,
  elf: Elf,
  isTable: (functions: ReadonlyMap<string, readonly FunctionSymbol[]>) => Promise<boolean>,
): Promise<ReadonlyMap<string, readonly FunctionSymbol[]> | null> {
  const tables = await findTables(source, elf, LENGTH, Object.values(INDEX));
  // some linkers write the words that the loader writes, too: one table is found twice
  const found = new Map<string, ReadonlyMap<string, readonly FunctionSymbol[]>>();
  for (const table of tables) {
    const functions = new Map<string, readonly FunctionSymbol[]>();
    for (const [name, index] of Object.entries(INDEX)) {
      const offset = table(index);
      if (offset !== null) functions.set(name, [{ offset, size: 0 }]);
    }
    if (await isTable(functions)) found.set(JSON.stringify([...functions]), functions);
  }
  return found.size === 1 ? ([...found.values()][0] ?? null) : null;
}
