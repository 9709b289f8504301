/** A file that SQLite need not be asked about: an empty one, and one that is no database by its first bytes. Pure. */

import { uncheckedEntry } from "../features/integrity/assemble.ts";
import { remedyOf } from "../features/integrity/remedy.ts";
import { CHECK_NAMES, type DatabaseCheck, type Problem } from "../features/integrity/report.ts";
import { parseDatabaseHeader } from "../sqlite/header.ts";
import { hasEncryptedRest, headerFaults, isHeaderWithoutMagic, isPartlyEncrypted } from "./header.ts";

interface File {
  readonly path: string;
  readonly givenAs: string;
  readonly sizeBytes: number;
}

/** `header`: its first 100 bytes, or all where there are no more. */
export function entryOfFirstBytes({ path, givenAs, sizeBytes }: File, header: Uint8Array): DatabaseCheck {
  const unchecked = uncheckedEntry(path, givenAs, "not-a-database", "", null);
  if (isHeaderWithoutMagic(header)) return damagedMagic({ ...unchecked, sizeBytes }, header);
  const parsed = parseDatabaseHeader(header);
  if (parsed.kind === "empty") return emptyDatabase(unchecked);
  const looksLike = parsed.kind === "other" ? parsed.looksLike : "a database";
  const partly = isPartlyEncrypted(header) || hasEncryptedRest(header);
  if (looksLike.includes("encrypted") || partly) {
    const reason =
      `${path} is likely encrypted: it ` +
      (partly ? "has a database's header with noise around it" : "is noise from its first byte");
    return {
      ...uncheckedEntry(
        path,
        givenAs,
        "encrypted",
        reason,
        "check it with the program that has its key (SQLCipher: PRAGMA cipher_integrity_check)",
      ),
      sizeBytes,
    };
  }
  const reason = `${path} is not an SQLite database: it looks like ${looksLike}`;
  return {
    ...uncheckedEntry(path, givenAs, "not-a-database", reason, "give the path of the database file"),
    sizeBytes,
  };
}

/** SQLite takes it for a database of 0 pages. */
function emptyDatabase(unchecked: DatabaseCheck): DatabaseCheck {
  const checks = CHECK_NAMES.map(
    (name) => ({ name, result: "ok", reason: null, reasonCode: null, durationMs: null }) as const,
  );
  return {
    ...unchecked,
    verdict: "ok",
    reason: null,
    reasonCode: null,
    remedy: null,
    sizeBytes: 0,
    pageCount: 0,
    checks,
  };
}

function damagedMagic(unchecked: DatabaseCheck, header: Uint8Array): DatabaseCheck {
  const faults = headerFaults(header, { sizeBytes: unchecked.sizeBytes ?? 0, sizeMoves: true });
  const problems = faults.filter(({ refused }) => refused).map(({ message }): Problem => headerProblem(message));
  const reason = "SQLite opens no file with such a header";
  return {
    ...unchecked,
    verdict: "corrupt",
    reason: null,
    reasonCode: null,
    remedy: remedyOf(unchecked.path, problems, false),
    problems,
    checks: CHECK_NAMES.map((name) =>
      name === "header"
        ? { name, result: "failed", reason: null, reasonCode: null, durationMs: null }
        : { name, result: "not-checked", reason, reasonCode: "failed", durationMs: null },
    ),
  };
}

export function headerProblem(message: string): Problem {
  return { check: "header", message, table: null, index: null, rowid: null, parent: null, page: 1 };
}
