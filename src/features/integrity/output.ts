/** --output: the report in a file, whole or not at all. */
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { UserError } from "../../errors.ts";
import { readBytes } from "../../observe/identify.ts";
import { hasDatabaseMagic } from "../../sqlite/header.ts";
import { parseJournalHeader } from "../../sqlite/journal.ts";
import { parseWalHeader, WAL_HEADER_BYTES } from "../../sqlite/wal.ts";

/** Made before the check begins, so that a folder that is not there is told at once; renamed when it is written. */
export class Output {
  readonly #path: string;
  #fd: number | null = null;
  /** What is replaced. */
  readonly #there: Stats | null;
  /** Null for a device or a pipe (/dev/stdout), which must not be replaced by a file. */
  readonly #temporary: string | null;
  readonly #leave = () => this.discard();

  /** @throws UserError where no file can be made there. */
  constructor(given: string) {
    if (given === "") throw new UserError("usage", "the name of --output is empty", "give the path of a file");
    try {
      const there = statSync(given, { throwIfNoEntry: false });
      this.#path = there === undefined ? resolve(given) : realpathSync(given);
      if (there?.isDirectory() === true)
        throw new UserError("usage", `--output ${given} is a folder`, "give the path of a file in it");
      refuseCompanion(given, this.#path);
      if (there?.isFile() === true) refuseDatabase(given);
      // /dev/stdout, which may be a file that others write to as well
      const open = /^\/(?:dev|proc)\//.test(resolve(given));
      const replaced = !open && (there === undefined || there.isFile());
      this.#temporary = replaced
        ? join(dirname(this.#path), `.${basename(this.#path).slice(0, 60)}.${process.pid}.tmp`)
        : null;
      this.#there = replaced ? (there ?? null) : null;
      if (this.#temporary === null) this.#fd = openSync(given, "a", 0o666);
      else rmSync(this.#begin(this.#temporary), { force: true }); // nothing is left should this process be killed
    } catch (error) {
      throw cannotWrite(given, error);
    }
    if (this.#temporary !== null) this.#close();
  }

  /** @throws UserError */
  write(text: string): void {
    try {
      if (this.#temporary !== null) this.#begin(this.#temporary);
      if (this.#fd === null) return;
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

  /** Made, and open; @returns its path. */
  #begin(temporary: string): string {
    this.#close();
    this.#fd = openSync(temporary, "wx", 0o666);
    if (this.#there !== null) keepMode(this.#fd, this.#there);
    process.once("exit", this.#leave);
    return temporary;
  }

  #close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
    process.off("exit", this.#leave);
  }
}

/** A slip of the hand must not cost a database. */
function refuseDatabase(path: string): void {
  const bytes = readBytes(path, 0, WAL_HEADER_BYTES);
  if (bytes.kind !== "ok") return;
  const what = hasDatabaseMagic(bytes.value)
    ? "a database"
    : parseWalHeader(bytes.value) !== null
      ? "the -wal of a database"
      : parseJournalHeader(bytes.value) === "valid"
        ? "the -journal of a database"
        : null;
  if (what !== null)
    throw new UserError(
      "usage",
      `--output ${path} is ${what}, which the report would replace`,
      "give another file for the report",
    );
}

/**
 * What lies beside a database under such a name SQLite takes for its own; a -shm has no bytes of its own to be told by.
 */
function refuseCompanion(given: string, path: string): void {
  const suffix = [given, path].flatMap((each) => COMPANION.exec(basename(each))?.[0] ?? [])[0];
  if (suffix === undefined) return;
  throw new UserError(
    "usage",
    `--output ${given} has the name of a database's companion file (${suffix})`,
    "give another file for the report",
  );
}

const COMPANION = /-(?:wal|shm|journal|mj[0-9A-F]{9})$/;

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
