/** Whose locks are ours: the kernel is told the files of the databases, and asked what is held on them before. */
import type { FileEvent, HeldEvent, SourceEvent } from "../../recording/source-event.ts";
import type { LockedFile } from "../../trace/filter.ts";
import { DatabaseFiles } from "./files.ts";
import { readHeld } from "./held.ts";

/** With thousands of databases a look at their files takes long: this share of the time at most. */
const LOOKS_SHARE = 1 / 3;

export interface LockedInodesOptions {
  /** Real paths of the databases, which may not exist. */
  readonly paths: readonly string[];
  readonly now: () => number;
  /** Of these files the kernel is to tell the locks, and of no others. */
  readonly enable: (files: readonly LockedFile[]) => void;
  readonly add: (...events: readonly SourceEvent[]) => void;
  /** It holds a lock. */
  readonly meet: (pid: number) => void;
}

export class LockedInodes {
  readonly #options: LockedInodesOptions;
  readonly #files: DatabaseFiles;
  /** Of the databases and of their -shm, by device. */
  #inodes: ReadonlySet<string> = new Set();
  /** As of the look before: what was locked between the two is delivered after the second. */
  #inodesBefore: ReadonlySet<string> = new Set();
  /** Null before the first look. */
  #devices: ReadonlySet<number> | null = null;
  #isReading = false;
  #read: Promise<void> = Promise.resolve();
  /** What is being read began before the last loss or change. */
  #isReadingOld = false;
  #isOver = false;
  #lookedMs = 0;
  #dueMs = Number.NEGATIVE_INFINITY;
  /** How long the last look at the files took, and the one before. */
  #tookMs: readonly [number, number] = [0, 0];

  constructor(options: LockedInodesOptions) {
    this.#options = options;
    this.#files = new DatabaseFiles(options.paths);
  }

  /** When what is held is read, as far as it was asked for. */
  get heldRead(): Promise<void> {
    return this.#read;
  }

  has({ device, inode }: { readonly device: number; readonly inode: number }): boolean {
    const key = `${device}:${inode}`;
    return this.#inodes.has(key) || this.#inodesBefore.has(key);
  }

  /** Another database, from now on. @throws TraceError */
  follow(path: string): void {
    this.#files.add(path);
    this.look();
  }

  /** A look, unless the last one took long. @returns until when all changes are known. @throws TraceError */
  lookIfDue(): number {
    const beganMs = this.#options.now();
    if (beganMs < this.#dueMs) return this.#lookedMs;
    this.look();
    this.#lookedMs = beganMs;
    // one of two may have had to wait for a CPU; and what telling the kernel takes is no reason to look less often
    const restMs = Math.min(...this.#tookMs) * (1 / LOOKS_SHARE - 1);
    this.#dueMs = this.#options.now() + restMs;
    return beganMs;
  }

  /** @throws TraceError */
  look(): void {
    const isFirst = this.#devices === null;
    const beganMs = this.#options.now();
    const events = this.#files.look(this.#options.now);
    this.#tookMs = [this.#options.now() - beganMs, this.#tookMs[0]];
    this.#inodesBefore = this.#inodes;
    if (events.some(isChange)) this.#inodes = this.#files.inodes;
    if (events.length === 0 && !isFirst) return;
    this.#options.add(...events);
    const changes = events.filter(isChange);
    if (!isFirst && !changes.some(({ role }) => role === "database")) {
      if (changes.some(({ inode }) => inode !== null)) this.readHeld(); // on a -shm that was not known
      return;
    }
    const { places } = this.#files;
    this.#options.enable(places);
    this.#devices = new Set(places.map(({ device }) => device));
    this.readHeld();
  }

  /** What is held now: at the start, and whenever the stream may not have it. */
  readHeld(): void {
    if (this.#isReading) {
      this.#isReadingOld = true;
      return;
    }
    this.#isReading = true;
    this.#read = readHeld({
      devices: this.#devices ?? new Set(),
      isOurs: (file) => this.has(file),
      now: this.#options.now,
    }).then((event: HeldEvent) => {
      this.#isReading = false;
      if (this.#isOver) return;
      if (this.#isReadingOld) {
        this.#isReadingOld = false;
        this.readHeld();
        return;
      }
      this.#options.add(event);
      for (const held of event.locks) if (this.has(held)) this.#options.meet(held.pid);
    });
  }

  /** What is still being read is of no use any more. */
  end(): void {
    this.#isOver = true;
  }
}

/** The path leads to another file now. */
function isChange({ untilMs }: FileEvent): boolean {
  return untilMs === undefined;
}
