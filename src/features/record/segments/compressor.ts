/**
 * Compresses finished segments, one after the other, beside the recording (zlib works in a thread of its own). A
 * segment is replaced when the compressed one is whole and on the disk.
 */
import {
  closeSync,
  constants,
  createReadStream,
  createWriteStream,
  fstatSync,
  fsync,
  futimesSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
} from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createGzip } from "node:zlib";
import { asUser } from "../../../user/as-user.ts";
import type { User } from "../../../user/user.ts";
import { temporaryOfRecorder } from "../leftovers.ts";

const { O_CREAT, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

const MODE = 0o600;

export interface Compressed {
  /** Names in the folder. */
  readonly from: string;
  readonly to: string;
  readonly bytes: number;
}

export class Compressor {
  readonly #folder: string;
  readonly #user: User | null;
  readonly #onDone: (compressed: Compressed) => void;
  readonly #waiting = new Set<string>();
  readonly #end = new AbortController();
  #running: string | null = null;
  /** Path of what is being written. */
  #temporary: string | null = null;

  constructor(folder: string, user: User | null, onDone: (compressed: Compressed) => void) {
    this.#folder = folder;
    this.#user = user;
    this.#onDone = onDone;
  }

  get isBusy(): boolean {
    return this.#running !== null;
  }

  /** A name in the folder. What cannot be compressed now stays as it is: it may be added again. */
  add(name: string): void {
    if (this.#end.signal.aborted || name === this.#running) return;
    this.#waiting.add(name);
    if (this.#running === null) void this.#work();
  }

  /** Leaves the rest for the next recorder. */
  abort(): void {
    this.#waiting.clear();
    this.#end.abort();
    this.#removeTemporary(); // this process may end before the work is told
  }

  async #work(): Promise<void> {
    for (const name of this.#waiting) {
      this.#waiting.delete(name);
      this.#running = name;
      const done = await this.#compress(name).catch((error: NodeJS.ErrnoException) => {
        if (error.code === undefined) throw error;
        return null;
      });
      this.#running = null;
      if (done !== null) this.#onDone(done);
    }
  }

  async #compress(from: string): Promise<Compressed | null> {
    const to = `${from}.gz`;
    const temporary = temporaryOfRecorder(join(this.#folder, to));
    const source = this.#open(from, O_RDONLY | O_NONBLOCK);
    let target: number;
    let stats: Stats;
    try {
      stats = fstatSync(source);
      if (!stats.isFile()) {
        closeSync(source);
        return null;
      }
      this.#temporary = temporary;
      target = this.#open(temporary.slice(this.#folder.length + 1), O_WRONLY | O_CREAT | O_EXCL);
    } catch (error) {
      closeSync(source);
      throw error;
    }
    // where one breaks off both are closed by themselves, also without autoClose, once nothing is read or written
    const input = createReadStream("", { fd: source }).on("error", () => undefined);
    const output = createWriteStream("", { fd: target, autoClose: false }).on("error", () => undefined);
    try {
      await pipeline(input, createGzip(), output, { signal: this.#end.signal });
      futimesSync(target, stats.atime, stats.mtime); // since when it is finished
      await promisify(fsync)(target);
      this.#end.signal.throwIfAborted();
      return this.#replace(from, to, temporary, stats) ? { from, to, bytes: fstatSync(target).size } : null;
    } finally {
      input.destroy();
      output.destroy();
      this.#removeTemporary(); // where it was not renamed
    }
  }

  #open(name: string, flags: number): number {
    const path = join(this.#folder, name);
    return asUser(this.#user, () => openSync(path, flags | O_NOFOLLOW | O_NOCTTY, MODE));
  }

  /** @returns false where the segment was deleted meanwhile, or is another file */
  #replace(from: string, to: string, temporary: string, { dev, ino, size }: Stats): boolean {
    return asUser(this.#user, () => {
      const path = join(this.#folder, from);
      const now = lstatSync(path, { throwIfNoEntry: false });
      if (now === undefined || now.dev !== dev || now.ino !== ino || now.size !== size) return false;
      renameSync(temporary, join(this.#folder, to));
      rmSync(path, { force: true });
      return true;
    });
  }

  #removeTemporary(): void {
    const path = this.#temporary;
    if (path === null) return;
    this.#temporary = null;
    try {
      asUser(this.#user, () => rmSync(path, { force: true }));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }
}
