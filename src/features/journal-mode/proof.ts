/**
 * The proof that leaving WAL mode has lost no frame: this process has the -wal open, so that its bytes are still there
 * when SQLite has deleted its name, and compares the newest version of each page in it with the database. Both are the
 * very files that the worker has open, and are opened as the user who switches the mode.
 *
 * This process takes no lock, so that closing these descriptors drops none (the close trap).
 */
import { type BigIntStats, closeSync, constants, fstatSync, openSync } from "node:fs";
import { endianness } from "node:os";
import { readFrom } from "../../observe/open-file.ts";
import { Turns } from "../../observe/pace.ts";
import {
  countFramesInSteps,
  FRAME_HEADER_BYTES,
  type FrameCount,
  frameBytes,
  type LatestPages,
  latestPagesInSteps,
  parseWalHeader,
  startFrameCount,
  WAL_HEADER_BYTES,
  type WalHeader,
} from "../../sqlite/wal.ts";
import { parseWalIndex, WAL_INDEX_BYTES } from "../../sqlite/wal-index.ts";
import { asUser } from "../../user/as-user.ts";
import type { User } from "../../user/user.ts";
import type { OpenFile } from "../../worker/descriptors.ts";
import { isPinned } from "../../worker/pin.ts";
import { type Comparison, conclude } from "./comparison.ts";
import { keepWal } from "./keep-wal.ts";
import type { Opening, Switched } from "./protocol.ts";

/**
 * Of page 1: versions, the change counter, and the counter and version that go with it, which the change of the mode
 * writes.
 */
const CHANGED_BY_SWITCH = [
  [18, 20],
  [24, 28],
  [92, 100],
] as const;

const CHANGE_COUNTER_AT = 24;

/** Of more frames the newest versions do not fit into memory (512 bytes each, at least 2 GiB of -wal). */
const MAX_FRAMES = 2 ** 22;

export class WalWitness {
  readonly #opening: Opening;
  readonly #fd: number | null;
  /** The wal-index; null where it cannot be read. */
  readonly #index: number | null;

  /** Of the -wal as it is now, which stays as long as a process has the database open. `files`: of the worker. */
  constructor(opening: Opening, files: readonly OpenFile[]) {
    const { path, user } = opening;
    this.#opening = opening;
    const isOfWorker = ({ dev, ino, nlink }: BigIntStats) =>
      nlink === 1n && files.some((file) => file.dev === dev && file.ino === ino);
    this.#fd = open(`${path}-wal`, user, isOfWorker);
    this.#index = open(`${path}-shm`, user, isOfWorker);
  }

  /** To be called when SQLite has left WAL mode. */
  async compare(switched: Switched): Promise<Comparison> {
    const database = openDatabase(this.#opening);
    if (database === null) return ANOTHER_FILE;
    try {
      if (this.#fd === null) return ANOTHER_FILE;
      const header = headerOf(this.#fd);
      return header === null
        ? { kind: "proved", proof: { frames: 0, pages: 0, rewritten: 0 } }
        : await compare(this.#fd, header, database, switched, this.#validFrames(header));
    } finally {
      closeSync(database);
    }
  }

  /**
   * Keeps the frames of the -wal under another name, as a file of the user who switches the mode: evidence of what was
   * lost. Null where no such file can be made.
   */
  async keep(): Promise<string | null> {
    const { path, user } = this.#opening;
    const fd = this.#fd;
    if (fd === null) return null;
    const header = headerOf(fd);
    const frames = header === null ? 0 : (await count(fd, header)).frames;
    const end = WAL_HEADER_BYTES + (header === null ? 0 : frames * frameBytes(header));
    return asUser(user, () => keepWal(fd, end, path));
  }

  /**
   * What SQLite has copied back at most. The frames of a process that was killed before it had them in the wal-index
   * look committed in the -wal; its commit did not return.
   */
  #validFrames({ salt }: WalHeader): number {
    if (this.#index === null) return Infinity;
    const index = parseWalIndex(readFrom(this.#index, 0, WAL_INDEX_BYTES), endianness() === "LE");
    return index.kind === "ok" && index.salt.join() === salt.join() ? index.mxFrame : Infinity;
  }

  close(): void {
    for (const fd of [this.#fd, this.#index]) if (fd !== null) closeSync(fd);
  }
}

const ANOTHER_FILE: Comparison = { kind: "not-compared", why: { kind: "another-file" } };

/** However long it takes: SQLite has just copied the same frames. */
async function compare(
  wal: number,
  header: WalHeader,
  database: number,
  switched: Switched,
  validFrames: number,
): Promise<Comparison> {
  const frames = Math.min(validFrames, (await count(wal, header)).committedFrames);
  if (frames > MAX_FRAMES) return { kind: "not-compared", why: { kind: "too-many-frames", frames, limit: MAX_FRAMES } };
  const { offsets } = await latestPages(wal, header, frames);
  const differing: number[] = [];
  const turns = new Turns();
  for (const [page, offset] of offsets) {
    await turns.giveWay();
    const expected = readFrom(wal, offset, header.pageSize);
    const found = readFrom(database, (page - 1) * header.pageSize, header.pageSize);
    if (!samePage(page, expected, found)) differing.push(page);
  }
  const counterNow = counterOf(readFrom(database, 0, CHANGE_COUNTER_AT + 4));
  return conclude({ ...switched, frames, pages: offsets.size, differing, counterNow });
}

async function count(wal: number, header: WalHeader): Promise<FrameCount> {
  const turns = new Turns();
  let last = startFrameCount(header);
  const read = (offset: number, length: number) => readFrom(wal, offset, length);
  for (const step of countFramesInSteps(header, last, read)) {
    last = step;
    await turns.giveWay();
  }
  return last;
}

async function latestPages(wal: number, header: WalHeader, frames: number): Promise<LatestPages> {
  const turns = new Turns();
  const steps = latestPagesInSteps(header, frames, (offset) => readFrom(wal, offset, FRAME_HEADER_BYTES));
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await turns.giveWay();
  }
}

function headerOf(wal: number): WalHeader | null {
  return parseWalHeader(readFrom(wal, 0, WAL_HEADER_BYTES));
}

function samePage(page: number, expected: Uint8Array, found: Uint8Array): boolean {
  if (page !== 1) return Buffer.compare(expected, found) === 0;
  const [a, b] = [Buffer.from(expected), Buffer.from(found)];
  for (const [from, to] of CHANGED_BY_SWITCH) for (const bytes of [a, b]) bytes.fill(0, from, to);
  return a.equals(b);
}

function counterOf(bytes: Uint8Array): number | null {
  return bytes.length < CHANGE_COUNTER_AT + 4
    ? null
    : new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(CHANGE_COUNTER_AT);
}

function openDatabase({ path, user, database }: Opening): number | null {
  return open(path, user, (stats) => isPinned(database, stats));
}

/** Errors of open(2) where a name leads elsewhere by now. */
const ELSEWHERE: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "ELOOP", "EACCES", "ENXIO"]);

/** Null: there is none by now, or it is another file. */
function open(path: string, user: User | null, isExpected: (stats: BigIntStats) => boolean): number | null {
  let fd: number;
  try {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
    fd = asUser(user, () => openSync(path, flags));
  } catch (error) {
    if (ELSEWHERE.has((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
  const stats = fstatSync(fd, { bigint: true });
  if (stats.isFile() && isExpected(stats)) return fd;
  closeSync(fd);
  return null;
}
