/**
 * Every finding of a look, in the order in which the rules run: what endangers data first, then who blocks others, then
 * what will.
 */
import { checkpointStarved } from "./checkpoint-starved.ts";
import { damagedWal } from "./damaged-wal.ts";
import { deletedFile } from "./deleted-file.ts";
import { diskFull } from "./disk-full.ts";
import { exclusiveLockingMode } from "./exclusive-locking-mode.ts";
import { foreignCompanion } from "./foreign-companion.ts";
import { foreignLock } from "./foreign-lock.ts";
import { foreignWriter } from "./foreign-writer.ts";
import { hardLinked } from "./hard-linked.ts";
import { hotJournal } from "./hot-journal.ts";
import { inheritedHandle } from "./inherited-handle.ts";
import { leftoverWal } from "./leftover-wal.ts";
import { likelyWaiting } from "./likely-waiting.ts";
import { liveCopy } from "./live-copy.ts";
import { lockDirectory } from "./lock-directory.ts";
import { lostLocks } from "./lost-locks.ts";
import { mixedLockApis } from "./mixed-lock-apis.ts";
import { networkFileSystem } from "./network-file-system.ts";
import { notWritable } from "./not-writable.ts";
import { oddCompanion } from "./odd-companion.ts";
import { openFilesExhausted } from "./open-files-exhausted.ts";
import { openReadBlocksCommit } from "./open-read-blocks-commit.ts";
import { orphanedHolder } from "./orphaned-holder.ts";
import { otherLocking } from "./other-locking.ts";
import { otherNamespace } from "./other-namespace.ts";
import { overlappingRuns } from "./overlapping-runs.ts";
import { sameProcessContention } from "./same-process-contention.ts";
import { separateLocks } from "./separate-locks.ts";
import type { FindingRecord } from "./shared/record.ts";
import { superJournalElsewhere } from "./super-journal-elsewhere.ts";
import { suspendedHolder } from "./suspended-holder.ts";
import { uncommittedWrite } from "./uncommitted-write.ts";
import { uninterruptibleHolder } from "./uninterruptible-holder.ts";
import { walFromAnotherFile } from "./wal-from-another-file.ts";
import { walOversized } from "./wal-oversized.ts";

const RECORDS = [
  deletedFile,
  lostLocks,
  foreignWriter,
  otherLocking,
  separateLocks,
  superJournalElsewhere,
  hotJournal,
  damagedWal,
  foreignCompanion,
  leftoverWal,
  walFromAnotherFile,
  oddCompanion,
  hardLinked,
  mixedLockApis,
  suspendedHolder,
  uninterruptibleHolder,
  uncommittedWrite,
  exclusiveLockingMode,
  sameProcessContention,
  openReadBlocksCommit,
  lockDirectory,
  foreignLock,
  liveCopy,
  inheritedHandle,
  orphanedHolder,
  checkpointStarved,
  walOversized,
  notWritable,
  diskFull,
  openFilesExhausted,
  networkFileSystem,
  likelyWaiting,
  overlappingRuns,
  otherNamespace,
] as const satisfies readonly FindingRecord[];

/** Stable names, which docs/findings.md explains one by one. `header-mismatch` comes of integrity alone. */
export type FindingId = (typeof RECORDS)[number]["id"] | "header-mismatch";

export const FINDINGS: readonly FindingRecord<FindingId>[] = RECORDS;

/** In the order in which the rules run; last what integrity alone finds. */
export const FINDING_IDS: readonly FindingId[] = [...FINDINGS.map(({ id }) => id), "header-mismatch"];

const BY_ID = new Map(FINDINGS.map((record) => [record.id, record]));

/** Undefined for a finding that does not come of a look (header-mismatch). */
export function findingRecord(id: FindingId): FindingRecord<FindingId> | undefined {
  return BY_ID.get(id);
}
