/** Lines that tell how things stand at a moment, instead of what has ended. */
import type { LockLine, TransactionLine, WaitLine } from "./lines.ts";

/**
 * Where the clocks stood: at the start of each file, and whenever the wall clock has moved against CLOCK_MONOTONIC, on
 * which all times of a recording are. In order of `atMs`, each is valid until the next one.
 */
export interface ClockLine {
  readonly type: "clock";
  readonly atMs: number;
  /** The same moment on the wall clock: ISO 8601, with the offset of the zone. */
  readonly wallClock: string;
  /** The machine has slept so long just before, ms: CLOCK_MONOTONIC stands still meanwhile. Left out for 0. */
  readonly suspendedMs?: number;
}

/**
 * What goes on at the moment: written at the start of each file of a folder, and every minute, also where there is
 * nothing: the recorder ran then. A line of its own comes when it ends; of a recorder that was killed, this is all that
 * is known of it.
 */
export interface OpenLine {
  readonly type: "open";
  readonly atMs: number;
  /** `toMs` is null. */
  readonly locks: readonly LockLine[];
  /** `outcome` is `still`. */
  readonly waits: readonly WaitLine[];
  /** `toMs` is null. */
  readonly transactions: readonly TransactionLine[];
  /** So many more there were of these three, younger ones; left out for none. */
  readonly more?: number;
}

/** The write-ahead log of a database, where it has changed since the last such line. */
export interface WalLine {
  readonly type: "wal";
  readonly atMs: number;
  /** Of the database. */
  readonly path: string;
  /** Of the -wal, bytes; null: there is none. */
  readonly bytes: number | null;
  /** Frames with committed changes, and those of them that are in the database already; null: not known. */
  readonly frames: number | null;
  readonly copied: number | null;
  /** Frames that no checkpoint can copy now, since `pinnedBy` reads an older state; null: not known. */
  readonly pinned: number | null;
  readonly pinnedBy: readonly { readonly pid: number; readonly startTicks: string | null }[];
}
