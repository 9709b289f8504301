/** Why a database cannot be used for a load, as an error for a person. Pure. */
import { UserError } from "../../errors.ts";
import { corruptError } from "../../features/stress/errors.ts";
import type { UnusableDatabase } from "../../features/stress/unusable-database.ts";
import { databaseReportOf, mainReasonOf } from "../integrity/document.ts";

export function unusableDatabaseError({ kind, givenAs, check }: UnusableDatabase): UserError {
  if (kind === "corrupt") return corruptError(givenAs, mainReasonOf(check) ?? "");
  const { reasonCode, reason, remedy, path } = databaseReportOf(check);
  const message = reason ?? `${path} is not a database that SQLite can open`;
  return new UserError(reasonCode ?? "not-a-database", message, remedy ?? "give the path of a database file");
}
