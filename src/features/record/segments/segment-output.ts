/**
 * The folder of a continuous recording (--keep): one segment is written, finished ones are compressed, old ones go.
 * Each write ends with a whole line. Where the disk is full nothing is written until there is room again.
 */
import {
  close,
  closeSync,
  constants,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  openSync,
  rmSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { UserError } from "../../../errors.ts";
import { asUser } from "../../../user/as-user.ts";
import type { User } from "../../../user/user.ts";
import { cannotWrite } from "../../output/errors.ts";
import type { GivenOutput } from "../../output/path.ts";
import { FileSync } from "../file-sync.ts";
import { makerTag } from "../maker.ts";
import { REMOVED, type WriteProblem } from "../output-file.ts";
import { isStillThere } from "../still-there.ts";
import { Compressor } from "./compressor.ts";
import { markerName, readListing } from "./listing.ts";
import { nameOf, runOf } from "./names.ts";
import { type Missing, Outage, type Since } from "./outage.ts";
import { type FolderPlace, placeOfFolder, removeIfEmpty, sameFolder } from "./place.ts";
import { planOf } from "./plan.ts";
import { type Finished, type Retention, type SegmentLimits, segmentLimits, surplus } from "./retention.ts";

const { O_APPEND, O_CREAT, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_WRONLY } = constants;

const MODE = 0o600;

/** How often it is looked whether the segment is still in its folder, ms. */
const LOOK_EVERY_MS = 1_000;

export interface SegmentSettings extends Retention {
  /** Of the folder, as it was given. */
  readonly path: string;
}

interface FinishedFile extends Finished {
  readonly name: string;
}

export class SegmentOutput {
  /** Of the folder. */
  readonly path: string;
  /** Root writes in another user's folder as that user, to whom the files belong. Null: they are the caller's. */
  readonly owner: number | null;
  /** The machine has slept so long since the start, ms: the clock of the recording stood still. */
  sleptMs = 0;
  readonly #user: User | null;
  readonly #place: FolderPlace;
  readonly #output: GivenOutput;
  readonly #run: string;
  readonly #marker: string;
  readonly #retention: Retention;
  readonly #limits: SegmentLimits;
  readonly #compressor: Compressor;
  #finished: FinishedFile[] = [];
  /** When they ended, by the name without `.gz`: ms of the recording and of the machine's sleep. */
  readonly #ends = new Map<string, number>();
  /** Other runs whose recorder is known to have ended. */
  readonly #over = new Set<string>();
  #number = 1;
  /** Null: nothing can be written now. */
  #fd: number | null;
  #bytes = 0;
  /** Of these, what each segment begins with. */
  #headBytes: number | null = null;
  #beganMs = 0;
  #lookMs = LOOK_EVERY_MS;
  #pending: string[] = [];
  #nowMs = 0;
  #writtenMs = 0;
  #sync = new FileSync();
  readonly #outage = new Outage();
  #resumed: Missing | null = null;
  #isClosed = false;
  readonly #onExit = () => this.discard();

  /** @throws UserError where nothing can be written there, or another recorder writes there */
  constructor({ path: given, keepMs, maxBytes }: SegmentSettings, startedAt = new Date()) {
    const instead = "run sqlock as the owner of the folder";
    const output: GivenOutput = { option: "--output", given, instead, isFolder: true };
    this.#output = output;
    this.#retention = { keepMs, maxBytes };
    this.#limits = segmentLimits(this.#retention);
    this.#run = runOf(startedAt);
    const first = this.#nameOf(1);
    try {
      this.#place = placeOfFolder(output, first);
      const { path, user } = this.#place;
      this.path = path;
      this.owner = user?.uid ?? null;
      this.#user = user;
      this.#marker = markerName(this.#run, makerTag());
      this.#compressor = new Compressor(path, user, ({ from, to, bytes }) => this.#replaced(from, to, bytes));
      closeSync(this.#create(this.#marker));
      try {
        this.#refuseOther(given);
        this.#fd = this.#create(first);
      } catch (error) {
        this.#remove(this.#marker);
        throw error;
      }
      process.once("exit", this.#onExit);
    } catch (error) {
      throw cannotWrite(output, error);
    }
  }

  /** Of the segment that is written, from 1 on. */
  get number(): number {
    return this.#number;
  }

  /** Null: it is written. */
  get problem(): WriteProblem | null {
    return this.#outage.problem;
  }

  /** Of all segments in the folder. */
  get bytes(): number {
    return this.#finished.reduce((sum, { bytes }) => sum + bytes, this.#bytes);
  }

  /** So many are in the folder. */
  get segments(): number {
    return this.#finished.length + (this.#fd === null ? 0 : 1);
  }

  /** `line` ends with a line feed. It is kept until the next `flush`. */
  add(line: string): void {
    if (this.#fd !== null) this.#pending.push(line);
  }

  /** Writes what was added. @returns the problem that ended the writing just now */
  flush(nowMs: number): WriteProblem | null {
    this.#nowMs = nowMs;
    const fd = this.#fd;
    if (fd === null) return null;
    if (this.#pending.length > 0) {
      const bytes = Buffer.from(this.#pending.join(""));
      this.#pending = [];
      try {
        for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
      } catch (error) {
        return this.#fail(fd, error);
      }
      this.#bytes += bytes.length;
      this.#sync.note();
    }
    this.#writtenMs = nowMs;
    this.#sync.sync(fd, nowMs);
    return null;
  }

  /** What belongs into every segment was added. @returns as `flush` */
  flushHead(nowMs: number): WriteProblem | null {
    const missing = this.#outage.missing(nowMs);
    const problem = this.flush(nowMs);
    if (this.#fd === null) return missing === null ? problem : null;
    this.#headBytes = this.#bytes;
    this.#outage.end();
    this.#resumed = missing;
    return null;
  }

  /**
   * Once a second, and before another segment begins: is the one that is written still in the folder? `now`: at once.
   * @returns the problem, if it is not there any more; null: it was not looked
   */
  look(nowMs: number, now: boolean): WriteProblem | "there" | null {
    const fd = this.#fd;
    if (fd === null || (!now && nowMs < this.#lookMs && !this.isDue(nowMs))) return null;
    this.#lookMs = nowMs + LOOK_EVERY_MS;
    this.#nowMs = nowMs;
    if (!this.#isThere(fd)) return this.#lose(fd);
    this.#keepMarker();
    return "there";
  }

  /** It is written again, after a problem: once. */
  takeResumed(): Missing | null {
    const resumed = this.#resumed;
    this.#resumed = null;
    return resumed;
  }

  /** Another segment should begin: the one that is written is long or large enough, or there is room again. */
  isDue(nowMs: number): boolean {
    if (this.#fd === null) return !this.#isClosed && this.#outage.isWorthTrying(nowMs, this.path, this.#place.isNew);
    if (this.#headBytes === null) return false;
    return nowMs - this.#beganMs >= this.#limits.ms || this.#bytes - this.#headBytes >= this.#limits.bytes;
  }

  /**
   * Another segment begins: everything that belongs into the one before was flushed. @returns what is missing before
   * it; `none`: nothing; null: it could not be made, and the problem stays, or is one from now on
   */
  begin(nowMs: number): Missing | "none" | null {
    this.#nowMs = nowMs;
    if (this.#fd !== null) this.#finish(this.#fd);
    const missing = this.#outage.missing(nowMs) ?? "none";
    try {
      if (this.problem !== null) sameFolder(this.#output, this.#place, this.#nameOf(this.#number + 1));
      this.#fd = this.#create(this.#nameOf(this.#number + 1));
    } catch (error) {
      this.#stop(error);
      return null;
    }
    this.#number += 1;
    this.#bytes = 0;
    this.#headBytes = null;
    this.#beganMs = nowMs;
    this.#sync = new FileSync();
    this.tidy(nowMs);
    return missing;
  }

  /** Looks what is in the folder, compresses and deletes. */
  tidy(nowMs: number): void {
    this.#nowMs = nowMs;
    try {
      const listing = asUser(this.#user, () => readListing(this.path, this.#uid));
      const now = Date.now();
      for (const { run, maker } of listing.hidden) if (run !== null && maker.kind === "gone") this.#over.add(run);
      const { finished, uncompressed, leftovers } = planOf(listing, this.#run, this.#current, this.#over, now);
      for (const name of leftovers) this.#remove(name);
      this.#finished = finished.map(({ name, bytes, writtenMs }) => {
        const endMs = this.#ends.get(withoutGz(name)) ?? this.#ageMs - Math.max(0, now - writtenMs);
        this.#ends.set(withoutGz(name), endMs); // the wall clock may be set later
        return { name, bytes, endMs };
      });
      const kept = new Set(this.#finished.map(({ name }) => withoutGz(name)));
      for (const name of this.#ends.keys()) if (!kept.has(name)) this.#ends.delete(name);
      this.removeOld(nowMs);
      if (this.#fd === null) return;
      const left = new Set(this.#finished.map(({ name }) => name));
      for (const name of uncompressed) if (left.has(name)) this.#compressor.add(name);
      this.#keepMarker();
      asUser(this.#user, () => utimesSync(join(this.path, this.#marker), now / 1000, now / 1000));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error; // the folder may be gone
    }
  }

  /** Cheap: what is too old or too much goes. */
  removeOld(nowMs: number): void {
    this.#nowMs = nowMs;
    const beside = this.#compressor.isBusy ? this.#limits.bytes : 0;
    const retention = { ...this.#retention, maxBytes: this.#retention.maxBytes - this.#limits.bytes };
    const gone = surplus(this.#finished, this.#bytes + beside, this.#ageMs, retention);
    for (const { name } of this.#finished.slice(0, gone)) this.#remove(name);
    this.#finished = this.#finished.slice(gone);
  }

  /** Everything that was added is on the disk. @returns the problem, if there was one only now */
  close(nowMs: number): WriteProblem | null {
    const problem = this.flush(nowMs) ?? this.#lostNow();
    const fd = this.#end();
    if (fd === null) return problem;
    try {
      fsyncSync(fd);
    } catch (error) {
      return this.#fail(fd, error);
    } finally {
      if (this.#fd !== null && !this.#sync.isSyncing) closeSync(fd); // else the end of this process closes it
      this.#fd = null;
    }
    return problem;
  }

  /** Leaves no file where nothing was written. */
  discard(): void {
    const fd = this.#end();
    if (fd !== null && !this.#sync.isSyncing) closeSync(fd);
    this.#fd = null;
    if (fd !== null && this.#bytes === 0) this.#remove(this.#nameOf(this.#number)); // else it is a finished one
    if (this.#place.isNew) removeIfEmpty(this.path, this.#user);
  }

  /** Nothing is folded here. */
  takeFolded(): null {
    return null;
  }

  get #ageMs(): number {
    return this.#nowMs + this.sleptMs;
  }

  get #uid(): number {
    return this.#user?.uid ?? process.geteuid?.() ?? 0;
  }

  get #current(): string | null {
    return this.#fd === null ? null : this.#nameOf(this.#number);
  }

  #nameOf(number: number): string {
    return nameOf({ run: this.#run, number, compressed: false });
  }

  #create(name: string): number {
    const flags = O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_NOCTTY;
    return asUser(this.#user, () => openSync(join(this.path, name), flags, MODE));
  }

  /** @throws UserError */
  #refuseOther(given: string): void {
    const { hidden } = asUser(this.#user, () => readListing(this.path, this.#uid));
    for (const { run, maker } of hidden) {
      if (run === null || maker.kind !== "here" || maker.pid === process.pid) continue;
      throw new UserError(
        "usage",
        `--output ${given}: another recorder writes there (process ${maker.pid})`,
        "give each recorder a folder of its own: one recorder can have several databases",
      );
    }
  }

  /** Without it, another recorder would not know of this one. */
  #keepMarker(): void {
    try {
      asUser(this.#user, () => {
        const path = join(this.path, this.#marker);
        if (lstatSync(path, { throwIfNoEntry: false }) === undefined) closeSync(this.#create(this.#marker));
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error; // the disk may be full
    }
  }

  #isThere(fd: number): boolean {
    return asUser(this.#user, () => isStillThere(fd, join(this.path, this.#nameOf(this.#number))));
  }

  #lostNow(): WriteProblem | null {
    const fd = this.#fd;
    return this.#isClosed || fd === null || this.#isThere(fd) ? null : this.#lose(fd);
  }

  /** The segment is not in the folder any more. */
  #lose(fd: number): WriteProblem | null {
    this.#fd = null;
    this.#pending = [];
    this.#bytes = 0;
    fdatasync(fd, () => close(fd, () => undefined));
    return this.#stop(systemError(REMOVED), { fromMs: this.#beganMs, why: "removed" });
  }

  /** @returns false where it cannot be: it only takes room */
  #remove(name: string): boolean {
    try {
      asUser(this.#user, () => rmSync(join(this.path, name), { force: true }));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      return false;
    }
  }

  #finish(fd: number): void {
    const name = this.#nameOf(this.#number);
    this.#fd = null;
    this.#ends.set(name, this.#ageMs);
    this.#finished.push({ name, bytes: this.#bytes, endMs: this.#ageMs });
    this.#bytes = 0;
    // compressing reads what is in the cache as well; an error of what was written to a network shows here at last
    fdatasync(fd, () => close(fd, () => undefined));
  }

  #replaced(from: string, to: string, bytes: number): void {
    this.#finished = this.#finished.map((each) => (each.name === from ? { ...each, name: to, bytes } : each));
  }

  /** Nothing more is written into this segment. */
  #fail(fd: number, error: unknown): WriteProblem | null {
    try {
      ftruncateSync(fd, this.#bytes); // no torn line
    } catch {
      // then the last line is torn, which readers know
    }
    this.#pending = [];
    if (this.#bytes > 0) this.#finish(fd);
    else this.#withdraw(fd);
    return this.#stop(error);
  }

  /** Nothing could be written into it: the next one has its number. */
  #withdraw(fd: number): void {
    this.#fd = null;
    close(fd, () => undefined);
    if (this.#remove(this.#nameOf(this.#number))) this.#number -= 1;
  }

  /** @returns the problem, if it is a new one */
  #stop(error: unknown, since: Since = { fromMs: this.#writtenMs, why: "disk-full" }): WriteProblem | null {
    const { path, bytes } = this;
    return this.#outage.failed(error, this.#nowMs, { path, bytes }, since);
  }

  /** @returns the descriptor, if it is open */
  #end(): number | null {
    if (this.#isClosed) return null;
    this.#isClosed = true;
    process.off("exit", this.#onExit);
    this.#compressor.abort();
    this.#remove(this.#marker);
    return this.#fd;
  }
}

function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}

function withoutGz(name: string): string {
  return name.replace(/\.gz$/, "");
}
