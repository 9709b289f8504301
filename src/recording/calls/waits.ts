/**
 * Waits: locks that a call needs and did not get at once. A call's result tells; without statements, the same lock
 * refused to one thread again and again.
 */

import type { LockType } from "../../sqlite/locks.ts";
import { BUSY, LOCKED, primaryCode, resultName } from "../../sqlite/result-names.ts";
import type { WaitOutcome } from "../lines.ts";
import { LATE_MS, type LockedFile } from "../locks/file.ts";
import { CKPT, segmentsOf } from "../locks/slots.ts";
import type { LockEvent } from "../source-event.ts";
import type { State } from "../state.ts";
import { Attempt, aimOf, isReached } from "./attempt.ts";
import { isCheckpointOfPragma, isNeeded, isOf, isOver, isWithin, joined, lastNeeded } from "./needed.ts";
import { type Frame, type Process, Thread } from "./thread.ts";
import { isFine } from "./transaction.ts";
import { Unexplained } from "./unexplained.ts";

/** Of one call: SQLite's have some ten, hundreds where it is refused the lock to read for a minute. */
const MOST_ATTEMPTS = 100;

/** SQLite's busy handler sleeps for so long at most. */
const SLEEP_MS = 100;
/** The rest is for a machine that is busy. */
export const LONGEST_SLEEP_MS = 160;

export class Waits {
  private readonly state: State;
  /** Without a call that is known. */
  readonly runs = new Set<Attempt>();
  readonly unexplained: Unexplained;

  constructor(state: State) {
    this.state = state;
    this.unexplained = new Unexplained(state);
  }

  refused(event: LockEvent, type: LockType, thread: Thread, file: LockedFile): void {
    const frame = thread.top();
    const segment = segmentsOf(file.role, type, event.start, event.end)[0];
    if (segment === undefined) return;
    // Recovery takes CKPT and RECOVER as one range.
    const isRange = event.end > event.start && file.role === "shm" && segment.slot === CKPT;
    const aim = isRange ? "recover" : aimOf(file, segment.slot, type);
    const list = attemptsOf(thread, frame);
    let attempt = list.find((each) => isOf(each, file, aim, segment.slot) && !isOver(each));
    if (attempt !== undefined && frame === null && event.atMs - attempt.lastMs > LONGEST_SLEEP_MS) {
      this.endRun(thread, attempt, "unknown");
      attempt = undefined;
    }
    const connection = thread.connection();
    if (attempt === undefined) {
      const touched = connection?.transaction?.touched.find((each) => each.database === file.database);
      attempt = new Attempt({
        file,
        aim,
        slot: segment.slot,
        name: segment.name,
        type,
        start: event.start,
        end: event.end,
        owner: event.owner,
        api: event.api,
        pid: event.pid,
        tid: event.tid,
        fromMs: event.atMs,
        sql: thread.sql(),
        connection,
        isRun: frame === null,
        whileReading: touched !== undefined && touched.readStep !== 0 && touched.readStep !== (frame?.step?.id ?? -1),
      });
      // WRITE was got before, and dropped for a stale snapshot: the call waits since then.
      const dropped = aim === "write" ? (frame?.firstDropped ?? null) : null;
      if (dropped?.file === file) attempt.fromMs = dropped.fromMs;
      if (list.length >= MOST_ATTEMPTS) this.makeRoom(thread, frame);
      attemptsOf(thread, frame).push(attempt);
      if (frame === null) this.runs.add(attempt);
    }
    const sinceMs = Math.max(thread.lastMs, event.atMs - LATE_MS);
    attempt.times += 1;
    attempt.lastMs = event.atMs;
    attempt.grantedMs = null;
    attempt.isQueued = event.outcome === "waits";
    if (attempt.isQueued) attempt.queued += 1;
    attempt.inARow = thread.lastRefused === attempt ? attempt.inARow + 1 : 1;
    attempt.mostInARow = Math.max(attempt.mostInARow, attempt.inARow);
    thread.lastRefused = attempt;
    const conflicts = file.conflicts(event, type);
    for (const held of conflicts) attempt.block(held);
    if (conflicts.length > 0) attempt.isUnexplained = false;
    else {
      const late = file.lateConflict(event, type, sinceMs);
      if (late !== null) attempt.block(late);
      attempt.isUnexplained = late === null;
      if (late === null) this.unexplained.add(attempt);
    }
  }

