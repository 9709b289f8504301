/** The answer of journal-mode, field by field its JSON document (docs/journal-mode.schema.json). */
import { FINDINGS, type FindingId } from "../../findings/index.ts";
import type { DatabaseReport, Finding, Holder, Lock, PathError } from "../../model/report.ts";
import type { Unseen } from "../../model/snapshot.ts";
import type { OpenedAs } from "../../safe-open/actor.ts";

export const JOURNAL_MODE_SCHEMA_VERSION = 1;

/** The two that are kept in the file. Source: bytes 18 and 19 of the header, https://www.sqlite.org/fileformat2.html */
export const KEPT_MODES = ["wal", "delete"] as const;

export type KeptMode = (typeof KEPT_MODES)[number];

/** Obstacles that no finding is needed for. */
const OF_SWITCH = [
  "network-file-system",
  "read-only-mount",
  "not-writable",
  "no-space",
  "file-mount",
  "cut-off",
  "no-user",
  "hard-linked-companion",
  "unseen",
] as const;

/** Why a switch was not tried, or would not be: also the id of a finding that a switch would make worse. */
export type ObstacleCode = (typeof OF_SWITCH)[number] | FindingId;

export const OBSTACLE_CODES: readonly ObstacleCode[] = [
  ...OF_SWITCH,
  ...FINDINGS.filter(({ blocksSwitch }) => blocksSwitch !== null).map(({ id }) => id),
];

export interface ObstacleReport {
  readonly code: ObstacleCode;
  /** What it is, and what harm the switch would do; no full stop. */
  readonly message: string;
  readonly remedy: string;
  /** --force goes past it. */
  readonly forcible: boolean;
  /** --force went past it. */
  readonly forced: boolean;
}

/** What was compared after the -wal was copied back. */
export interface Proof {
  /** Frames that were committed in the -wal, and the pages they are versions of. */
  readonly frames: number;
  readonly pages: number;
  /** Pages that differ, and cannot be compared: other processes have committed since. */
  readonly rewritten: number;
}

/** Why pages were not compared after the -wal was copied back. */
export type NotCompared =
  /** The path leads to another file than before the switch. */
  | { readonly kind: "another-file" }
  /** `limit`: the most that are compared. */
  | { readonly kind: "too-many-frames"; readonly frames: number; readonly limit: number }
  /** Of `pages`, so many differ, and another process may have written them since. */
  | {
      readonly kind: "may-be-rewritten";
      readonly frames: number;
      readonly pages: number;
      readonly differing: number;
    };

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
  readonly obstacles: readonly ObstacleReport[];
  /** Holders that block a change of the mode, as in who-holds. */
  readonly blockedBy: readonly Holder[];
  /** Locks without a known owner that block a change of the mode. */
  readonly blockedByUnowned: readonly Lock[];
  /** All holders, those of blockedBy among them. */
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
  /** What cannot be seen from outside, and would matter after the switch. */
  readonly notes: readonly string[];
  /** What to set in the program. */
  readonly advice: readonly string[];
  /** Of a database that has left WAL mode. */
  readonly proof: Proof | null;
  /** Why there is no proof of a database that has left WAL mode; null else. */
  readonly notCompared: NotCompared | null;
  /** Run by root: the user as which it is switched, or would be; null: the caller, or no user. */
  readonly openedAs: OpenedAs | null;
  /** How long it waited for the blockers, in ms. */
  readonly waitedMs: number | null;
  /** Processes that could not be looked into: one of them may be a blocker. */
  readonly unseen: Unseen | null;
  /** Where nothing could be looked at. */
  readonly error: PathError["error"] | null;
}
