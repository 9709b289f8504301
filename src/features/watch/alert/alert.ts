/** A lock that has kept others out for as long as --alert says. */

import type { DatabaseReport, Holder, Lock } from "../../../model/report.ts";
import { blocksOfLock, type ProtocolState } from "../../../sqlite/activity.ts";
import type { Block } from "../../../sqlite/locks.ts";

/** What others cannot do: to them it is "database is locked". A checkpoint that waits makes no program fail. */
export const ALERTING = ["readers", "writers", "commits"] as const satisfies readonly Block[];
export type AlertEffect = (typeof ALERTING)[number];

export interface Alert {
  /** When that was established, in ms since 1970. */
  readonly atMs: number;
  /** Of the database. */
  readonly path: string;
  /** Null: which process has the lock cannot be told. */
  readonly holder: Holder | null;
  /** The strongest of those that have been held for so long. Null: a lock directory. */
  readonly lock: Pick<Lock, "name" | "role" | "type" | "api"> | null;
  /** Of unix-dotfile; null for other locks. */
  readonly lockDirectory: string | null;
  readonly heldMs: number;
  /** `heldMs` is a lower bound. */
  readonly atLeast: boolean;
  readonly blocks: readonly AlertEffect[];
  /** It keeps others out because it waits for these processes itself. */
  readonly waitsFor: readonly number[];
  /** A number of its own: as long as the lock is held without a break, it is the same episode. */
  readonly episode: number;
}

/** What a lock of a report keeps others from, of what alerts are about. */
export function alertingEffects(lock: Lock, report: Pick<DatabaseReport, "journalMode" | "journal" | "wal">) {
  const blocks = blocksOfLock(lock, stateOf(report));
  return ALERTING.filter((effect) => blocks.includes(effect));
}

function stateOf({
  journalMode,
  journal,
  wal,
}: Pick<DatabaseReport, "journalMode" | "journal" | "wal">): ProtocolState {
  return {
    journalMode,
    journalValid: journal?.header === "valid",
    wal: wal === null ? null : { mxFrame: wal.frames, nBackfill: wal.checkpointedFrames, readMarks: wal.readMarks },
  };
}
