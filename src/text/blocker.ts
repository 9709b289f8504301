/** Which process blocks what, in a sentence that a tired person understands. Pure. */
import { blockingUnowned, blocksSomebody, keepsOthersOut } from "../model/blockers.ts";
import { distinct } from "../model/lock.ts";
import { readerOnPurpose } from "../model/programs.ts";
import type { Related } from "../model/relate.ts";
import type { Holder, Lock } from "../model/report.ts";
import { isActive } from "../model/several-looks.ts";
import { holdsExclusive, transactionInWal } from "./exclusive.ts";
import { nameOf, stateClause } from "./holder.ts";
import { count, grouped } from "./list.ts";
import { lockNames } from "./lock-names.ts";
import { purposeClause } from "./program.ts";
import { checkpointCause, committingClause, lockWaitSentences } from "./wait.ts";

const NOBODY: ReadonlySet<number> = new Set();

const LOCKED = "'database is locked'";

/**
 * A sentence for each holder that blocks more than a change of the journal mode, one for each that waits in the kernel,
 * one for locks without an owner, and one for those that change hands. `explained`: holders that need none, as a
 * finding says what they block.
 */
export function summaryOf(database: Related, explained: ReadonlySet<number> = NOBODY): string[] {
  const blocking = database.holders.filter((holder) => blocksSomebody(holder) && !explained.has(holder.pid));
  return [
    ...blocking.map((holder) => blockerSentence(holder, database)),
    ...lockWaitSentences(database),
    ...unownedSentences(database),
    ...changesHandsSentences(database),
  ];
}

/**
 * None where none of them keeps readers or writers out; of those whose owner was looked for and not found, all are told
 * that SQLite has.
 */
function unownedSentences({
  unownedLocks,
  unownedSearched,
  changesHands,
  blockers,
}: Pick<Related, "unownedLocks" | "unownedSearched" | "changesHands" | "blockers">): string[] {
  const changing = (lock: Lock) =>
    lock.api === "posix" && changesHands.some(({ name, role, type }) => isEqual(lock, { name, role, type }));
  const lookedFor = unownedSearched !== null && unownedSearched !== "lock-owners";
  const hidden = unownedLocks.filter((lock) => lookedFor && !lock.waiting && lock.name !== "FOREIGN");
  const unowned = distinct([...blockingUnowned(unownedLocks), ...hidden]).filter((lock) => !changing(lock));
  if (unowned.length === 0) return [];
  const names = lockNames(unowned);
  const effect = unownedEffect(unowned, blockers);
  const elsewhere = unowned.every((lock) => lock.api === "posix")
    ? "belongs to a process that has ended or closed the file, or to a client of this NFS server"
    : "is on its way through a unix socket, or kept by io_uring";
  if (unownedSearched === "everything")
    return [
      `A process that cannot be seen holds ${names}: no process or thread has a descriptor that shows it. It ` +
        `${elsewhere}.${effect}`,
    ];
  if (lookedFor) {
    const looked = unownedSearched === "visible" ? "can be inspected" : "could be inspected in time";
    return [
      `A process that cannot be seen holds ${names}: no process or thread that ${looked} has a descriptor that ` +
        `shows it. Another process has it, or it ${elsewhere}.${effect}`,
    ];
  }
  const why = unowned.some((lock) => lock.api === "ofd")
    ? "an OFD lock: only the descriptors of its owner show it"
    : "its owner has ended or cannot be inspected";
  return [`An unknown process holds ${names} (${why}).${effect}`];
}

/** ` Every other writer gets 'database is locked'.` Empty where it keeps out nobody. */
function unownedEffect(locks: readonly Lock[], blockers: Related["blockers"]): string {
  const names = new Set(locks.map(({ name }) => name));
  const unowned = blockers.filter(({ pid, lock }) => pid === null && names.has(lock));
  const blocks = new Set(unowned.map(({ effect }) => effect));
  const keptOut = (["reader", "writer"] as const).filter((who) => blocks.has(`${who}s`));
  if (keptOut.length > 0) return ` Every other ${keptOut.join(" and ")} gets ${LOCKED}.`;
  return blocks.has("commits") ? " No writer can commit meanwhile." : "";
}

function isEqual(lock: Lock, { name, role, type }: Pick<Lock, "name" | "role" | "type">): boolean {
  return lock.api === "posix" && lock.name === name && lock.role === role && lock.type === type;
}

