/** Where a database is kept that lost something, and the file beside it. Pure. */
import type { Evidence, EvidenceLocation } from "../../features/stress/result.ts";
import { renderJson } from "../json.ts";
import { verificationReport } from "./verification.ts";

/** "" for a database that is not kept. */
export function evidenceLocationText(location: EvidenceLocation | null): string {
  if (location === null) return "";
  return location.kind === "folder" ? location.path : `the table ${location.table} of ${location.path}`;
}

/** JSON: what the kept database is to be compared with. */
export function evidenceText({ seed, rows, database, writers, verification }: Evidence): string {
  const document = { seed, rows, database, accounts: writers, verification: verificationReport(verification) };
  return renderJson(document);
}
