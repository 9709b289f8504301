/** The answer of journal-mode, field by field its JSON document (docs/journal-mode.schema.json). */
import type { DatabaseReport, Finding, Holder, Lock, PathError } from "../../model/report.ts";
import type { Unseen } from "../../model/snapshot.ts";

export const JOURNAL_MODE_SCHEMA_VERSION = 1;

/** The two that are kept in the file. Source: bytes 18 and 19 of the header, https://www.sqlite.org/fileformat2.html */
export const KEPT_MODES = ["wal", "delete"] as const;

export type KeptMode = (typeof KEPT_MODES)[number];

/** Why a switch was not tried, or would not be. */
export type ObstacleCode =
  | "network-file-system"
  | "read-only-mount"
  | "not-writable"
  | "no-space"
  | "hard-linked"
  | "file-mount"
  | "cut-off"
  | "leftover-wal"
  | "wal-from-another-file"
  | "damaged-wal"
  | "hot-journal"
  | "lock-directory"
  | "mixed-lock-apis"
  | "lost-locks"
  | "deleted-file";

export interface Obstacle {
  readonly code: ObstacleCode;
  /** One sentence: what is in the way, and why that does harm. */
  readonly message: string;
  readonly remedy: string;
  /** --force goes past it. */
  readonly forcible: boolean;
  /** It was gone past: --force. */
  readonly forced: boolean;
}

/** What was compared after the -wal was copied back. */
export interface Proof {
  /** Frames that were committed in the -wal, and the pages they are versions of. */
  readonly frames: number;
  readonly pages: number;
  /** Pages that somebody else has written again since, so that they could not be compared. */
  readonly rewritten: number;
}

export interface JournalModeReport {
  readonly schemaVersion: typeof JOURNAL_MODE_SCHEMA_VERSION;
  readonly sqlock: string;
  /** The real path; as given where there is none. */
  readonly path: string;
  readonly givenAs: string;
  /** Null: the mode was only to be shown. */
  readonly asked: KeptMode | null;
  readonly dryRun: boolean;
  /** The mode that the file keeps; null for an empty file, which has none yet, or where it could not be read. */
  readonly before: KeptMode | null;
  readonly after: KeptMode | null;
  readonly changed: boolean;
  /** Whether a switch (to `asked`; without it, to the other mode) would have gone through at the moment of the look. */
  readonly wouldSwitch: boolean;
  /** Why it was not switched; null where it was, or was not to be. */
  readonly reason: string | null;
  readonly obstacles: readonly Obstacle[];
  /** Who keeps the mode from being changed, as in who-holds. */
  readonly blockedBy: readonly Holder[];
  /** Locks of nobody known that keep it from being changed. */
  readonly blockedByUnowned: readonly Lock[];
  /** Everybody who has it open, those of blockedBy among them. */
  readonly holders: readonly Holder[];
  readonly sizeBytes: number | null;
  readonly pageSize: number | null;
  readonly pageCount: number | null;
  readonly walBytes: number | null;
  readonly wal: DatabaseReport["wal"];
  readonly fileSystem: DatabaseReport["fileSystem"];
  readonly findings: readonly Finding[];
  /** What the other mode would change here. */
  readonly effects: readonly string[];
  /** What to set in the program. */
  readonly advice: readonly string[];
  /** Of a database that has left WAL mode. */
  readonly proof: Proof | null;
  /** How long it waited for others, in ms. */
  readonly waitedMs: number | null;
  /** Processes that could not be looked into: one of them may be in the way. */
  readonly unseen: Unseen | null;
  /** Where nothing could be looked at. */
  readonly error: PathError["error"] | null;
}
