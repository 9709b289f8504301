/**
 * The page of stress. Run by root, stress becomes the user who owns the database, for good, and could make no file of
 * root's at its end: so the file is opened before the load, in its place, and written after it.
 */
import { closeSync, constants, fsyncSync, ftruncateSync, openSync, rmSync, writeSync } from "node:fs";
import { asUser } from "../../user/as-user.ts";
import type { User } from "../../user/user.ts";
import { cannotWrite } from "../output/errors.ts";
import type { GivenOutput } from "../output/path.ts";
import { placeOfOutput } from "../record/output-place.ts";

const { O_CREAT, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_WRONLY } = constants;

const MODE = 0o600;

export class PageFile {
  readonly #output: GivenOutput;
  readonly #path: string;
  readonly #isNew: boolean;
  /** Root makes a new file in another user's folder as that user; null: the caller makes it. */
  readonly #user: User | null;
  #fd: number | null;
  readonly #onExit = () => this.discard();

  /** `database`: null for a throw-away one. @throws UserError where it cannot be written */
  constructor(given: string, force: boolean, database: string | null) {
    this.#output = { option: "--html", given, instead: "leave --html out" };
    try {
      const { target, user } = placeOfOutput(this.#output, force, database === null ? [] : [database]);
      this.#path = target.path;
      this.#user = user;
      this.#isNew = target.stats === null;
      const flags = O_WRONLY | O_NOFOLLOW | O_NOCTTY | (this.#isNew ? O_CREAT | O_EXCL : 0);
      this.#fd = asUser(user, () => openSync(target.path, flags, MODE));
    } catch (error) {
      throw cannotWrite(this.#output, error);
    }
    process.once("exit", this.#onExit);
  }

  /** All of it. To be called once. @throws UserError */
  write(text: string): void {
    const fd = this.#fd;
    if (fd === null) return;
    const bytes = Buffer.from(text);
    try {
      ftruncateSync(fd, 0);
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, at);
      fsyncSync(fd);
    } catch (error) {
      throw cannotWrite(this.#output, error);
    }
    this.#close(fd);
  }

  /** Nothing was written: a file that was there stays as it was, a new one goes, where that is still allowed. */
  discard(): void {
    const fd = this.#fd;
    if (fd === null) return;
    this.#close(fd);
    if (!this.#isNew) return;
    const isRoot = process.geteuid?.() === 0;
    // the folder is another user's, who may have put any other in its place
    if (!isRoot && this.#user !== null && process.geteuid?.() !== this.#user.uid) return;
    try {
      asUser(isRoot ? this.#user : null, () => rmSync(this.#path, { force: true }));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }

  #close(fd: number): void {
    closeSync(fd);
    this.#fd = null;
    process.off("exit", this.#onExit);
  }
}
