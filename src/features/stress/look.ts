/** A look at the given database before the load. */
import type { DatabaseReport, Holder } from "../../model/report.ts";
import { type DatabaseLook, isLookFailure, look } from "../../safe-open/look.ts";
import { firstBytesResult } from "../integrity/first-bytes-result.ts";
import { uncheckedResult } from "../integrity/result.ts";
import { UnusableDatabase } from "./unusable-database.ts";

/** `givenAs`: for messages. @throws UnusableDatabase where it is not a database, or cannot be read */
export async function lookAtDatabase(path: string, givenAs = path): Promise<DatabaseLook> {
  const seen = await look(path);
  if (isLookFailure(seen))
    throw new UnusableDatabase(
      "not-a-database",
      givenAs,
      uncheckedResult(seen.path, givenAs, { kind: "look", failure: seen }),
    );
  const { database, header, isDatabase } = seen;
  if (database.descriptor !== undefined)
    throw new UnusableDatabase(
      "not-a-database",
      givenAs,
      uncheckedResult(database.path, givenAs, { kind: "look", failure: { kind: "deleted", path: database.path } }),
    );
  if (isDatabase || header.length === 0) return { ...seen, database: { ...database, givenAs } };
  const file = { path: database.path, givenAs, sizeBytes: database.sizeBytes ?? 0 };
  throw new UnusableDatabase("not-a-database", givenAs, firstBytesResult(file, header));
}

/** Null where it cannot be read. */
export async function lookIfPossible(path: string): Promise<DatabaseLook | null> {
  const seen = await look(path);
  return isLookFailure(seen) ? null : seen;
}

/** Those that keep readers or writers out. */
export function blockingHolders({ holders }: Pick<DatabaseReport, "holders">): Holder[] {
  return holders.filter(({ blocks }) => blocks.includes("readers") || blocks.includes("writers"));
}
