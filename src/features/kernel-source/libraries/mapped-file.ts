/**
 * Opens the files that a process has mapped, as root and without harm: nothing waits for a server, a daemon, a pipe, a
 * device or another process's lease.
 *
 * Each is first taken hold of by a descriptor that opens nothing (O_PATH), so that its mount stays while it is looked
 * up. Source: proc_pid_map_files(5); proc_pid_fdinfo(5).
 */
import { type BigIntStats, closeSync, constants, fstatSync, openSync, read } from "node:fs";
import { O_PATH, readFdInfo } from "../../../proc/fdinfo.ts";
import type { CodeMapping } from "../../../proc/maps.ts";
import { type Mount, mayHang, readMountinfo } from "../../../proc/mountinfo.ts";
import { failure, linkOf, valueOr } from "../../../proc/read.ts";
import { uptimeMs } from "../../../time.ts";

export interface MappedFile {
  /** Of O_PATH. Whoever has it closes it. */
  readonly fd: number;
  readonly mapping: CodeMapping;
  readonly device: bigint;
  readonly inode: bigint;
  readonly owner: number;
  /** Of the file with just these bytes: it changes when somebody writes to it. */
  readonly key: string;
  /**
   * Its mount is an overlay. Each overlay shows a file of its own, with the number and the times of the file below:
   * that one is mapped, and probed, for all of them.
   */
  readonly isOverlay: boolean;
  /** The same for all files of overlays that show one file, and for that file. */
  readonly overlayKey: string;
}

export interface MappedFiles {
  readonly files: readonly MappedFile[];
  /** Files that are there and cannot be read without harm, or at all. */
  readonly refused: number;
}

/** Takes hold of the mapped files. What is not mapped any more is left out. `directory`: /proc/PID. */
export function holdMappedFiles(directory: string, mappings: readonly CodeMapping[]): MappedFiles {
  const held: { mapping: CodeMapping; fd: number }[] = [];
  const files: MappedFile[] = [];
  let refused = 0;
  try {
    for (const mapping of mappings) {
      const fd = hold(`${directory}/map_files/${mapping.range}`);
      if (typeof fd === "number") held.push({ mapping, fd });
      else if (fd === "denied") refused++;
    }
    const mounts = mountsOf(directory);
    const isForeign = linkOf(`${directory}/ns/user`) !== linkOf("/proc/self/ns/user");
    for (let next = held.at(-1); next !== undefined; next = held.at(-1)) {
      const file = inspect(next.fd, next.mapping, mounts, isForeign);
      held.pop();
      if (file === null) {
        closeSync(next.fd);
        refused++;
      } else files.push(file);
    }
    return { files: files.reverse(), refused };
  } catch (error) {
    for (const { fd } of [...held, ...files]) closeSync(fd);
    throw error;
  }
}

/** Takes hold of a file by its path here; null where it is not there, or cannot be read without harm. */
export function holdFile(path: string): MappedFile | null {
  const fd = hold(path);
  if (typeof fd !== "number") return null;
  const mapping: CodeMapping = { range: "", device: "", inode: 0n, path };
  const file = inspect(fd, mapping, mountsOf("/proc/self"), false);
  if (file === null) closeSync(fd);
  return file;
}

function hold(path: string): number | "gone" | "denied" {
  try {
    return openSync(path, O_PATH);
  } catch (error) {
    return failure(error).kind;
  }
}

/** The mounts that the process sees, and those that are seen here: a file may lie beyond the root of its process. */
function mountsOf(directory: string): ReadonlyMap<number, Mount> {
  const mounts = [directory, "/proc/self"].flatMap((each) => valueOr(readMountinfo(each), []));
  return new Map(mounts.map((mount) => [mount.id, mount]));
}

/** Null: not a file that can be read. Nothing is asked of the file before its mount is known. */
function inspect(
  fd: number,
  mapping: CodeMapping,
  mounts: ReadonlyMap<number, Mount>,
  isForeign: boolean,
): MappedFile | null {
  const info = valueOr(readFdInfo("/proc/self", String(fd)), null);
  const mount = info === null ? undefined : mounts.get(info.mountId);
  // A layer of another user's overlay may be anything.
  if (mount === undefined || mayHang(mount.type) || (isForeign && mount.type === "overlay")) return null;
  const stats = fstatSync(fd, { bigint: true });
  if (!stats.isFile()) return null;
  return {
    fd,
    mapping,
    device: stats.dev,
    inode: BigInt.asUintN(64, stats.ino),
    owner: Number(stats.uid),
    key: keyOf(stats),
    isOverlay: mount.type === "overlay",
    overlayKey: overlayKeyOf(stats),
  };
}

function keyOf(stats: BigIntStats): string {
  return `${stats.dev} ${stats.ino} ${bytesKeyOf(stats)}`;
}

/** In the upper bits of the number is its layer (xino). Source: Documentation/filesystems/overlayfs.rst */
function overlayKeyOf(stats: BigIntStats): string {
  return `${BigInt.asUintN(48, stats.ino)} ${bytesKeyOf(stats)}`;
}

/** Nobody can set the time of the last change of its inode. */
function bytesKeyOf({ size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${size} ${mtimeNs} ${ctimeNs}`;
}

/** Whether nobody has written to a file since. */
export function isUnchanged({ fd, key }: Pick<MappedFile, "fd" | "key">): boolean {
  return keyOf(fstatSync(fd, { bigint: true })) === key;
}

/** Bytes of such a file, by the thread pool. @throws TimeUp, or the error of a system call */
export async function withBytesOf<T>(
  { fd }: MappedFile,
  untilMs: number,
  use: (read: (offset: number, length: number) => Promise<Uint8Array>) => Promise<T>,
): Promise<T> {
  const open = openSync(`/proc/self/fd/${fd}`, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    return await use((offset, length) => {
      if (uptimeMs() > untilMs) throw new TimeUp();
      return readFully(open, offset, length);
    });
  } finally {
    closeSync(open);
  }
}

/** Reading a file took longer than was allowed. */
export class TimeUp extends Error {
  override readonly name = "TimeUp";
}

async function readFully(fd: number, offset: number, length: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const got = await readOnce(fd, bytes, filled, offset + filled);
    if (got === 0) break;
    filled += got;
  }
  return bytes.subarray(0, filled);
}

function readOnce(fd: number, bytes: Buffer, filled: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, bytes, filled, bytes.length - filled, position, (error, got) =>
      error === null ? resolve(got) : reject(error),
    );
  });
}
