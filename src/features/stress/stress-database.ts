/** The database of a run, and its preparation for the load. */
import { join } from "node:path";
import type { Guard } from "../../worker/sentinel.ts";
import { refuseIfFileDoesNotFit } from "./database-copy.ts";
import { runJob } from "./jobs.ts";
import type { Evidence, EvidenceLocation } from "./result.ts";
import type { JournalMode } from "./settings.ts";

/** How long a locked database is waited for. */
const BUSY_MS = 5000;

/** Throw-away, a copy, or the given file itself. */
export interface StressDatabase {
  /** Null: a throw-away database. */
  readonly givenAs: string | null;
  /** A closed copy of the given database, from which the databases of the load are made; null for new ones. */
  readonly copy: string | null;
  /** The given file itself, with --in-place; otherwise null. */
  readonly inPlace: string | null;
  /** The table of the load. */
  readonly table: string;
  /** Holds the databases; in place, a link to a name that better-sqlite3 would trim. Null where none is needed. */
  readonly folder: string | null;
  readonly guard: Guard;
  /** Removes everything. @throws UserError where the table could not be dropped */
  readonly remove: () => Promise<void>;
  /** Leaves everything as evidence: `remove` is no longer to be called. */
  readonly keep: (evidence: Evidence) => EvidenceLocation;
}

export interface PreparedDatabase {
  readonly path: string;
  readonly journalMode: JournalMode;
  readonly pageSize: number;
}

/**
 * A database with the table of the load in it. `name`: of one of several databases; null for the only one, which is the
 * copy itself where there is one. @throws UserError
 */
export async function prepareDatabase(
  { inPlace, copy, folder, table, givenAs }: StressDatabase,
  name: string | null,
  journalMode: JournalMode | null,
): Promise<PreparedDatabase> {
  const path = inPlace ?? (name === null ? copy : null) ?? join(folder ?? "", name ?? "database");
  const from = name === null ? null : copy;
  if (from !== null && folder !== null) refuseIfFileDoesNotFit(from, folder, givenAs ?? from);
  const prepared = await runJob(
    {
      kind: "prepare",
      path,
      from,
      table,
      journalMode,
      inPlace: inPlace !== null,
      createTable: true,
      busyMs: BUSY_MS,
    },
    givenAs ?? path,
  );
  return { path, journalMode: prepared.journalMode, pageSize: prepared.pageSize };
}
