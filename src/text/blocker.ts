/** Who blocks whom, in a sentence that a tired person understands. Pure. */
import { blockingUnowned, blocksSomebody } from "../model/blockers.ts";
import type { Related } from "../model/relate.ts";
import type { Holder, Lock } from "../model/report.ts";
import { nameOf, stateClause } from "./holder.ts";
import { count, grouped } from "./list.ts";

const LOCKED = "'database is locked'";

/**
 * A sentence for each holder that blocks more than a change of the journal mode, and one for locks without an owner.
 */
export function summaryOf(database: Related): string[] {
  const sentences = database.holders.filter(blocksSomebody).map((holder) => blockerSentence(holder, database));
  const unowned = unownedSentence(database.unownedLocks);
  return unowned === null ? sentences : [...sentences, unowned];
}

/** Null where none of them keeps readers or writers out. */
export function unownedSentence(locks: readonly Lock[]): string | null {
  const unowned = blockingUnowned(locks);
  if (unowned.length === 0) return null;
  const names = [...new Set(unowned.map((lock) => lock.name))].join(", ");
  const why = unowned.some((lock) => lock.api === "ofd")
    ? "an OFD lock: its owner shows only in its own descriptors"
    : "its owner is gone or cannot be looked into";
  return `somebody unknown holds ${names} (${why}).`;
}

/**
 * `4242 (python manage.py shell) holds the write lock, asleep for 4 m 12 s: every other writer gets 'database is
 * locked'.`
 */
export function blockerSentence(holder: Holder, database: Related): string {
  const rest = stateClause(holder);
  return (
    `${nameOf(holder)} ${activityClause(holder, database)}${rest === null ? "" : `, ${rest}`}: ` +
    `${effectClause(holder)}.`
  );
}

function activityClause(holder: Holder, database: Related): string {
  switch (holder.activity) {
    case "exclusive":
      return holder.locks.some((lock) => lock.name === "EXCLUSIVE")
        ? "holds the database in EXCLUSIVE mode"
        : "holds a lock that is not SQLite's on SQLite's bytes";
    case "recovering":
      return "is recovering the WAL";
    case "checkpointing":
      return holder.blocks.includes("writers") ? "is checkpointing and holds the write lock" : "is checkpointing";
    case "committing":
      return "waits to commit until the readers have finished (PENDING)";
    case "writing":
      return holder.blocks.includes("readers") ? "is writing with the EXCLUSIVE lock" : "holds the write lock";
    case "reading":
      return holder.readMark === null || database.wal === null
        ? "is reading"
        : readingClause(holder.readMark, database.wal);
    case "idle":
      return "holds a lock that is not SQLite's on SQLite's bytes";
    case "unknown":
      return "has it open";
  }
}

function readingClause(mark: number, wal: NonNullable<Related["wal"]>): string {
  const pinned = Math.max(0, wal.frames - Math.max(mark, wal.checkpointedFrames));
  const where = mark === 0 ? "reads the database file alone (READ0)" : `reads the snapshot at frame ${grouped(mark)}`;
  return `${where} and keeps ${count(pinned, "WAL frame")} from being copied back`;
}

function effectClause(holder: Holder): string {
  const { blocks } = holder;
  if (blocks.includes("readers") && blocks.includes("writers")) return `every other reader and writer gets ${LOCKED}`;
  if (blocks.includes("readers")) return `every other reader gets ${LOCKED}`;
  if (blocks.includes("writers")) return `every other writer gets ${LOCKED}`;
  if (blocks.includes("commits")) return "no writer can commit until it has finished";
  return "the WAL cannot shrink or start again until it has finished";
}
