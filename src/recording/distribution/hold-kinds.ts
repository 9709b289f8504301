/** What holds of locks are told apart by where only their lengths matter. Pure. */
import type { LockName, LockType } from "../../sqlite/locks.ts";
import { difference } from "../histogram.ts";
import type { HoldCounts } from "../lines.ts";
import { isReadMark, isWriteHold } from "../summary/wanted.ts";
import type { CountedDurations } from "./durations.ts";

/** `write`: the write lock (WRITE, RESERVED). `exclusive`: no one else can read. */
export const HOLD_KINDS = ["write", "read", "exclusive", "checkpoint"] as const;
export type HoldKind = (typeof HOLD_KINDS)[number];

/** Null: none of these; PENDING and EXCLUSIVE are one after the other, so that only the latter counts. */
export function holdKindOf(lock: LockName, lockType: LockType): HoldKind | null {
  if (isWriteHold({ lock, lockType })) return "write";
  if (lock === "EXCLUSIVE") return "exclusive";
  if (lock === "CKPT") return "checkpoint";
  return lockType === "read" && (lock === "SHARED" || isReadMark(lock)) ? "read" : null;
}

/** Of holds that were only counted: those of each kind. Those of a checkpoint on READ*k* are taken out. */
export function countedHolds(lock: LockName, hold: HoldCounts): [HoldKind, CountedDurations] | null {
  const { times, totalMs, longestMs, writes = 0, writesMs = 0, longestWriteMs, buckets, writeBuckets } = hold;
  const kind = holdKindOf(lock, isReadMark(lock) || lock === "SHARED" ? "read" : "write");
  if (kind === null) return null;
  if (kind !== "read" || writes === 0) return [kind, { times, totalMs, longestMs, buckets }];
  if (writes >= times) return null;
  const ofReads = writeBuckets === undefined ? undefined : difference(buckets, writeBuckets);
  const isOfRead = longestMs !== undefined && longestWriteMs !== undefined && longestMs > longestWriteMs;
  const reads = { times: times - writes, totalMs: Math.max(0, totalMs - writesMs), buckets: ofReads };
  return [kind, isOfRead ? { ...reads, longestMs } : reads];
}
