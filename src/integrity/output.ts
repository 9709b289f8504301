/** --output: the report in a file, whole or not at all. */
import { closeSync, fchmodSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, type Stats, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { UserError } from "../errors.ts";
import { readBytes } from "../inspect/identify.ts";
import { hasDatabaseMagic } from "../sqlite/header.ts";

/** Made before the check begins, so that a folder that is not there is told at once; renamed when it is written. */
export class Output {
  readonly #path: string;
  #fd: number | null;
  /** Null for a device or a pipe (/dev/stdout), which must not be replaced by a file. */
  readonly #temporary: string | null;
  readonly #leave = () => this.discard();

  /** @throws UserError where no file can be made there. */
  constructor(given: string) {
    if (given === "") throw new UserError("usage", "the name of --output is empty", "give the path of a file");
    try {
      const there = statSync(given, { throwIfNoEntry: false });
      this.#path = there === undefined ? resolve(given) : realpathSync(given);
      if (there?.isDirectory() === true) throw new UserError("usage", `--output ${given} is a folder`, "give the path of a file in it");
      if (there?.isFile() === true) refuseDatabase(given);
      const replaced = there === undefined || there.isFile();
      this.#temporary = replaced ? join(dirname(this.#path), `.${basename(this.#path).slice(0, 60)}.${process.pid}.tmp`) : null;
      this.#fd = openSync(this.#temporary ?? given, replaced ? "wx" : "w", 0o666);
      if (there?.isFile() === true) keepMode(this.#fd, there);
    } catch (error) {
      throw cannotWrite(given, error);
    }
    process.once("exit", this.#leave);
  }

  /** @throws UserError */
  write(text: string): void {
    if (this.#fd === null) return;
    try {
      writeFileSync(this.#fd, text);
      if (this.#temporary !== null) {
        fsyncSync(this.#fd);
        renameSync(this.#temporary, this.#path);
      }
    } catch (error) {
      throw cannotWrite(this.#path, error);
    }
    this.#close();
  }

  /** Leaves nothing behind where nothing was written. */
  discard(): void {
    if (this.#fd === null) return;
    this.#close();
    if (this.#temporary !== null) rmSync(this.#temporary, { force: true });
  }

  #close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
    process.off("exit", this.#leave);
  }
}

/** A slip of the hand must not cost a database. */
function refuseDatabase(path: string): void {
  const bytes = readBytes(path, 0, 16);
  if (bytes.kind === "ok" && hasDatabaseMagic(bytes.value)) {
    throw new UserError("usage", `--output ${path} is a database, which the report would replace`, "give another file for the report");
  }
}

/** A report that is there already keeps its rights. */
function keepMode(fd: number, old: Stats): void {
  fchmodSync(fd, old.mode & 0o7777);
}

const WHY: Record<string, string | undefined> = {
  ENOENT: "its folder does not exist",
  ENOTDIR: "its folder is a file",
  EACCES: "no permission",
  EPERM: "no permission",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  ENAMETOOLONG: "the name is too long",
};

function cannotWrite(path: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof UserError || code === undefined) return error;
  return new UserError(
    "cannot-write",
    `--output ${path} cannot be written: ${WHY[code] ?? code}`,
    "give a file in a folder that exists and that you may write to",
  );
}
