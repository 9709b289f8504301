/**
 * A file that `report` writes: in its place only when it is complete, readable only by its owner, and nowhere where
 * another user could have it made elsewhere. Until then it has another name beside its place.
 */
import { closeSync, constants, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { constants as constantsOfSystem } from "node:os";
import { UserError } from "../../errors.ts";
import { asUser } from "../../user/as-user.ts";
import type { User } from "../../user/user.ts";
import { cannotWrite } from "../output/errors.ts";
import { linked } from "../output/link.ts";
import type { GivenOutput, OutputPath } from "../output/path.ts";
import { temporaryFor } from "../output/temporary.ts";
import { placeOfOutput } from "../record/output-place.ts";
import type { ReportInput, ReportOutput } from "./input.ts";
import { sourcesOf } from "./sources.ts";

const { O_CREAT, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_WRONLY } = constants;

const MODE = 0o600;

/** In characters. */
const PIECE = 1 << 20;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export class NewFile {
  /** Where it is written until it is complete. Empty at first. */
  readonly temporary: string;
  /** Its place, without links. */
  readonly path: string;
  readonly #output: GivenOutput;
  readonly #target: OutputPath;
  /** Root writes a new file in another user's folder as that user; null: the caller writes it. */
  readonly #user: User | null;
  #fd: number | null;
  #pieces: string[] = [];
  #length = 0;
  readonly #onExit = () => this.discard();
  /** Nothing is left in the folder. */
  readonly #onSignal = (signal: NodeJS.Signals) => {
    this.discard();
    process.exit(128 + (constantsOfSystem.signals[signal] ?? 0));
  };

  /** `isOwn`: see placeOfOutput. @throws UserError where it cannot be made */
  constructor(
    option: string,
    { path: given, force }: ReportOutput,
    input: ReportInput,
    isOwn?: (path: string) => boolean,
  ) {
    this.#output = { option, given, instead: `leave ${option} out` };
    const databases = input.meta.databases.map(({ path }) => path);
    try {
      const { target, user } = placeOfOutput(this.#output, force, databases, isOwn);
      refuseRecording(this.#output, target, input.paths);
      this.#target = target;
      this.#user = user;
      this.path = target.path;
      this.temporary = temporaryFor(target.path);
      const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NOCTTY;
      this.#fd = asUser(user, () => openSync(this.temporary, flags, MODE));
    } catch (error) {
      throw cannotWrite(this.#output, error);
    }
    process.once("exit", this.#onExit);
    for (const signal of SIGNALS) process.once(signal, this.#onSignal);
  }

  /** @throws UserError */
  write(text: string): void {
    this.#pieces.push(text);
    this.#length += text.length;
    if (this.#length >= PIECE) this.#flush();
  }

  /** Runs what writes to `temporary`, with the rights of its owner. @throws UserError for an error of the system */
  as<T>(work: () => T): T {
    try {
      return asUser(this.#user, work);
    } catch (error) {
      throw this.failure(error);
    }
  }

  /** What an error of `temporary` means: an error of the system, or of SQLite. */
  failure(error: unknown): unknown {
    const { code } = error as NodeJS.ErrnoException;
    const isFull = code?.startsWith("SQLITE_FULL") === true;
    return cannotWrite(this.#output, isFull ? Object.assign(new Error(code), { code: "ENOSPC" }) : error);
  }

  /** It is complete. @throws UserError */
  putInPlace(): void {
    const fd = this.#fd;
    if (fd === null) return;
    this.#flush();
    this.as(() => {
      fsyncSync(fd);
      this.#move();
    });
    this.#close();
  }

  /** Nothing is left of it. Does nothing where it is in its place. */
  discard(): void {
    if (this.#fd === null) return;
    this.#close();
    try {
      asUser(this.#user, () => rmSync(this.temporary, { force: true }));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error; // the owner of the folder has closed it
    }
  }

  /** What another user has put there meanwhile (in /tmp, say) is not replaced. */
  #move(): void {
    const { path, stats } = this.#target;
    if (stats !== null || !linked(this.temporary, path)) renameSync(this.temporary, path);
    else rmSync(this.temporary);
  }

  #flush(): void {
    const bytes = Buffer.from(this.#pieces.join(""));
    this.#pieces = [];
    this.#length = 0;
    if (this.#fd === null) return;
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    } catch (error) {
      throw cannotWrite(this.#output, error);
    }
  }

  #close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
    process.off("exit", this.#onExit);
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }
}

/** --force names a file that may be replaced, and not what it is made from. */
function refuseRecording({ option, given }: GivenOutput, { stats }: OutputPath, paths: readonly string[]): void {
  if (stats === null) return;
  const files = sourcesOf(paths.filter((path) => path !== "-")).flatMap(({ path }) => path ?? []);
  const isRecording = files.some((path) => {
    const found = statSync(path, { throwIfNoEntry: false }); // its recorder may have compressed it
    return found?.dev === stats.dev && found.ino === stats.ino;
  });
  if (isRecording)
    throw new UserError("usage", `${option} ${given} is a file of the recording itself`, "give another file");
}
