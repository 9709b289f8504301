/** What one look at a database has for advice. Pure. */
import type { DatabaseReport, Holder } from "../../model/report.ts";
import type { Blocked, Evidence, WalEvidence } from "../../recording/advice/evidence.ts";
import { Durations } from "../../recording/distribution/durations.ts";
import { isReadMark, isWriteHold } from "../../recording/summary/wanted.ts";

export function lookEvidence(database: DatabaseReport): Evidence {
  const { path, journalMode, holders } = database;
  const writers = holders.filter((holder) => holder.locks.some((lock) => isHeldToWrite(lock)));
  const writeHolds = new Durations();
  for (const { heldAtLeastMs } of writers) writeHolds.addAtLeast(heldAtLeastMs ?? 0);
  return {
    ...{ path, source: "look", watchedMs: 0, writers: writers.length, writeHolds: writeHolds.quantiles },
    journalMode: journalMode === "wal" || journalMode === "rollback" ? journalMode : null,
    ...{ waits: null, openedWithMs: [], timeouts: [], patterns: [] },
    readersAndCommits: journalMode === "rollback" ? commitsThatWait(database) : null,
    wal: walOf(database),
    idleWriters: idleOf(writers),
  };
}

function isHeldToWrite({ name, type, waiting }: Holder["locks"][number]): boolean {
  return !waiting && name !== "FOREIGN" && isWriteHold({ lock: name, lockType: type });
}

/** A commit waits for readers, or nearly did: PENDING. */
function commitsThatWait({ waits, holders }: DatabaseReport): Blocked {
  const commits = waits.filter((wait) => wait.for === "commit");
  const held = commits.map(({ pid }) => holders.find((holder) => holder.pid === pid)?.heldAtLeastMs ?? 0);
  return { waits: commits.length, blockedMs: held.reduce((sum, ms) => sum + ms, 0), failed: 0 };
}

function walOf({ wal, files, holders }: DatabaseReport): WalEvidence | null {
  if (wal === null || !wal.checkpointedKnown) return null;
  const readers = holders.filter(({ locks }) =>
    locks.some(({ name, type, waiting }) => !waiting && type === "read" && name !== "FOREIGN" && isReadMark(name)),
  );
  const pins = readers.flatMap(({ pid, readMark }) => {
    const frames = readMark === null ? 0 : wal.frames - Math.max(readMark, wal.checkpointedFrames);
    return frames > 0 ? [{ pid, frames }] : [];
  });
  const pinned = Math.max(0, ...pins.map(({ frames }) => frames));
  return {
    mostBytes: files.find(({ role }) => role === "wal")?.sizeBytes ?? null,
    ...{ mostUncopied: Math.max(0, wal.frames - wal.checkpointedFrames - pinned), uncopiedMs: 0 },
    ...{ mostPinned: pinned, pinnedMs: 0, pinnedBy: pins.map(({ pid }) => pid) },
  };
}

/** In a transaction, and asleep. */
function idleOf(writers: readonly Holder[]): Evidence["idleWriters"] {
  const idle = writers.filter(({ stale }) =>
    stale.some((each) => each === "idle-in-transaction" || each === "likely-idle-in-transaction" || each === "stopped"),
  );
  if (idle.length === 0) return null;
  const longestMs = Math.max(...idle.map(({ heldAtLeastMs, heldLikelyMs }) => heldAtLeastMs ?? heldLikelyMs ?? 0));
  return { pids: idle.map(({ pid }) => pid), longestMs };
}
