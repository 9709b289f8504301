/**
 * How the write-ahead logs stand, once a second where they have changed: a look at the -wal, the first bytes of the
 * -shm, and who has a lock on its read marks. Nothing is locked, and no database is opened.
 */
import { identify, inodeOf, statIfPresent } from "../../observe/identify.ts";
import { type OpenFile, withOpenFile } from "../../observe/open-file.ts";
import { type LiveIndex, walIndexOf } from "../../observe/wal-facts.ts";
import { valueOr } from "../../proc/read.ts";
import type { WalUse } from "../../recording/locks/wal-use.ts";
import type { WalLine } from "../../recording/state-lines.ts";
import { isSameWal, type WalSeen, walLine } from "../../recording/wal-state.ts";
import { keyOfInode } from "../kernel-source/device.ts";

const EVERY_MS = 1_000;

/** With many databases it is looked less often: this share of the time at most. */
const SHARE = 0.002;

/** Of what happened until then, all is known by now. */
const SETTLED_MS = 300;

/** For so long the first look waits until it is known what was locked before. */
const FIRST_WITHIN_MS = 1_000;

export interface WalLinesOptions {
  /** Null: which file the -shm is, is not known, or there is none. */
  readonly use: (path: string) => WalUse | null;
  readonly startTicksOf: (pid: number) => string | null;
  readonly now: () => number;
  readonly emit: (line: WalLine) => void;
}

export class WalLines {
  readonly #options: WalLinesOptions;
  /** By path. A database without a -wal at any time has none. */
  readonly #last = new Map<string, WalLine>();
  /** Of these the next line is told, though it may be the same. */
  #repeated: ReadonlySet<string> = new Set();
  #pending: Omit<WalSeen, "after">[] = [];
  #dueMs = 0;
  /** How long the last look took, and the one before. */
  #tookMs: readonly [number, number] = [0, 0];

  constructor(options: WalLinesOptions) {
    this.#options = options;
  }

  /** Another file begins: the next look is told in it, whether something has changed or not. */
  beginFile(): void {
    this.#repeated = new Set([...this.#last].flatMap(([path, { bytes }]) => (bytes === null ? [] : [path])));
  }

  /** To be called several times a second, when all events until now are in. `paths`: real paths of the databases. */
  tick(paths: readonly string[], nowMs: number): void {
    const [first] = this.#pending;
    if (first !== undefined) {
      if (nowMs >= first.atMs + SETTLED_MS) this.end();
      return;
    }
    if (nowMs < this.#dueMs) return;
    if (nowMs < FIRST_WITHIN_MS && paths.some((path) => this.#options.use(path)?.readers === null)) return;
    this.#look(paths, nowMs);
  }

  /** Nothing more is to be known of the last look. */
  end(): void {
    for (const seen of this.#pending) this.#tell(seen);
    this.#pending = [];
  }

  #look(paths: readonly string[], nowMs: number): void {
    const beganMs = this.#options.now();
    for (const path of paths) {
      const before = this.#options.use(path);
      const bytes = sizeOf(`${path}-wal`);
      // of a database in rollback mode it is nobody's
      if (before === null && !this.#last.has(path)) continue;
      const index = before?.isOpen === true ? readIndex(`${path}-shm`, before.inode) : null;
      this.#pending.push({ path, atMs: this.#options.now(), bytes, index, before });
    }
    const tookMs = this.#options.now() - beganMs;
    // one of two may have had to wait for a CPU
    this.#dueMs = nowMs + Math.max(EVERY_MS, Math.min(tookMs, this.#tookMs[0]) / SHARE);
    this.#tookMs = [tookMs, this.#tookMs[0]];
  }

  #tell(seen: Omit<WalSeen, "after">): void {
    const line = walLine({ ...seen, after: this.#options.use(seen.path) }, this.#options.startTicksOf);
    const before = this.#last.get(line.path);
    const isRepeated = this.#repeated.has(line.path);
    if (before !== undefined ? isSameWal(before, line) && !isRepeated : line.bytes === null) return;
    if (isRepeated) this.#repeated = new Set([...this.#repeated].filter((path) => path !== line.path));
    this.#last.set(line.path, line);
    this.#options.emit(line);
  }
}

/** Null: there is no such file. */
function sizeOf(path: string): number | null {
  const stats = statIfPresent(path);
  return stats?.isFile() === true ? Number(stats.size) : null;
}

/** Null: it cannot be read, is being written, or is not the file on which the locks are. */
function readIndex(path: string, inode: number): LiveIndex | null {
  const read = (file: OpenFile) => (isLocked(path, file, inode) ? walIndexOf(file) : null);
  return valueOr(withOpenFile(path, null, null, read), null);
}

/** stat(2) and the kernel's locks may have different numbers of one file (overlayfs). */
function isLocked(path: string, { stats }: OpenFile, inode: number): boolean {
  if (keyOfInode(inodeOf(stats)) === inode) return true;
  const found = identify(path);
  return found.kind === "ok" && found.value.stats.ino === stats.ino && keyOfInode(found.value.inode) === inode;
}
