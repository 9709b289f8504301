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
import { readBytes } from "../../observe/open-file.ts";
import { WAL_HEADER_BYTES } from "../../sqlite/wal.ts";
import { companionSuffix, contentAtRisk, isDevicePath } from "./output-target.ts";

/** The longest part of the name of the report in the name of the temporary file: a name has at most 255 bytes. */
const MAX_NAME_CHARACTERS = 60;

/** Opened once before the check begins, so that a missing folder is reported at once; renamed when it is written. */
export class Output {
  readonly #path: string;
  #fd: number | null = null;
  /** The file that is replaced. */
  readonly #replaced: Stats | null;
  /** Null for a device or a pipe (/dev/stdout), which must not be replaced by a file. */
  readonly #temporary: string | null;
  readonly #onExit = () => this.discard();

  /** @throws UserError where no file can be made there */
  constructor(given: string) {
    if (given === "") throw new UserError("usage", "the name of --output is empty", "give the path of a file");
    try {
      const existing = statSync(given, { throwIfNoEntry: false });
      this.#path = existing === undefined ? resolve(given) : realpathSync(given);
      if (existing?.isDirectory() === true)
        throw new UserError("usage", `--output ${given} is a folder`, "give the path of a file in it");
      refuseCompanion(given, this.#path);
      if (existing?.isFile() === true) refuseDatabase(given);
      const replaces = !isDevicePath(resolve(given)) && (existing === undefined || existing.isFile());
      this.#temporary = replaces ? temporaryFor(this.#path) : null;
      this.#replaced = replaces ? (existing ?? null) : null;
      if (this.#temporary === null) this.#fd = openSync(given, "a", 0o666);
      else rmSync(this.#create(this.#temporary), { force: true }); // nothing is left if this process is killed
    } catch (error) {
      throw cannotWrite(given, error);
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
        fsyncSync(this.#fd);
        renameSync(this.#temporary, this.#path);
      }
    } catch (error) {
      throw cannotWrite(this.#path, error);
    }
    this.#close();
  }

  /** Leaves no file where nothing was written. */
  discard(): void {
    if (this.#fd === null) return;
    this.#close();
    if (this.#temporary !== null) rmSync(this.#temporary, { force: true });
  }

  /** Opens it; a report that is replaced keeps its mode. @returns its path. */
  #create(temporary: string): string {
    this.#close();
    this.#fd = openSync(temporary, "wx", 0o666);
    if (this.#replaced !== null) fchmodSync(this.#fd, this.#replaced.mode & 0o7777);
    process.once("exit", this.#onExit);
    return temporary;
  }

  #close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
    process.off("exit", this.#onExit);
  }
}

function temporaryFor(path: string): string {
  return join(dirname(path), `.${basename(path).slice(0, MAX_NAME_CHARACTERS)}.${process.pid}.tmp`);
}

const WORDS = { database: "a database", wal: "the -wal of a database", journal: "the -journal of a database" } as const;

function refuseDatabase(path: string): void {
  const bytes = readBytes(path, 0, WAL_HEADER_BYTES);
  const content = bytes.kind === "ok" ? contentAtRisk(bytes.value) : null;
  if (content !== null)
    throw new UserError(
      "usage",
      `--output ${path} is ${WORDS[content]}, which the report would replace`,
      "give another file for the report",
    );
}

/** `path`: where the given path leads to. */
function refuseCompanion(given: string, path: string): void {
  const suffix = companionSuffix(given) ?? companionSuffix(path);
  if (suffix === null) return;
  throw new UserError(
    "usage",
    `--output ${given} has the name of a database's companion file (${suffix})`,
    "give another file for the report",
  );
}

const CAUSES: Record<string, string | undefined> = {
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
    `--output ${path} cannot be written: ${CAUSES[code] ?? code}`,
    "give a file in a folder that exists and that you may write to",
  );
}
