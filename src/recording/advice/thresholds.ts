/** From which on something is worth a change of a setting. Data: each number has its reason. */

/** SQLite's own: PRAGMA wal_autocheckpoint, in pages. */
export const AUTO_CHECKPOINT_FRAMES = 1_000;

export const THRESHOLDS = {
  "busy-timeout": {
    /** Calls that ended with SQLITE_BUSY after a wait: one is enough, since the program got the error. */
    timedOut: 1,
    /** Nothing failed yet, but a wait took this share of the timeout that its connections have. */
    usedShare: 0.5,
    /** Where no waits are known: the write lock was held for so long, the timeout of most libraries. */
    heldMs: 5_000,
  },
  "no-busy-timeout": { atOnce: 1 },
  "begin-immediate": { refused: 1 },
  /** In rollback mode: calls that failed, or a second of waiting in all (ten of SQLite's longest sleeps). */
  "wal-mode": { failed: 1, blockedMs: 1_000 },
  /** Four times as many frames as a checkpoint would leave, for ten seconds: that is no single large transaction. */
  "checkpoint-interval": { frames: 4 * AUTO_CHECKPOINT_FRAMES, forMs: 10_000 },
  /** As many frames as make SQLite begin a checkpoint were kept from it for ten seconds. */
  "end-reads": { frames: AUTO_CHECKPOINT_FRAMES, forMs: 10_000 },
  /** As long as the longest sleep of SQLite's busy handler: below, a wait is mostly that. */
  "one-writer-connection": { refused: 1, waitedMs: 100 },
  /** `idleMs`, of a look: a process that does nothing has had the write lock for so long. */
  "shorter-transactions": { transactions: 1, idleMs: 1_000 },
} as const;

/** Timeouts that are tried: round numbers that people set. */
export const TIMEOUTS_MS = [1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000] as const;

/** What most libraries have, and SQLite's documentation shows. */
export const USUAL_TIMEOUT_MS = 5_000;

/** A timeout is advised that is so many times the longest wait: the next hold may be longer than those so far. */
export const HEADROOM = 1.5;
