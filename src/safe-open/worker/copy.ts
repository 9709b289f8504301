/** A private copy, byte by byte, of the very files that the look found. */
import {
  chownSync,
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { CLOCK_TICK_MS } from "../../observe/clock-tick.ts";
import { openFile, readFrom } from "../../observe/open-file.ts";
import { isDescriptorPath } from "../../proc/descriptor-path.ts";
import { parseSuperJournalName, SUPER_JOURNAL_TAIL_BYTES, superJournalRecordBytes } from "../../sqlite/journal.ts";
import { FILES_WITH_PAGES } from "../../sqlite/roles.ts";
import { sleep } from "../../time.ts";
import type { User } from "../../user/user.ts";
import { isPinned } from "../../worker/pin.ts";
import type { FileToCopy, Refusal, SuperJournalFact } from "../protocol.ts";
import { roomAt } from "../room.ts";
import { statOf } from "./stat.ts";

/** A quarter of a megabyte stays in the cache of a CPU: twice as fast as one. */
const CHUNK_BYTES = 2 ** 18;
const ZEROES = Buffer.alloc(CHUNK_BYTES);

interface Source {
  readonly file: FileToCopy;
  readonly fd: number;
}

/**
 * Null when the copies are consistent: nothing was written to any of the files while they were read, and none of the
 * database's files with pages is left out. A -wal or -journal that came after the look has pages that the database
 * lacks: a checkpoint or a commit that pauses in the middle changes no stamp meanwhile. `files`: the database first.
 * `owner`: of the copies; null: the one who makes them.
 */
export async function copyFiles(files: readonly FileToCopy[], owner: User | null): Promise<Refusal | null> {
  const sources: Source[] = [];
  try {
    for (const file of files) {
      const source = openSource(file, file === files[0]);
      if ("kind" in source) return source;
      sources.push(source);
    }
    await waitForTick(sources);
    if (leavesOut(files)) return { kind: "changed" };
    const before = stampsOf(sources);
    const refusal = refuseWithoutRoom(sources);
    if (refusal !== null) return refusal;
    for (const source of sources) if (!copyOne(source, owner)) return { kind: "changed" };
    const same = stampsOf(sources) === before && sources.every(isStillThere) && !leavesOut(files);
    return same ? null : { kind: "changed" };
  } catch (error) {
    return refusalOf(error, files, sources);
  } finally {
    for (const { fd } of sources) closeSync(fd);
  }
}

function openSource(file: FileToCopy, isDatabase: boolean): Source | Refusal {
  const opened = openFile(file.from, file.pin);
  switch (opened.kind) {
    case "ok":
      return { file, fd: opened.value.fd };
    case "gone": // or its name leads to another file
      return { kind: isDatabase && statOf(file.from) === null ? "gone" : "changed" };
    case "denied":
      return statOf(file.from)?.isFile() === true ? { ...opened, path: file.from } : { kind: "changed" };
  }
}

function isStillThere({ file: { from, pin } }: Source): boolean {
  const options = { bigint: true, throwIfNoEntry: false } as const;
  const stats = isDescriptorPath(from) ? statSync(from, options) : lstatSync(from, options);
  return stats !== undefined && isPinned(pin, stats);
}

/** False where it is not what the look found. */
function copyOne({ file: { to, superJournal }, fd }: Source, owner: User | null): boolean {
  rmSync(to, { force: true }); // of a try before
  const copy = openSync(to, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  try {
    if (!cloned(fd, copy)) copyBytes(fd, copy);
    fchmodSync(copy, 0o600); // a clone has the mode of the original
    if (superJournal !== null && !withoutSuperJournal(copy, superJournal)) return false;
    if (owner !== null) chownSync(`/proc/self/fd/${copy}`, owner.uid, owner.gid);
    return true;
  } finally {
    closeSync(copy);
  }
}

/**
 * SQLite deletes the file that a journal names as its super-journal, once it has rolled that back: so no copy names
 * one, whatever has been appended to the journal since the look. Of a transaction that is committed (its super-journal
 * does not exist) nothing is to be rolled back. Source: `pager.c`, pager_delsuper, hasHotJournal.
 */
function withoutSuperJournal(copy: number, { name: expected, exists }: SuperJournalFact): boolean {
  for (;;) {
    const { size } = fstatSync(copy);
    const length = Math.min(size, SUPER_JOURNAL_TAIL_BYTES);
    const tail = readFrom(copy, size - length, length);
    const name = parseSuperJournalName(tail);
    if (name === null) return true;
    if (name !== expected) return false;
    ftruncateSync(copy, exists === false ? 0 : Math.max(0, size - superJournalRecordBytes(tail)));
  }
}

/** On file systems whose files can share their blocks (btrfs, xfs): at once. Source: ioctl_ficlone(2) */
function cloned(from: number, to: number): boolean {
  try {
    copyFileSync(`/proc/self/fd/${from}`, `/proc/self/fd/${to}`, constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch (error) {
    codeOf(error);
    return false;
  }
}

/** What is zero becomes a hole: a sparse file stays one. */
function copyBytes(from: number, to: number): void {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let at = 0;
  for (;;) {
    const got = readSync(from, chunk, 0, CHUNK_BYTES, at);
    if (got === 0) break;
    const bytes = chunk.subarray(0, got);
    if (!bytes.equals(ZEROES.subarray(0, got)))
      for (let written = 0; written < got; ) written += writeSync(to, bytes, written, got - written, at + written);
    at += got;
  }
  ftruncateSync(to, at);
}

/** By the blocks that they have: a hole needs none. */
function refuseWithoutRoom(sources: readonly Source[]): Extract<Refusal, { kind: "no-space" }> | null {
  const room = roomFor(sources);
  return room.neededBytes + room.reserveBytes > room.freeBytes ? room : null;
}

function roomFor(sources: readonly Source[]): Extract<Refusal, { kind: "no-space" }> {
  return {
    kind: "no-space",
    neededBytes: sources.reduce((sum, { fd }) => sum + allocatedBytes(fd), 0),
    ...roomAt(dirname(sources[0]?.file.to ?? "/")),
  };
}

/** `blocks` counts in units of 512 bytes. Source: stat(3type) */
function allocatedBytes(fd: number): number {
  const { size, blocks } = fstatSync(fd);
  return Math.min(size, blocks * 512);
}

/** Whether a file with pages lies beside the database that is not to be copied. */
function leavesOut(files: readonly FileToCopy[]): boolean {
  const [database] = files;
  if (database === undefined) return false;
  return FILES_WITH_PAGES.map(({ suffix }) => database.from + suffix).some(
    (path) => files.every(({ from }) => from !== path) && statOf(path) !== null,
  );
}

function stampsOf(sources: readonly Source[]): string {
  return sources
    .map(({ fd }) => {
      const { ino, size, mtimeNs, ctimeNs } = fstatSync(fd, { bigint: true });
      return [ino, size, mtimeNs, ctimeNs].join(" ");
    })
    .join("\n");
}

/** Until the newest of the files is older than a tick. */
async function waitForTick(sources: readonly Source[]): Promise<void> {
  for (;;) {
    const newest = Math.max(...sources.map(({ fd }) => fstatSync(fd).mtimeMs));
    const age = Date.now() - newest;
    if (Math.abs(age) >= CLOCK_TICK_MS) return; // a time in the future was set by a program
    await sleep(Math.ceil(CLOCK_TICK_MS - age));
  }
}

function refusalOf(error: unknown, files: readonly FileToCopy[], sources: readonly Source[]): Refusal {
  const { path, message } = error as NodeJS.ErrnoException;
  switch (codeOf(error)) {
    case "ENOENT":
      return path === files[0]?.from ? { kind: "gone" } : { kind: "changed" };
    case "ELOOP": // a link has taken its name
    case "EEXIST":
      return { kind: "changed" };
    case "EACCES":
    case "EPERM":
      return { kind: "denied", path: path ?? files[0]?.from ?? "" };
    case "ENOSPC":
    case "EDQUOT":
      return roomFor(sources);
    case "EFBIG":
      return { kind: "file-limit", neededBytes: Math.max(...sources.map(({ fd }) => fstatSync(fd).size)) };
    case "EMFILE":
    case "ENFILE":
      return { kind: "denied", path: path ?? files[0]?.from ?? "", trouble: "no-descriptor" };
    case "EIO":
      return { kind: "denied", path: path ?? files[0]?.from ?? "", trouble: "io-error" };
    default:
      return { kind: "failed", message };
  }
}

function codeOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  return code;
}
