/**
 * The file of a recording: JSON Lines, readable only by its owner. Each write ends with a whole line, so that a
 * recorder that is killed leaves a torn last line at most.
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import type { FoldedLine } from "../../recording/lines.ts";
import { asUser } from "../../user/as-user.ts";
import type { User } from "../../user/user.ts";
import { cannotWrite } from "../output/errors.ts";
import type { GivenOutput } from "../output/path.ts";
import { FileShrink } from "./file-shrink.ts";
import { FileSync } from "./file-sync.ts";
import { removeLeftovers, temporaryOfRecorder } from "./leftovers.ts";
import { placeOfOutput } from "./output-place.ts";
import type { OutputSettings } from "./settings.ts";
import { isStillThere } from "./still-there.ts";

const { O_APPEND, O_CREAT, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_RDWR } = constants;

const MODE = 0o600;

/** Of the largest size. It is made smaller from here on: there is room for what comes meanwhile. */
const NEAR = 0.8;
/** Above this after it was made smaller, failures are folded as well the next time. */
const STILL_LARGE = 0.6;
/** Where it could not be made smaller, the next attempt comes when it is larger by this. */
const LATER = 1.1;

/** A file that was deleted, or moved away, or whose folder was, while it was written. */
export const REMOVED = "REMOVED";

/** Why nothing more is written: a code of the system (`ENOSPC`), or `REMOVED`. */
export interface WriteProblem {
  readonly path: string;
  readonly code: string;
  /** What is in the file: whole lines. */
  readonly bytes: number;
}

/** Into the file at `path`. */
interface Shrinking {
  readonly work: FileShrink;
  readonly fd: number;
  readonly path: string;
}

export class OutputFile {
  readonly path: string;
  /** Root writes a new file in another user's folder as that user, to whom it belongs. Null: it is the caller's. */
  readonly owner: number | null;
  readonly #user: User | null;
  /** Where it is written until the recording begins; null: in its place, where no file was. */
  #temporary: string | null;
  #fd: number | null;
  #pending: string[] = [];
  #bytes = 0;
  #problem: WriteProblem | null = null;
  readonly #sync = new FileSync();
  readonly #maxBytes: number;
  #shrink: Shrinking | null = null;
  #shrinkAtBytes: number;
  #foldsFailures = false;
  #folded: FoldedLine | null = null;
  readonly #onExit = () => this.discard();

