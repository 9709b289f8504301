/**
 * A recording as it is read again: the runs of one or several recorders, one after the other, with all their times on
 * one axis. Pure.
 *
 * The axis is CLOCK_MONOTONIC, in ms since the start of the first run: durations on it are those that were recorded,
 * whatever was done to the wall clock. Where the machine was started anew, the axis goes on by the wall clock. What a
 * moment is on the wall clock, `WallClock` knows.
 */
import type { MetaLine } from "../lines.ts";

export interface Run {
  readonly meta: MetaLine;
  /** On the axis. */
  readonly fromMs: number;
  readonly toMs: number;
  /** `cut`: its recorder was killed, or records still: nothing is known after `toMs`. */
  readonly end: "complete" | "cut";
}

/** A time of which the recording tells nothing. */
export interface Blank {
  readonly fromMs: number;
  readonly toMs: number;
  /**
   * `no-recorder`: none ran. `broken-off`: the one before was killed, or could not write to its end. `disk-full`: it
   * could not write. `lost`, `switched-off`: as the line `gap`. `damaged`: lines of the file could not be read.
   */
  readonly why: "no-recorder" | "broken-off" | "disk-full" | "lost" | "switched-off" | "damaged";
}

/** The machine slept: the axis has no time for it. */
export interface Suspension {
  readonly atMs: number;
  readonly lengthMs: number;
}

/** The wall clock was set. */
export interface ClockStep {
  readonly atMs: number;
  /** Forward; negative: back. */
  readonly byMs: number;
}

export interface WallClock {
  /** ms since 1970 (UTC), of a time on the axis. */
  toUtcMs(atMs: number): number;
  /** The times on the axis that the wall clock showed as this: two where it was set back, none outside of the axis. */
  fromUtcMs(utcMs: number): readonly number[];
  /** From the first to the last time on the axis that the wall clock showed as one between these; null: none. */
  spanOf(fromUtcMs: number, toUtcMs: number): Span | null;
  /** IANA name of the zone of the recording, or `+02:00`. */
  readonly zone: string;
}

export interface HistoryFacts {
  /** In the order of time; at least one. */
  readonly runs: readonly Run[];
  readonly clock: WallClock;
  readonly blanks: readonly Blank[];
  readonly suspensions: readonly Suspension[];
  readonly clockSteps: readonly ClockStep[];
  /** On the axis: of the first and the last thing that is known. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** A part of the axis; both ends belong to it. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}
