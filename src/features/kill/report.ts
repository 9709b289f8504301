/** The answer of kill, field by field its JSON document (docs/kill.schema.json). */
import type { Finding, Holder, PathError } from "../../model/report.ts";

export const KILL_SCHEMA_VERSION = 1;

/**
 * `exited`: it has ended. `survived`: it runs on; whether it holds the database still, `holds` says. `refused`: it was
 * not signalled, and why. `gone`: it had ended, or did not hold the database any more, before it was to be signalled.
 * `planned`: --dry-run.
 */
export type Result = "exited" | "survived" | "refused" | "gone" | "planned";

export interface Outcome {
  readonly pid: number;
  /** `4242 (python manage.py shell)`. */
  readonly name: string;
  readonly result: Result;
  /** The last one that was sent; null where none was. */
  readonly signal: string | null;
  /** From the first signal until it ended, or was in nobody's way any more, in ms; null where it did neither. */
  readonly afterMs: number | null;
  /**
   * It has the database open, or a lock on it (after SIGCONT: it is in somebody's way), when all is done; null where
   * that was not looked at (--dry-run).
   */
  readonly holds: boolean | null;
  /** It kept others out, and does so no more: ended, or with its locks released. */
  readonly released: boolean;
  readonly reason: string | null;
  /** What ending it does. */
  readonly consequences: readonly string[];
}

export interface KillReport {
  readonly schemaVersion: typeof KILL_SCHEMA_VERSION;
  readonly sqlock: string;
  readonly path: string;
  readonly givenAs: string;
  readonly dryRun: boolean;
  readonly outcomes: readonly Outcome[];
  /** Who holds the database when all is done. */
  readonly remaining: readonly Holder[];
  /** Of those, who was started since: a supervisor has started it anew. */
  readonly restarted: readonly number[];
  /** When all is done: a hot journal, a -wal to recover. */
  readonly findings: readonly Finding[];
  readonly error: PathError["error"] | null;
}