  /** Those of one wait become one; where that is not enough, the first that was granted is not told of. */
  private makeRoom(thread: Thread, frame: Frame | null): void {
    if (frame !== null) this.join(frame);
    const attempts = attemptsOf(thread, frame);
    if (attempts.length < MOST_ATTEMPTS) return;
    for (const attempt of attempts.splice(Math.max(0, attempts.findIndex(isOver)), 1)) {
      this.runs.delete(attempt);
      this.optional(attempt);
    }
  }

  /** A lock was granted: a refusal that is not explained yet may be told of before it; and it ends waits. */
  granted(event: LockEvent, type: LockType, thread: Thread, file: LockedFile): void {
    const frame = thread.top();
    const attempts = frame === null ? thread.runs : frame.attempts;
    if (attempts === null || attempts.length === 0) return;
    for (const { slot } of segmentsOf(file.role, type, event.start, event.end)) {
      const aim = aimOf(file, slot, type);
      for (const attempt of [...attempts]) {
        if (!isOf(attempt, file, aim, slot) || isOver(attempt) || !isReached(aim, file, slot)) continue;
        if (frame === null && event.atMs - attempt.lastMs > LONGEST_SLEEP_MS && !attempt.isQueued) {
          this.endRun(thread, attempt, "unknown");
          continue;
        }
        attempt.grantedMs = event.atMs;
        attempt.isQueued = false;
        if (frame === null) this.endRun(thread, attempt, "granted");
      }
    }
  }

  /** A call returns. What it needed and did not get is the outer call's, or of the program. */
  returned(frame: Frame, thread: Thread, code: number, nowMs: number): Attempt | null {
    const parent = thread.top();
    let gaveUp = frame.gaveUp;
    if (frame.attempts !== null) {
      this.join(frame);
      const needed = isFine(code) ? null : lastNeeded(frame);
      // PRAGMA wal_checkpoint(FULL) says that it was busy in a row of its result, not by its result code.
      const quiet = isFine(code) && isCheckpointOfPragma(frame) ? lastNeeded(frame) : null;
      for (const attempt of frame.attempts) {
        if (attempt === needed) continue;
        if (attempt === quiet) this.end(attempt, "gave-up", nowMs, resultName(code));
        else if (attempt.times === 0 && !isFine(code))
          continue; // the refusal tells of it
        else if (attempt.grantedMs !== null && isNeeded(attempt, frame)) {
          this.end(attempt, "granted", attempt.grantedMs, resultName(code));
        } else this.optional(attempt);
      }
      if (needed !== null) {
        if (gaveUp !== null) this.optional(gaveUp);
        gaveUp = needed;
      }
    }
    if (gaveUp === null) return null;
    if (parent !== null) {
      if (parent.gaveUp !== null) this.optional(parent.gaveUp);
      parent.gaveUp = gaveUp;
      return null;
    }
    if (isFine(code)) this.optional(gaveUp);
    else this.end(gaveUp, isForLock(code) ? "gave-up" : "unknown", nowMs, resultName(code));
    return gaveUp;
  }

  private join(frame: Frame): void {
    if (frame.attempts === null || frame.attempts.length < 2 || frame.call === "close") return;
    const all = frame.attempts;
    frame.attempts = [...joined(all)];
    for (const attempt of all) if (!frame.attempts.includes(attempt)) this.unexplained.forget(attempt);
  }

  /** A call was left without a return. */
  left(frame: Frame): void {
    this.join(frame);
    for (const attempt of frame.attempts ?? []) {
      if (!isNeeded(attempt, frame)) this.optional(attempt);
      else
        this.end(
          attempt,
          attempt.grantedMs === null ? "unknown" : "granted",
          attempt.grantedMs ?? attempt.lastMs,
          null,
        );
    }
    if (frame.gaveUp !== null) this.end(frame.gaveUp, "unknown", frame.gaveUp.lastMs, null);
  }

