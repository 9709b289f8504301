/** A look at the given database before the load, by who-holds. */
import { UserError } from "../../errors.ts";
import type { DatabaseReport, Holder } from "../../model/report.ts";
import { entryOfFirstBytes } from "../../safe-open/first-bytes.ts";
import { look, type Seen } from "../../safe-open/look.ts";
import type { DatabaseCheck } from "../integrity/report.ts";

/** @throws UserError where it is not a database, or cannot be read */
export async function lookAtDatabase(givenAs: string): Promise<Seen> {
  const seen = await look(givenAs);
  if ("verdict" in seen) throw unusableError(seen);
  const { database, header, isDatabase } = seen;
  if (isDatabase || header.length === 0) return seen;
  const file = { path: database.path, givenAs, sizeBytes: database.sizeBytes ?? 0 };
  throw unusableError(entryOfFirstBytes(file, header));
}

/** Null where it cannot be read. */
export async function lookIfPossible(path: string): Promise<Seen | null> {
  const seen = await look(path);
  return "verdict" in seen ? null : seen;
}

/** Those that keep readers or writers out. */
export function blockingHolders({ holders }: Pick<DatabaseReport, "holders">): Holder[] {
  return holders.filter(({ blocks }) => blocks.includes("readers") || blocks.includes("writers"));
}

function unusableError({ reasonCode, reason, remedy, path }: DatabaseCheck): UserError {
  const message = reason ?? `${path} is not a database that SQLite opens`;
  return new UserError(reasonCode ?? "not-a-database", message, remedy ?? "give the path of a database file");
}
