/**
 * A header that is whole, of a format that this SQLite does not know: another SQLite may have made the file. That it is
 * damaged instead is possible, and not proved. Pure. Source:
 * https://www.sqlite.org/fileformat2.html#file_format_version_numbers, `btree.c` (lockBtree), `prepare.c`
 * (sqlite3InitOne).
 */
import { type HeaderFault, isRefusedBySqlite } from "./header.ts";

export type ForeignFormat =
  /** WAL2 mode, of SQLite's branches wal2, begin-concurrent-wal2 and bedrock. */
  | { readonly code: "wal2" }
  | { readonly code: "versions"; readonly write: number; readonly read: number }
  | { readonly code: "schema-format"; readonly format: number }
  /** In pages that are not in the file itself (the WAL); as SQLite says. */
  | { readonly code: "unknown" };

const WAL2 = 3;

/**
 * Null where a fault of the header is proof of damage: who can write a format can read it, so that no SQLite writes a
 * read version above the write version. `faults`: of that header.
 */
export function foreignFormatOf(header: Uint8Array, faults: readonly HeaderFault[]): ForeignFormat | null {
  const refused = faults.filter(isRefusedBySqlite);
  const [write = 0, read = 0] = header.subarray(18, 20);
  const format = refused.find((fault) => fault.code === "schema-format");
  const isNewer = read > 2 && write >= read;
  const isForeign = ({ code }: HeaderFault) => code === "schema-format" || (code === "read-version" && isNewer);
  if (refused.length === 0 || !refused.every(isForeign)) return null;
  if (isNewer) return write === WAL2 && read === WAL2 ? { code: "wal2" } : { code: "versions", write, read };
  return format === undefined ? null : { code: "schema-format", format: format.format };
}
