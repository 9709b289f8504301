/**
 * The Trace Event Format, as far as it is used: JSON that ui.perfetto.dev and chrome://tracing open. Times are
 * microseconds, with three places. Source: "Trace Event Format" of the Catapult project.
 */

export type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value };

export type Args = Readonly<Record<string, Value>>;

interface OnTrack {
  readonly pid: number;
  readonly tid: number;
}

/** A slice. Those of one track are nested or apart. */
export interface Slice extends OnTrack {
  readonly ph: "X";
  readonly cat: string;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly args: Args;
}

/** A moment of a track. */
export interface Instant extends OnTrack {
  readonly ph: "i";
  readonly s: "t";
  readonly cat: string;
  readonly name: string;
  readonly ts: number;
  readonly args: Args;
}

/** A number for each of `args`, from then on. */
export interface Counter {
  readonly ph: "C";
  readonly pid: number;
  readonly name: string;
  readonly ts: number;
  readonly args: Readonly<Record<string, number>>;
}

/** An arrow between two slices, each at a moment within it: `s` where it begins, `f` where it ends. */
export interface Flow extends OnTrack {
  readonly ph: "s" | "f";
  readonly cat: string;
  readonly name: string;
  readonly id: string;
  readonly ts: number;
  /** Of `f`: the slice that goes on at that moment, not the next one. */
  readonly bp?: "e";
}

/** What a process or a track is called. */
export interface Metadata {
  readonly ph: "M";
  readonly name: "process_name" | "process_labels" | "process_sort_index" | "thread_name" | "thread_sort_index";
  readonly pid: number;
  readonly tid?: number;
  readonly args: Args;
}

export type TraceEvent = Slice | Instant | Counter | Flow | Metadata;

/** Whole nanoseconds: sums of them are exact. */
export function nsOf(ms: number): number {
  return Math.round(ms * 1e6);
}

export function usOf(ns: number): number {
  return ns / 1000;
}
