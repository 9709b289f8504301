/**
 * How fast the -wal files grow, and when their disk is full at that rate. What counts is the size of the file: frames
 * that are written anew over old ones, after a restart of the WAL, take no space. Pure.
 */

import type { WalSummary } from "./event.ts";

/** A look at the -wal of a database, and at its file system. */
export interface WalSample {
  readonly atMs: number;
  /** 0 where there is none. */
  readonly sizeBytes: number;
  /** The file system, by its device; null where there is no -wal, or it was not asked (a network). */
  readonly disk: { readonly device: bigint; readonly availableBytes: number } | null;
}

export interface WalGrowth {
  readonly sizeBytes: number;
  /** Null where it was not measured for long enough. */
  readonly perMinuteBytes: number | null;
  /** For how long that was measured, in ms. */
  readonly measuredMs: number;
  /** Until the disk is full at the rate of all -wal files on it that are watched; null where none is known to grow. */
  readonly diskFullInMs: number | null;
}

/** No rate is told before. */
export const MIN_MEASURED_MS = 10_000;

/** The rate is that of the last minute. */
const WINDOW_MS = 60_000;

interface Point {
  readonly atMs: number;
  readonly bytes: number;
}

/** Of one database. */
class WalHistory {
  readonly sizeAtStartBytes: number;
  largestBytes = 0;
  /** When its growth was told last, in ms. */
  toldMs = Number.NEGATIVE_INFINITY;
  /** The window: none of them is smaller than the one before. */
  #points: Point[] = [];
  /** The largest size before the file last became smaller, and when it was seen. */
  #peakBefore: Point | null = null;
  disk: WalSample["disk"] = null;

  constructor(sizeAtStartBytes: number) {
    this.sizeAtStartBytes = sizeAtStartBytes;
  }

  get sizeBytes(): number {
    return this.#points.at(-1)?.bytes ?? 0;
  }

  get measuredMs(): number {
    return (this.#points.at(-1)?.atMs ?? 0) - (this.#points[0]?.atMs ?? 0);
  }

  add({ atMs, sizeBytes, disk }: WalSample): void {
    this.disk = disk;
    this.largestBytes = Math.max(this.largestBytes, sizeBytes);
    const last = this.#points.at(-1);
    if (last !== undefined && sizeBytes < last.bytes) {
      if (this.#peakBefore === null || last.bytes >= this.#peakBefore.bytes) this.#peakBefore = last;
      this.#points = [];
    }
    this.#points.push({ atMs, bytes: sizeBytes });
    // the newest that is older than the window stays, so that the window is covered
    while (this.#points.length > 2 && (this.#points[1]?.atMs ?? atMs) <= atMs - WINDOW_MS) this.#points.shift();
  }

  /** Bytes per ms that the file has become larger; null where it was not measured for long enough. */
  rate(): number | null {
    const [first, last] = [this.#points[0], this.#points.at(-1)];
    return this.measuredMs < MIN_MEASURED_MS ? null : rateBetween(first, last);
  }

  /**
   * Bytes per ms that are needed beyond what the file has needed before: one that is cut off again and again, and grows
   * to the same size each time, fills no disk.
   */
  rateOfNeed(): number {
    const [first, last] = [this.#points[0], this.#points.at(-1)];
    if (this.rate() === null || first === undefined || !this.#growsSteadily()) return 0;
    const peak = this.#peakBefore;
    return Math.max(0, rateBetween(peak !== null && first.bytes < peak.bytes ? peak : first, last));
  }

  /** In both halves of the window. */
  #growsSteadily(): boolean {
    const [first, last] = [this.#points[0], this.#points.at(-1)];
    if (first === undefined || last === undefined) return false;
    const middleMs = (first.atMs + last.atMs) / 2;
    const middle = this.#points.findLast(({ atMs }) => atMs <= middleMs) ?? first;
    return isBetween(first.bytes, middle.bytes, last.bytes);
  }
}

/** One large transaction makes a -wal grow once: no rate follows from that. */
function isBetween(low: number, middle: number, high: number): boolean {
  return low < middle && middle < high;
}

function rateBetween(first: Point | undefined, last: Point | undefined): number {
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0;
  return (last.bytes - first.bytes) / (last.atMs - first.atMs);
}

export class WalGrowths {
  readonly #histories = new Map<string, WalHistory>();

  add(path: string, sample: WalSample): void {
    const history = this.#histories.get(path) ?? new WalHistory(sample.sizeBytes);
    this.#histories.set(path, history);
    history.add(sample);
  }

  /** Null for a database that was never added. */
  of(path: string): WalGrowth | null {
    const history = this.#histories.get(path);
    if (history === undefined) return null;
    const rate = history.rate();
    return {
      sizeBytes: history.sizeBytes,
      perMinuteBytes: rate === null ? null : Math.round(rate * 60_000),
      measuredMs: history.measuredMs,
      diskFullInMs: history.rateOfNeed() > 0 ? this.#diskFullInMs(history.disk) : null,
    };
  }

  /** What is to be told of a -wal that has grown for a whole minute: once per minute, else null. */
  toTell(path: string, nowMs: number): WalGrowth | null {
    const history = this.#histories.get(path);
    const growth = this.of(path);
    if (history === undefined || growth === null || history.toldMs > nowMs - WINDOW_MS) return null;
    if (growth.measuredMs < WINDOW_MS || (growth.perMinuteBytes ?? 0) <= 0) return null;
    history.toldMs = nowMs;
    return growth;
  }

  /** Of each database that had a -wal at any time. */
  summary(): WalSummary[] {
    return [...this.#histories].flatMap(([path, { sizeAtStartBytes, largestBytes }]) => {
      const growth = this.of(path);
      return growth === null || largestBytes === 0 ? [] : [{ path, sizeAtStartBytes, largestBytes, ...growth }];
    });
  }

  #diskFullInMs(disk: WalSample["disk"]): number | null {
    if (disk === null) return null;
    const onIt = [...this.#histories.values()].filter((other) => other.disk?.device === disk.device);
    const rate = onIt.reduce((sum, other) => sum + other.rateOfNeed(), 0);
    return Math.round(disk.availableBytes / rate);
  }
}