/** `RESERVED changes hands: 7 processes had it within 62 ms, the last seen was 4242.` */
function changesHandsSentences({ changesHands }: Related): string[] {
  if (changesHands.length === 0) return [];
  const names = new Set(changesHands.map(({ name }) => name));
  const pids = [...new Set(changesHands.flatMap((each) => each.pids))];
  const processes = count(pids.length, "process", "processes");
  const within = `within ${Math.max(...changesHands.map((each) => each.withinMs))} ms`;
  return [
    names.size === 1
      ? `${lockNames(changesHands)} changes hands: ${processes} had it ${within}, the last seen was ${pids.at(-1)}.`
      : `${lockNames(changesHands)} change hands: ${processes} had them ${within}.`,
  ];
}

/**
 * `4242 (python manage.py shell) holds the write lock, asleep for 4 m 12 s: every other writer gets 'database is
 * locked'.`
 */
export function blockerSentence(holder: Holder, database: Related): string {
  const doing = `${nameOf(holder)} ${activityClause(holder, database)}`;
  const meanwhile = meanwhileClause(holder, database);
  if (meanwhile !== null) return `${doing} at this moment; ${meanwhile}.`;
  const rest = stateClause(holder);
  const effect = `${doing}${rest === null ? "" : `, ${rest}`}: ${effectClause(holder)}.`;
  const cause = checkpointCause(holder.pid, database);
  return cause === null ? effect : `${effect} ${cause}`;
}

/**
 * Transactions were committed, and the lock was released in between, or may have been: contention, not a holder that is
 * stuck. Null where neither shows.
 */
function meanwhileClause(holder: Holder, { progress, journalMode }: Related): string | null {
  if (progress === null || !keepsOthersOut(holder) || !isActive(holder)) return null;
  const { commits, counterMoved, withinMs } = progress;
  const others = `another ${holder.blocks.includes("readers") ? "reader or writer" : "writer"} that waits for it`;
  if (commits > 0)
    return (
      `the lock was released in between (at least ${count(commits, "commit")} within ${withinMs} ms): ${others} ` +
      "(busy timeout) likely gets it"
    );
  if (progress.released?.includes(holder.pid) === true)
    return `the lock was released in between (within ${withinMs} ms): ${others} (busy timeout) likely gets it`;
  // In WAL mode EXCLUSIVE is no lock of a commit: it is kept.
  if (!counterMoved || journalMode === "wal") return null;
  return (
    `it commits (seen within ${withinMs} ms), and it is unknown whether it released the lock in between: ${others} ` +
    "(busy timeout) gets it, unless the lock is kept (locking_mode=EXCLUSIVE)"
  );
}

function activityClause(holder: Holder, database: Related): string {
  switch (holder.activity) {
    case "exclusive":
      return holdsExclusive(holder)
        ? `holds the EXCLUSIVE lock${inWalClause(holder, database)}`
        : "holds a lock that is not SQLite's on SQLite's bytes";
    case "recovering":
      return "is recovering the WAL";
    case "checkpointing":
      return holder.blocks.includes("writers") ? "is checkpointing and holds the write lock" : "is checkpointing";
    case "committing":
      return committingClause(holder, database);
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

function inWalClause({ pid }: Holder, { journalMode, wal, progress }: Related): string {
  if (journalMode !== "wal") return "";
  return progress?.released?.includes(pid) === true
    ? " (as the last connection does when it closes)"
    : ` (likely locking_mode=EXCLUSIVE; ${transactionInWal(wal?.uncommittedFrames ?? null)})`;
}

function readingClause(mark: number, wal: NonNullable<Related["wal"]>): string {
  const pinned = Math.max(0, wal.frames - Math.max(mark, wal.checkpointedFrames));
  const where = mark === 0 ? "reads only the database file (READ0)" : `reads the snapshot at frame ${grouped(mark)}`;
  return `${where} and keeps ${count(pinned, "WAL frame")} from being copied back`;
}

function effectClause(holder: Holder): string {
  const { blocks } = holder;
  const reader = holder.activity === "reading" ? readerOnPurpose(holder) : null;
  if (blocks.includes("readers") && blocks.includes("writers")) return `every other reader and writer gets ${LOCKED}`;
  if (blocks.includes("readers")) return `every other reader gets ${LOCKED}`;
  if (blocks.includes("writers")) return `every other writer gets ${LOCKED}`;
  if (blocks.includes("commits")) return "no writer can commit until it has finished";
  if (reader !== null) return purposeClause(reader);
  return "the WAL cannot be reset or shrink until it has finished";
}
