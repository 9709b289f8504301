/** From what was seen to what is worth a person's attention: one rule a file, each pure. */
import type { Finding, Severity } from "../model/report.ts";
import { checkpointStarved } from "./checkpoint-starved.ts";
import { damagedWal } from "./damaged-wal.ts";
import { deletedFile } from "./deleted-file.ts";
import { diskFull } from "./disk-full.ts";
import { exclusiveLockingMode } from "./exclusive-locking-mode.ts";
import { foreignLock } from "./foreign-lock.ts";
import { hardLinked } from "./hard-linked.ts";
import { hotJournal } from "./hot-journal.ts";
import { inheritedHandle } from "./inherited-handle.ts";
import { leftoverWal } from "./leftover-wal.ts";
import { likelyWaiting } from "./likely-waiting.ts";
import { lockDirectory } from "./lock-directory.ts";
import { lostLocks } from "./lost-locks.ts";
import { mixedLockApis } from "./mixed-lock-apis.ts";
import { networkFileSystem } from "./network-file-system.ts";
import { notWritable } from "./not-writable.ts";
import { openFilesExhausted } from "./open-files-exhausted.ts";
import { openReadBlocksCommit } from "./open-read-blocks-commit.ts";
import { orphanedHolder } from "./orphaned-holder.ts";
import { otherNamespace } from "./other-namespace.ts";
import { sameProcessContention } from "./same-process-contention.ts";
import type { Rule, Subject } from "./shared/rule.ts";
import { suspendedHolder } from "./suspended-holder.ts";
import { uncommittedWrite } from "./uncommitted-write.ts";
import { walFromAnotherFile } from "./wal-from-another-file.ts";
import { walOversized } from "./wal-oversized.ts";

/** What endangers data first, then who is in the way, then what will be. */
const RULES: readonly Rule[] = [
  deletedFile,
  lostLocks,
  hotJournal,
  damagedWal,
  leftoverWal,
  walFromAnotherFile,
  hardLinked,
  mixedLockApis,
  suspendedHolder,
  uncommittedWrite,
  exclusiveLockingMode,
  sameProcessContention,
  openReadBlocksCommit,
  lockDirectory,
  foreignLock,
  inheritedHandle,
  orphanedHolder,
  checkpointStarved,
  walOversized,
  notWritable,
  diskFull,
  openFilesExhausted,
  networkFileSystem,
  likelyWaiting,
  otherNamespace,
];

/**
 * They conclude from the locks that a holder has, or has not: where these are not known (lsof), they could only guess.
 */
const NEED_LOCKS: ReadonlySet<Rule> = new Set([
  lostLocks,
  mixedLockApis,
  suspendedHolder,
  uncommittedWrite,
  exclusiveLockingMode,
  sameProcessContention,
  openReadBlocksCommit,
  foreignLock,
  inheritedHandle,
  orphanedHolder,
  checkpointStarved,
  likelyWaiting,
]);

const ORDER: readonly Severity[] = ["error", "warning", "info"];

/** The findings, the gravest first. */
export function diagnose(subject: Subject): Finding[] {
  const rules = subject.snapshot.source === "proc" ? RULES : RULES.filter((rule) => !NEED_LOCKS.has(rule));
  return rules.flatMap((rule) => rule(subject)).sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
}