  /** A thread is no more, or is not heard of any longer. */
  cutOff(thread: Thread, outcome: "killed" | "still" | "unknown", nowMs: number): void {
    for (const frame of thread.frames) {
      this.join(frame);
      for (const attempt of frame.attempts ?? []) {
        if (!isNeeded(attempt, frame)) this.optional(attempt);
        else if (attempt.grantedMs !== null) this.end(attempt, "granted", attempt.grantedMs, null);
        else this.end(attempt, outcome, outcome === "unknown" ? attempt.lastMs : nowMs, null);
      }
      if (frame.gaveUp !== null) this.end(frame.gaveUp, "unknown", frame.gaveUp.lastMs, null);
    }
    for (const attempt of [...thread.runs]) {
      // It may have given up, and its process ended then.
      const isOpen = attempt.isQueued || (outcome === "still" && isGoingOn(attempt, nowMs));
      this.endRun(thread, attempt, isOpen ? outcome : "unknown", nowMs);
    }
    thread.lastRefused = null;
  }

  private endRun(thread: Thread, attempt: Attempt, outcome: WaitOutcome, nowMs = attempt.lastMs): void {
    this.runs.delete(attempt);
    const index = thread.runs.indexOf(attempt);
    if (index >= 0) thread.runs.splice(index, 1);
    const main = thread.runs.find((each) => isWithin(attempt, each));
    if (main !== undefined) {
      main.absorb(attempt);
      this.unexplained.forget(attempt);
    } else if (!isNeeded(attempt, null)) this.optional(attempt);
    else this.end(attempt, outcome, outcome === "unknown" ? attempt.lastMs : (attempt.grantedMs ?? nowMs), null);
  }

  /** A thread does something else than to wait in the kernel (F_SETLKW): a signal has ended that. */
  goesOn(event: LockEvent, thread: Thread): void {
    if (thread.runs.length === 0 || event.outcome === "killed") return;
    for (const attempt of [...thread.runs]) {
      const { isQueued, file, start, end } = attempt;
      if (!isQueued || (file.inode === event.inode && start === event.start && end === event.end)) continue;
      this.endRun(thread, attempt, "unknown");
    }
  }

  /** A call that began before its library was probed returns: its attempts are a run. */
  returnedUnseen(thread: Thread, code: number, nowMs: number): void {
    if (primaryCode(code) !== BUSY) return;
    const attempt = thread.runs.find((each) => nowMs - each.lastMs <= LONGEST_SLEEP_MS && isNeeded(each, null));
    if (attempt === undefined) return;
    this.runs.delete(attempt);
    thread.runs.splice(thread.runs.indexOf(attempt), 1);
    this.end(attempt, "gave-up", nowMs, resultName(code));
  }

  size(): number {
    return this.runs.size + this.unexplained.size();
  }

  /** Now and then: runs that went on no longer. */
  sweep(nowMs: number): void {
    for (const attempt of this.runs) {
      if (attempt.isQueued || nowMs - attempt.lastMs <= LONGEST_SLEEP_MS) continue;
      const thread = this.state.threads.get(attempt.tid);
      this.endRun(thread ?? new Thread(attempt.tid, attempt.pid), attempt, "unknown");
    }
    if (this.state.awaitingSinceMs === null) this.unexplained.sweep(nowMs);
  }

  private end(attempt: Attempt, outcome: WaitOutcome, endMs: number, result: string | null): void {
    const touched = attempt.connection?.transaction?.touched.find((each) => each.database === attempt.file.database);
    if (touched !== undefined) {
      touched.waitedMs += Math.max(0, endMs - Math.max(attempt.fromMs, touched.waitedUntilMs));
      touched.waitedUntilMs = Math.max(touched.waitedUntilMs, endMs);
    }
    this.unexplained.tell({ attempt, outcome, endMs, result });
  }

  private optional(attempt: Attempt): void {
    this.unexplained.forget(attempt);
    if (attempt.times === 0) return;
    const process: Process = this.state.process(attempt.pid);
    process.optional.set(attempt.file.database, (process.optional.get(attempt.file.database) ?? 0) + attempt.times);
  }
}

/**
 * The call failed since it did not get its lock. Another error is not the lock's: before it says "no such table",
 * SQLite looks whether the schema has changed, which may wait in vain. Source: schemaIsValid (prepare.c)
 */
function isForLock(code: number): boolean {
  return primaryCode(code) === BUSY || primaryCode(code) === LOCKED;
}

function isGoingOn({ times, lastMs }: Attempt, nowMs: number): boolean {
  return times > 2 && nowMs - lastMs <= SLEEP_MS;
}

function attemptsOf(thread: Thread, frame: Frame | null): Attempt[] {
  if (frame === null) return thread.runs;
  frame.attempts ??= [];
  return frame.attempts;
}
