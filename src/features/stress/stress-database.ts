/** The database of a run, and its preparation for the load. */
import { join } from "node:path";
import type { OpenedAs } from "../../safe-open/actor.ts";
import type { Guard } from "../../worker/sentinel.ts";
import { refuseIfFileDoesNotFit } from "./database-copy.ts";
import { runJob } from "./jobs.ts";
import type { FileIdentity } from "./protocol.ts";
import type { Evidence, EvidenceLocation } from "./result.ts";
import type { JournalMode } from "./settings.ts";

/** How long a locked database is waited for. */
const BUSY_MS = 5000;

/** Throw-away, a copy, or the given file itself. */
export interface StressDatabase {
  /** Null: a throw-away database. */
  readonly givenAs: string | null;
  /** The given database is on a network file system. */
  readonly onNetwork: boolean;
  /** Run by root: the user who owns it, whom this process has become; null: the caller. */
  readonly openedAs: OpenedAs | null;
  /** --timeout: for each step before and after the load. */
  readonly timeoutMs: number;
  /** A closed copy of the given database, from which the databases of the load are made; null for new ones. */
  readonly copy: string | null;
  /** The given file itself, with --in-place; otherwise null. */
  readonly inPlace: { readonly name: string; readonly file: FileIdentity } | null;
  /** The table of the load. */
  readonly table: string;
  /** Holds the databases; in place, a link to a name that better-sqlite3 would trim. Null where none is needed. */
  readonly folder: string | null;
  readonly guard: Guard;
  /** Removes everything. @throws UserError where something is left */
  readonly remove: () => Promise<void>;
  /** Leaves everything as evidence: `remove` is no longer to be called. */
  readonly keep: (evidence: Evidence) => EvidenceLocation;
}

export interface PreparedDatabase {
  readonly path: string;
  readonly file: FileIdentity;
  readonly journalMode: JournalMode;
  readonly pageSize: number;
}

/**
 * A database with the table of the load in it. `name`: of one of several databases; null for the only one, which is the
 * copy itself where there is one. @throws UserError
 */
export async function prepareDatabase(
  { inPlace, copy, folder, table, givenAs, timeoutMs }: StressDatabase,
  name: string | null,
  journalMode: JournalMode | null,
): Promise<PreparedDatabase> {
  const path = inPlace?.name ?? (name === null ? copy : null) ?? join(folder ?? "", name ?? "database");
  const from = name === null ? null : copy;
  if (from !== null && folder !== null) refuseIfFileDoesNotFit(from, folder, givenAs ?? from);
  const { file, ...prepared } = await runJob(
    {
      kind: "prepare",
      path,
      file: inPlace?.file ?? null,
      from,
      table,
      journalMode,
      inPlace: inPlace !== null,
      createTable: true,
      busyMs: BUSY_MS,
    },
    { givenAs: givenAs ?? path, timeoutMs },
  );
  return { path, file, journalMode: prepared.journalMode, pageSize: prepared.pageSize };
}

/** Between two rounds, of a database that no process has open. @returns false where SQLite left it in its mode */
export async function changeJournalMode(
  { inPlace, table, givenAs, timeoutMs }: StressDatabase,
  { path, file }: PreparedDatabase,
  journalMode: JournalMode,
): Promise<boolean> {
  if (inPlace !== null) throw new Error("--in-place does not change the journal mode");
  const job = { path, file, from: null, table, journalMode, inPlace: false, createTable: false, busyMs: BUSY_MS };
  const answer = await runJob({ kind: "prepare", ...job }, { givenAs: givenAs ?? path, timeoutMs });
  return answer.journalMode === journalMode;
}