  /**
   * `databases`: their paths, which must not be written to, even if nothing is there yet. Nothing is replaced before
   * the first `flush`. @throws UserError where no file can be made there, or another user could have it made elsewhere
   */
  constructor({ path: given, force, maxBytes }: Omit<OutputSettings, "keepMs">, databases: readonly string[]) {
    this.#maxBytes = maxBytes;
    this.#shrinkAtBytes = maxBytes * NEAR;
    const output: GivenOutput = { option: "--output", given, instead: "leave -o out" };
    try {
      const { target, user } = placeOfOutput(output, force, databases);
      this.path = target.path;
      this.owner = user?.uid ?? null;
      this.#user = user;
      removeLeftovers(target.path, user);
      this.#temporary = target.stats === null ? null : temporaryOfRecorder(target.path);
      this.#fd = this.#create(this.#temporary ?? this.path);
      process.once("exit", this.#onExit);
    } catch (error) {
      throw cannotWrite(output, error);
    }
  }

  /** Null: everything so far was written. */
  get problem(): WriteProblem | null {
    return this.#problem;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** `line` ends with a line feed. It is kept until the next `flush`. */
  add(line: string): void {
    if (this.#problem === null && this.#fd !== null) this.#pending.push(line);
  }

  /** Writes what was added. @returns the problem that ended the writing just now */
  flush(nowMs: number): WriteProblem | null {
    const fd = this.#fd;
    if (fd === null || this.#problem !== null) return null;
    if (this.#pending.length > 0) {
      const bytes = Buffer.from(this.#pending.join(""));
      this.#pending = [];
      try {
        if (this.#temporary !== null) this.#putInPlace(this.#temporary);
        for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
        this.#bytes += bytes.length;
        this.#sync.note();
      } catch (error) {
        return this.#fail(fd, error);
      }
    }
    this.#sync.sync(fd, nowMs);
    this.#stayWithinSize(fd);
    return null;
  }

  /** Everything that was added is on the disk. @returns the problem, if there was one only now */
  close(nowMs: number): WriteProblem | null {
    const problem = this.flush(nowMs) ?? this.#lost();
    const fd = this.#fd;
    if (fd === null) return problem;
    this.#giveUpShrinking();
    process.off("exit", this.#onExit);
    this.#fd = null;
    try {
      if (this.#problem === null) fsyncSync(fd);
    } catch (error) {
      return this.#fail(fd, error);
    } finally {
      if (!this.#sync.isSyncing) closeSync(fd); // else the end of this process closes it
    }
    return problem;
  }

  /** Leaves no file where nothing was written, and what it would have replaced as it was. */
  discard(): void {
    const fd = this.#fd;
    if (fd === null) return;
    this.#giveUpShrinking();
    const isEmpty = fstatSync(fd).size === 0;
    this.#fd = null;
    process.off("exit", this.#onExit);
    if (!this.#sync.isSyncing) closeSync(fd);
    const path = this.#temporary ?? this.path;
    if (isEmpty) this.#remove(path);
  }

  /** What was folded since this was last asked for. */
  takeFolded(): FoldedLine | null {
    const folded = this.#folded;
    this.#folded = null;
    return folded;
  }

  #create(path: string): number {
    const flags = O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_NOCTTY;
    return asUser(this.#user, () => openSync(path, flags, MODE));
  }

  /** One piece of the work with each flush. */
  #stayWithinSize(fd: number): void {
    if (this.#shrink === null && this.#bytes < this.#shrinkAtBytes) return;
    try {
      this.#shrink ??= this.#beginShrinking(fd);
      if (!this.#shrink.work.step(this.#bytes) || this.#sync.isSyncing) return;
      const { work, fd: smaller, path } = this.#shrink;
      this.#putInPlace(path);
      this.#shrink = null;
      this.#fd = smaller;
      closeSync(fd);
      this.#bytes = work.bytes;
      this.#sync.note();
      this.#folded = work.folded;
      const folded = this.#foldsFailures;
      this.#foldsFailures = this.#bytes > this.#maxBytes * STILL_LARGE;
      const near = this.#maxBytes * NEAR;
      this.#shrinkAtBytes = this.#foldsFailures && !folded ? near : Math.max(near, this.#bytes * LATER);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      this.#giveUpShrinking(); // the disk may be full: the file stays as it is, and larger than it should be
      this.#shrinkAtBytes = this.#bytes * LATER;
    }
  }

  #beginShrinking(fd: number): Shrinking {
    const path = temporaryOfRecorder(this.path);
    const smaller = this.#create(path);
    return { work: new FileShrink(fd, smaller, Math.floor(this.#bytes / 2), this.#foldsFailures), fd: smaller, path };
  }

  #giveUpShrinking(): void {
    if (this.#shrink === null) return;
    const { work, fd, path } = this.#shrink;
    this.#shrink = null;
    if (!work.isSyncing) closeSync(fd); // else the end of this process closes it
    this.#remove(path);
  }

  /** The folder may be another user's, who can have put anything in its place: then nothing is removed. */
  #remove(path: string): void {
    try {
      asUser(this.#user, () => rmSync(path, { force: true }));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }

  #putInPlace(temporary: string): void {
    asUser(this.#user, () => renameSync(temporary, this.path));
    this.#temporary = null;
  }

  /** @returns the problem, where the file is not in its place any more */
  #lost(): WriteProblem | null {
    const fd = this.#fd;
    if (fd === null || this.#problem !== null || this.#temporary !== null) return null;
    if (asUser(this.#user, () => isStillThere(fd, this.path))) return null;
    this.#problem = { path: this.path, code: REMOVED, bytes: 0 };
    return this.#problem;
  }

  #fail(fd: number, error: unknown): WriteProblem {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    this.#problem = { path: this.path, code, bytes: this.#bytes };
    this.#pending = [];
    try {
      ftruncateSync(fd, this.#bytes); // no torn line
    } catch {
      // then the last line is torn, which readers know
    }
    return this.#problem;
  }
}
