/**
 * Refused attempts with nobody in their way who is known yet: an event may be told of late, and locks from before the
 * recording show in /proc/locks. Their waits are told once it is known, or can no longer come to be known.
 */
import type { WaitOutcome } from "../lines.ts";
import { LATE_MS, type LockedFile } from "../locks/file.ts";
import type { LockEvent } from "../source-event.ts";
import type { State } from "../state.ts";
import type { Attempt } from "./attempt.ts";
import { waitLine } from "./wait-line.ts";

/** The grant that explains a refusal is told of later than that by no more, ms. */
const EXPLAINED_WITHIN_MS = 1;
const MOST = 1_000;

interface Ended {
  readonly attempt: Attempt;
  readonly outcome: WaitOutcome;
  readonly endMs: number;
  readonly result: string | null;
}

export class Unexplained {
  private readonly state: State;
  private readonly attempts = new Set<Attempt>();
  private ends: Ended[] = [];

  constructor(state: State) {
    this.state = state;
  }

  add(attempt: Attempt): void {
    if (this.attempts.size < MOST) this.attempts.add(attempt);
  }

  /** Nobody asks who was in its way. */
  forget(attempt: Attempt): void {
    this.attempts.delete(attempt);
  }

  size(): number {
    return this.attempts.size + this.ends.length;
  }

  /** Attempts that were refused before the lock in their way was told of. */
  explain(file: LockedFile, sinceMs: number, lateMs = 0): void {
    if (this.attempts.size === 0) return;
    for (const attempt of this.attempts) {
      if (attempt.file !== file) continue;
      if (attempt.lastMs < sinceMs) continue;
      for (const held of file.conflicts(attempt, attempt.type)) {
        // A lock that came after the refusal was another one's then, which a gap may hide.
        if (held.fromMs <= attempt.lastMs + lateMs) attempt.block(held);
      }
      if (attempt.blockers.length === 0) continue;
      attempt.isUnexplained = false;
      this.attempts.delete(attempt);
    }
  }

  explainByGrant(event: LockEvent, file: LockedFile): void {
    if (this.attempts.size > 0) {
      this.explain(file, event.atMs - EXPLAINED_WITHIN_MS, file.incomplete ? 0 : EXPLAINED_WITHIN_MS);
    }
  }

  /** A wait has ended. */
  tell(ended: Ended): void {
    const { isUnexplained, blockers } = ended.attempt;
    if (!isUnexplained || blockers.length > 0) {
      this.emit(ended);
      return;
    }
    this.ends.push(ended);
    if (this.ends.length > MOST) this.flush(Number.POSITIVE_INFINITY);
  }

  /** Now and then, while /proc/locks has been read. */
  sweep(nowMs: number): void {
    this.flush(nowMs - EXPLAINED_WITHIN_MS);
    for (const attempt of this.attempts) if (attempt.lastMs < nowMs - LATE_MS) this.attempts.delete(attempt);
  }

  /** What ended up to then is told, explained or not. */
  flush(untilMs: number): void {
    if (this.ends.length === 0) return;
    const kept: Ended[] = [];
    for (const ended of this.ends) {
      if (ended.endMs <= untilMs || !ended.attempt.isUnexplained) this.emit(ended);
      else kept.push(ended);
    }
    this.ends = kept;
  }

  private emit({ attempt, outcome, endMs, result }: Ended): void {
    this.attempts.delete(attempt);
    this.state.emit(waitLine(this.state, attempt, outcome, endMs, result));
  }
}
