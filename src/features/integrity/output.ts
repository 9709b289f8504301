/** --output: the report in a file, whole or not at all. */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { resolve } from "node:path";
import { UserError } from "../../errors.ts";
import { O_PATH } from "../../proc/fdinfo.ts";
import { readMountinfo } from "../../proc/mountinfo.ts";
import { valueOr } from "../../proc/read.ts";
import { asUser } from "../../user/as-user.ts";
import type { User } from "../../user/user.ts";
import { cannotWrite, refuseCompanion, refuseDatabase } from "../output/errors.ts";
import { linked } from "../output/link.ts";
import { destinationOf, type GivenOutput, type OutputPath } from "../output/path.ts";
import { temporaryFor } from "../output/temporary.ts";
import { modeOfReport } from "../output/trust.ts";

const { O_APPEND, O_CREAT, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_WRONLY } = constants;

const OPTION = { option: "--output", instead: "leave --output out and redirect stdout" } as const;

/** Opened once before the check begins, so that a missing folder is reported at once; renamed when it is written. */
export class Output {
  readonly #target: OutputPath;
  /** Who writes it; null: the caller. */
  readonly #user: User | null;
  #fd: number | null = null;
  /** Of the file that is replaced; null: there is none. */
  readonly #mode: number | null;
  /** Null for a device or a pipe (/dev/stdout), which must not be replaced by a file. */
  readonly #temporary: string | null;
  readonly #onExit = () => this.discard();

  /** @throws UserError where no file can be made there, or another user could have it made elsewhere */
  constructor(given: string) {
    const output: GivenOutput = { ...OPTION, given };
    if (given === "") throw new UserError("usage", "the name of --output is empty", "give the path of a file");
    try {
      const me = process.geteuid?.() ?? 0;
      const mounts = valueOr(readMountinfo("/proc/self"), []);
      const { target, user } = destinationOf(output, resolve(given), mounts, me);
      const { stats } = target;
      if (stats?.isDirectory() === true)
        throw new UserError("usage", `--output ${given} is a folder`, "give the path of a file in it");
      if (stats?.isBlockDevice() === true)
        throw new UserError("usage", `--output ${given} is a disk, which the report would damage`, "give a file");
      refuseCompanion(output, target.path);
      if (stats?.isFile() === true && !target.isOwnDescriptor) refuseDatabase(output, target.path);
      this.#target = target;
      this.#user = user;
      this.#mode = modeOfReport(stats, me);
      const replaces = !target.isOwnDescriptor && (stats === null || stats.isFile());
      this.#temporary = replaces ? temporaryFor(target.path) : null;
      if (this.#temporary === null) this.#fd = openDevice(target);
      else this.#remove(this.#create(this.#temporary)); // nothing is left if this process is killed
    } catch (error) {
      throw cannotWrite(output, error);
    }
    if (this.#temporary !== null) this.#close();
  }

  /** @throws UserError */
  write(text: string): void {
    try {
      if (this.#temporary !== null) this.#create(this.#temporary);
      if (this.#fd === null) return;
      writeFileSync(this.#fd, text);
      if (this.#temporary !== null) {
        if (this.#mode !== null) fchmodSync(this.#fd, this.#mode);
        fsyncSync(this.#fd);
        const temporary = this.#temporary;
        asUser(this.#user, () => this.#putInPlace(temporary));
      }
    } catch (error) {
      throw cannotWrite({ ...OPTION, given: this.#target.path }, error);
    }
    this.#close();
  }

  /** Leaves no file where nothing was written. */
  discard(): void {
    if (this.#fd === null) return;
    this.#close();
    if (this.#temporary !== null) this.#remove(this.#temporary);
  }

  #remove(temporary: string): void {
    asUser(this.#user, () => rmSync(temporary, { force: true }));
  }

  /** A report that replaces another one is nobody else's to read until it has that one's mode. @returns its path. */
  #create(temporary: string): string {
    this.#close();
    const mode = this.#mode === null ? 0o666 : 0o600;
    this.#fd = asUser(this.#user, () => openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode));
    process.once("exit", this.#onExit);
    return temporary;
  }

  /** Where nothing was, what another user has put there meanwhile (in /tmp, say) is not replaced. */
  #putInPlace(temporary: string): void {
    const { path, stats, inSharedFolder } = this.#target;
    const replacesNothing = (inSharedFolder || this.#user !== null) && stats === null;
    if (replacesNothing && linked(temporary, path)) rmSync(temporary);
    else renameSync(temporary, path);
  }

  #close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
    process.off("exit", this.#onExit);
  }
}

/** What is written to, not replaced: the one that was looked at, whatever its name leads to by now. */
function openDevice({ path, stats, isOwnDescriptor }: OutputPath): number {
  if (isOwnDescriptor) return openSync(path, O_WRONLY | O_APPEND | O_NOCTTY);
  const pin = openSync(path, O_PATH | O_NOFOLLOW);
  try {
    const { dev, ino } = fstatSync(pin);
    if (dev !== stats?.dev || ino !== stats.ino) throw Object.assign(new Error("exchanged"), { code: "ESTALE" });
    return openSync(`/proc/self/fd/${pin}`, O_WRONLY | O_APPEND | O_NOCTTY);
  } finally {
    closeSync(pin);
  }
}
