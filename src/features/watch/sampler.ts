/**
 * Reads /proc/locks repeatedly through one descriptor, and does as little as possible while nothing changes.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { Episodes, type HeldLock, type LockEvent, MIN_MISSES } from "./episodes.ts";
import { linesOf, locksOf } from "./lock-lines.ts";
import { type FileEvent, WatchedFiles } from "./watched-files.ts";

/**
 * After this time without a reading, in ms, beside a pause that this thread made itself, nothing is known about the
 * locks in between: this process was stopped, the machine asleep or too busy.
 */
const MAX_GAP_MS = 250;

/** How often the paths are checked, in ms, as long as no lock changes, which may mean that files have changed. */
const FILES_EVERY_MS = 50;

/**
 * The kernel returns one page at a time, and between two of them lines can be lost or doubled: then a lock counts as
 * released after so many readings in a row without it.
 */
const PAGE_BYTES = 4096;
const MIN_MISSES_IN_PIECES = 3;

/** A text that is this much shorter than a page is likely complete: another line would have fitted. */
const LONG_LINE_BYTES = 512;

export type SampleEvent = LockEvent | FileEvent | GapEvent;

/** Of all databases. */
export interface GapEvent {
  readonly event: "gap";
  /** Its end. */
  readonly atMs: number;
  readonly gapMs: number;
}

/** How complete the readings are. */
export interface SamplingStatistics {
  readonly readings: number;
  readonly longestGapMs: number;
  /** All gaps that events tell of. */
  readonly unreadMs: number;
}

export class Sampler {
  readonly #fd: number;
  readonly #files: WatchedFiles;
  readonly #episodes = new Episodes();
  #buffer = Buffer.allocUnsafe(4 * PAGE_BYTES);
  #before = Buffer.alloc(0);
  #lines = "";
  #locks: readonly HeldLock[] = [];
  #inPieces = true;
  #filesSeen: WatchedFiles["files"] = [];
  #nextFilesMs = 0;
  #lastMs: number | null = null;
  #readings = 0;
  #longestGapMs = 0;
  #unreadMs = 0;
  readonly #clock: () => number;

  /** `clock`: in ms, for the times of all events. @throws if /proc/locks cannot be read */
  constructor(paths: readonly string[], clock: () => number) {
    this.#fd = openSync("/proc/locks", "r");
    this.#files = new WatchedFiles(paths);
    this.#clock = clock;
  }

  get statistics(): SamplingStatistics {
    return { readings: this.#readings, longestGapMs: this.#longestGapMs, unreadMs: this.#unreadMs };
  }

  /** One reading, or several at once when a lock is missing. `pauseMs`: the pause before it. */
  sample(pauseMs: number): SampleEvent[] {
    const started = this.#clock();
    const before = this.#lastMs ?? started;
    const gapMs = started - before;
    const isGap = gapMs - pauseMs > MAX_GAP_MS;
    this.#longestGapMs = Math.max(this.#longestGapMs, gapMs);
    this.#lastMs = started;
    const due = isGap || started >= this.#nextFilesMs;
    const events: SampleEvent[] = [];
    if (isGap) {
      this.#unreadMs += gapMs;
      this.#episodes.gap(before);
      this.#before = Buffer.alloc(0); // the same text has to be parsed after that
      events.push({ event: "gap", atMs: started, gapMs });
    }
    if (due) events.push(...this.#lookAtFiles(started));
    events.push(...this.#read(started, due));
    for (let again = 1; this.#episodes.inDoubt && again < MIN_MISSES_IN_PIECES; again++) {
      const now = this.#clock();
      if (now - this.untilMs > MAX_GAP_MS) break; // it was stopped in between: the next sample begins with the gap
      events.push(...this.#readAgain(again, now));
    }
    return events;
  }

  /** Another database. */
  follow(path: string): void {
    this.#files.add(path);
    this.#nextFilesMs = 0;
  }

  /** When the last reading began: until then is known what was held. */
  get untilMs(): number {
    return this.#lastMs ?? this.#clock();
  }

  #readAgain(again: number, nowMs: number): readonly SampleEvent[] {
    this.#lastMs = nowMs;
    return this.#read(nowMs, true, again);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #lookAtFiles(nowMs: number): FileEvent[] {
    this.#nextFilesMs = nowMs + FILES_EVERY_MS;
    return this.#files.look(nowMs, (file) => this.#episodes.isHeldOn(file));
  }

  /**
   * `whole`: to the end of the file, even if the first piece seems to be all of it. `shift`: moves the borders between
   * the pieces.
   */
  #read(atMs: number, whole: boolean, shift = 0): readonly SampleEvent[] {
    this.#readings++;
    const length = this.#fill(whole || this.#inPieces, shift);
    const readMs = this.#clock();
    const same = length === this.#before.length && this.#buffer.compare(this.#before, 0, length, 0, length) === 0;
    if (same && this.#files.files === this.#filesSeen && !this.#episodes.inDoubt) return [];
    const events: SampleEvent[] = [];
    if (!same || this.#files.files !== this.#filesSeen) {
      this.#before = Buffer.from(this.#buffer.subarray(0, length));
      const text = this.#before.toString("latin1");
      let lines = linesOf(text, this.#files.inodes);
      // A process has opened or closed it: the -shm, or the database itself, may be another file.
      if (lines.join("\n") !== this.#lines) {
        events.push(...this.#lookAtFiles(atMs));
        if (this.#files.files !== this.#filesSeen) lines = linesOf(text, this.#files.inodes);
      }
      const joined = lines.join("\n");
      if (joined !== this.#lines || this.#files.files !== this.#filesSeen)
        this.#locks = this.#onNamedFiles(locksOf(lines, this.#files.files, process.pid));
      this.#lines = joined;
      this.#filesSeen = this.#files.files;
    }
    const minMisses = this.#inPieces ? MIN_MISSES_IN_PIECES : MIN_MISSES;
    const changes = this.#episodes.next(atMs, this.#locks, minMisses, readMs);
    events.push(
      ...changes.map((event) => (this.#files.isNameless(event.lock.file) ? { ...event, formerFile: true } : event)),
    );
    return events;
  }

  /** A process that is new on a file without a name has locked another file that was given its inode number. */
  #onNamedFiles(locks: readonly HeldLock[]): readonly HeldLock[] {
    return locks.filter(({ file, pid }) => !this.#files.isNameless(file) || this.#episodes.isHeldBy(pid, file));
  }

  /** Reads the text into the buffer. @returns its length in bytes */
  #fill(toTheEnd: boolean, shift: number): number {
    let filled = readSync(
      this.#fd,
      this.#buffer,
      0,
      shift === 0 ? this.#buffer.length : PAGE_BYTES - ((shift * 613) % 3500),
      0,
    );
    if (!toTheEnd && filled <= PAGE_BYTES - LONG_LINE_BYTES) return filled;
    let pieces = filled > 0 ? 1 : 0;
    for (;;) {
      if (this.#buffer.length - filled < PAGE_BYTES)
        this.#buffer = Buffer.concat([this.#buffer], 2 * this.#buffer.length);
      const more = readSync(this.#fd, this.#buffer, filled, this.#buffer.length - filled, filled);
      if (more === 0) break;
      filled += more;
      pieces++;
    }
    if (shift === 0) this.#inPieces = pieces > 1;
    return filled;
  }
}
