/**
 * The proof that leaving WAL mode has lost no frame: this process has the -wal open, so that its bytes are still there
 * when SQLite has deleted its name, and compares the newest version of each page in it with the database.
 *
 * This process takes no lock, so that closing these descriptors drops none (the close trap).
 */
import { closeSync, constants, copyFileSync } from "node:fs";
import { openFile, readFrom } from "../../observe/open-file.ts";
import { Turns } from "../../observe/pace.ts";
import {
  countFramesInSteps,
  FRAME_HEADER_BYTES,
  type LatestPages,
  latestPagesInSteps,
  parseWalHeader,
  startFrameCount,
  WAL_HEADER_BYTES,
  type WalHeader,
} from "../../sqlite/wal.ts";
import type { Proof } from "./report.ts";

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

export type Comparison =
  | { readonly kind: "proved"; readonly proof: Proof }
  /** Pages that are not as the -wal had them, though nobody has written since. */
  | { readonly kind: "lost"; readonly pages: readonly number[] };

export class WalWitness {
  readonly #path: string;
  readonly #fd: number | null;
  readonly #before: Before;

  /** Of the -wal as it is now, which stays as long as somebody has the database open. */
  constructor(path: string) {
    this.#path = path;
    this.#fd = open(`${path}-wal`);
    this.#before = { salt: this.#fd === null ? null : saltOf(this.#fd), counter: counterOfFile(path) };
  }

  /** To be called when SQLite has left WAL mode. `held`: no other process can write meanwhile. */
  async compare(held: boolean): Promise<Comparison> {
    const header = this.#fd === null ? null : parseWalHeader(readFrom(this.#fd, 0, WAL_HEADER_BYTES));
    const database = open(this.#path);
    if (this.#fd === null || header === null || database === null)
      return { kind: "proved", proof: { frames: 0, pages: 0, rewritten: 0 } };
    try {
      return await compare(this.#fd, header, database, held, this.#before);
    } finally {
      closeSync(database);
    }
  }

  /** Keeps the bytes of the -wal under another name: evidence of what was lost. */
  keep(): string {
    const kept = `${this.#path}-wal.kept`;
    copyFileSync(`/proc/self/fd/${this.#fd}`, kept, constants.COPYFILE_EXCL);
    return kept;
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
  }
}

/** At the start: the -wal's salt, and the change counter in the database file. */
interface Before {
  readonly salt: string | null;
  readonly counter: number | null;
}

/** All of it, however large the -wal is: SQLite has just copied the same frames. */
async function compare(
  wal: number,
  header: WalHeader,
  database: number,
  held: boolean,
  before: Before,
): Promise<Comparison> {
  const frames = await countCommitted(wal, header);
  const { offsets } = await latestPages(wal, header, frames);
  const other: number[] = [];
  const turns = new Turns();
  for (const [page, offset] of offsets) {
    await turns.giveWay();
    const expected = readFrom(wal, offset, header.pageSize);
    const found = readFrom(database, (page - 1) * header.pageSize, header.pageSize);
    if (!samePage(page, expected, found)) other.push(page);
  }
  const last = counterBeforeSwitch(wal, offsets.get(1), before);
  // The switch itself counts one; a commit in rollback mode counts one each.
  const writtenSince =
    !held || last === null || counterOf(readFrom(database, 0, CHANGE_COUNTER_AT + 4)) !== (last + 1) >>> 0;
  if (other.length > 0 && !writtenSince) return { kind: "lost", pages: other };
  return { kind: "proved", proof: { frames, pages: offsets.size, rewritten: other.length } };
}

async function countCommitted(wal: number, header: WalHeader): Promise<number> {
  const turns = new Turns();
  let frames = 0;
  const read = (offset: number, length: number) => readFrom(wal, offset, length);
  for (const count of countFramesInSteps(header, startFrameCount(header), read)) {
    frames = count.committedFrames;
    await turns.giveWay();
  }
  return frames;
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

/**
 * In WAL mode only commits that write page 1 increment it. So it is that of the newest page 1 in the -wal; where there
 * is none, the database file's own, if the -wal was not restarted since that was read. Null: it cannot be known.
 */
function counterBeforeSwitch(wal: number, firstPage: number | undefined, before: Before): number | null {
  if (firstPage !== undefined) return counterOf(readFrom(wal, firstPage, CHANGE_COUNTER_AT + 4));
  return before.salt !== null && before.salt === saltOf(wal) ? before.counter : null;
}

function saltOf(wal: number): string | null {
  return parseWalHeader(readFrom(wal, 0, WAL_HEADER_BYTES))?.salt.join(" ") ?? null;
}

function counterOfFile(path: string): number | null {
  const fd = open(path);
  if (fd === null) return null;
  try {
    return counterOf(readFrom(fd, 0, CHANGE_COUNTER_AT + 4));
  } finally {
    closeSync(fd);
  }
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

/** Null where there is none. @throws Error where it may not be read, or is no regular file */
function open(path: string): number | null {
  const opened = openFile(path, null);
  if (opened.kind === "denied") throw new Error(`${path} cannot be read`);
  return opened.kind === "gone" ? null : opened.value.fd;
}
