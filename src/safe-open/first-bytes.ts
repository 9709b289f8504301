/** What a file is that SQLite need not be asked about, by its first bytes. Pure. */
import { HEADER_BYTES, hasDatabaseMagic, isLfsPointer, parseDatabaseHeader } from "../sqlite/header.ts";
import { hasEncryptedRest, isHeaderWithoutMagic, isPartlyEncrypted } from "./header.ts";

export type FileContent =
  /** SQLite takes it for a database of 0 pages. */
  | { readonly kind: "empty" }
  /** A database whose first 16 bytes are damaged. */
  | { readonly kind: "damaged-magic" }
  /** A database that ends in its header: the magic, and less than 100 bytes. */
  | { readonly kind: "cut-header" }
  /** What Git has in the place of the file. */
  | { readonly kind: "lfs-pointer" }
  /** `partly`: some fields of the header are readable. */
  | { readonly kind: "encrypted"; readonly partly: boolean }
  | { readonly kind: "not-a-database"; readonly looksLike: string };

/** `header`: its first 100 bytes, or all where there are no more. */
export function contentOf(header: Uint8Array): FileContent {
  if (isHeaderWithoutMagic(header)) return { kind: "damaged-magic" };
  if (hasDatabaseMagic(header) && header.length < HEADER_BYTES) return { kind: "cut-header" };
  if (isLfsPointer(header)) return { kind: "lfs-pointer" };
  const parsed = parseDatabaseHeader(header);
  if (parsed.kind === "empty") return { kind: "empty" };
  if (isPartlyEncrypted(header) || hasEncryptedRest(header)) return { kind: "encrypted", partly: true };
  if (parsed.kind === "database") return { kind: "not-a-database", looksLike: "a database" };
  return parsed.encrypted
    ? { kind: "encrypted", partly: false }
    : { kind: "not-a-database", looksLike: parsed.looksLike };
}
