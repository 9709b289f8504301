/** Which of its refused attempts a call needs, and which of them are one wait. Pure. */
import type { LockedFile } from "../locks/file.ts";
import { isWaitingCheckpoint } from "../sql/waiting-checkpoint.ts";
import type { Aim, Attempt } from "./attempt.ts";
import type { Frame } from "./thread.ts";

/**
 * It got what it waited for. What it is refused next is another wait, but for WRITE: that is dropped again for a stale
 * snapshot. (SHARED is dropped to wait for RESERVED.)
 */
export function isOver({ grantedMs, aim }: Attempt): boolean {
  return grantedMs !== null && aim !== "write";
}

/** Each read mark is tried by itself; other aims may take several steps. */
export function isOf(attempt: Attempt, file: LockedFile, aim: Aim, slot: number): boolean {
  return attempt.file === file && attempt.aim === aim && (aim !== "mark" || attempt.slot === slot);
}

/** Of checkpoints: they are tried and given up silently, but where a caller waits for readers. */
const OFTEN_OPTIONAL: ReadonlySet<Aim> = new Set(["mark", "checkpoint"]);

/** Whether the call needs the lock: it waits for it, or the lock is of the kind that is always needed. */
export function isNeeded(attempt: Attempt, frame: Frame | null): boolean {
  if (frame?.call === "close") return false;
  if (attempt.isQueued || attempt.times === 0) return true;
  // In WAL mode the last one to close tries it; without statements, a change of the mode looks the same.
  if (frame === null && attempt.aim === "exclusive" && attempt.file.database.wal) return false;
  if (!OFTEN_OPTIONAL.has(attempt.aim)) return true;
  return attempt.mostInARow > 1;
}

/** A checkpoint that waits for others: its caller needs what it is refused. */
function isCheckpoint(frame: Frame): boolean {
  return frame.call === "checkpoint" || isCheckpointOfPragma(frame);
}

/** The function's own result says whether it was busy; automatic checkpoints call it inside a step. */
export function isCheckpointOfPragma(frame: Frame): boolean {
  if (frame.call === "checkpoint") return false;
  const sql = frame.step?.sql ?? frame.sql;
  return sql !== null && isWaitingCheckpoint(sql.text);
}

/**
 * For which lock a call gave up: the last one that it needed. One that was granted counts too: WRITE is dropped again
 * where the log has moved on.
 */
export function lastNeeded(frame: Frame): Attempt | null {
  if (frame.call === "close") return null;
  const all = (frame.attempts ?? []).filter(({ times }) => times > 0);
  const needed = all.filter((each) => isNeeded(each, frame));
  const open = needed.filter(({ grantedMs }) => grantedMs === null);
  if (isCheckpoint(frame)) return last(open) ?? last(all.filter(({ grantedMs }) => grantedMs === null));
  return last(open) ?? last(needed);
}

function last(attempts: readonly Attempt[]): Attempt | null {
  return attempts.reduce<Attempt | null>(
    (found, each) => (found !== null && found.lastMs > each.lastMs ? found : each),
    null,
  );
}

/** To begin to read and to write: SQLite tries all of them anew, one after the other, until it has them. */
const OF_BEGIN: ReadonlySet<Aim> = new Set(["read", "read-in-wal", "open-shm", "recover", "reserve", "write"]);
/** Between the end of one and the first refusal of the next, ms. */
const ONE_WAIT_MS = 5;

/**
 * One wait for each time that a call waited. A call that begins to write drops the lock to read while it sleeps, and
 * may be refused that next: what lies within another attempt or at its end is part of it, by the name of the other.
 */
export function joined(attempts: readonly Attempt[]): readonly Attempt[] {
  if (attempts.length < 2) return attempts;
  const result: Attempt[] = [];
  for (const attempt of [...attempts].sort((a, b) => a.fromMs - b.fromMs)) {
    const index = OF_BEGIN.has(attempt.aim) ? result.findIndex((each) => isOneWait(each, attempt)) : -1;
    const before = result[index];
    if (before === undefined) result.push(attempt);
    else if (writes(before) && !writes(attempt)) {
      // The call gave up while it was refused the lock to read. Where it has the lock to write since then, it has that
      // too: another connection of its process had taken it.
      if (attempt.grantedMs === null && !attempt.isQueued && (before.grantedMs ?? 0) < attempt.lastMs)
        before.grantedMs = null;
      before.absorb(attempt);
    } else {
      attempt.absorb(before);
      result[index] = attempt;
    }
  }
  return result;
}

/** A run of refusals that ends within another one of its thread, which goes on: to read, while it waits to write. */
export function isWithin(run: Attempt, other: Attempt): boolean {
  if (run === other || !OF_BEGIN.has(run.aim) || writes(run) || !writes(other)) return false;
  return run.file.database === other.file.database && run.fromMs >= other.fromMs;
}

function writes({ aim }: Attempt): boolean {
  return aim === "reserve" || aim === "write";
}

function isOneWait(before: Attempt, after: Attempt): boolean {
  if (before.file.database !== after.file.database || !OF_BEGIN.has(before.aim)) return false;
  return after.fromMs - Math.max(before.lastMs, before.grantedMs ?? Number.POSITIVE_INFINITY) <= ONE_WAIT_MS;
}
