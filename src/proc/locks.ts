/**
 * `/proc/locks`: every file lock that is visible in this pid namespace. Source: proc_locks(5), `fs/locks.c`
 * (lock_get_status). Pure.
 */

import { ParseError } from "../errors.ts";
import type { LockApi, LockType } from "../sqlite/locks.ts";

/** One lock as the kernel prints it, in /proc/locks and in the `lock:` lines of /proc/PID/fdinfo/FD. */
export interface KernelLock {
  readonly api: LockApi;
  readonly type: LockType;
  /** Of the process that took it; null for OFD locks, which belong to an open file description. */
  readonly pid: number | null;
  /** `major:minor` of the file system, decimal, as mountinfo writes it. */
  readonly device: string;
  readonly inode: bigint;
  readonly start: bigint;
  /** The last byte, included; null: to the end of the file. */
  readonly end: bigint | null;
  /** Requested, not yet granted (`->`). */
  readonly waiting: boolean;
}

/** id, arrow, kind, ADVISORY or MANDATORY, type, pid, device and inode, start, end. */
const LINE =
  /^\d+:\s+(->\s+)?(\w+)\s+(\S+)\s+(\S+)\s+(-?\d+)\s+(?:<none>|([0-9a-f]+):([0-9a-f]+)):(\d+)\s+(\d+)\s+(\d+|EOF)\s*$/;

const APIS: Record<string, LockApi | undefined> = { POSIX: "posix", ACCESS: "posix", OFDLCK: "ofd", FLOCK: "flock" };
const TYPES: Record<string, LockType | undefined> = { READ: "read", WRITE: "write" };

/** One line; null for a lease, a delegation or a lock being released, which SQLite does not use. @throws ParseError */
export function parseLockLine(line: string, file: string): KernelLock | null {
  const match = LINE.exec(line);
  if (match === null) throw new ParseError(file, line);
  const [, arrow, kind = "", , type = "", pid = "", major = "0", minor = "0", inode = "", start = "", end = ""] = match;
  const api = APIS[kind];
  const lockType = TYPES[type];
  if (api === undefined || lockType === undefined) return null;
  return {
    api,
    type: lockType,
    pid: Number(pid) > 0 ? Number(pid) : null,
    device: `${Number.parseInt(major, 16)}:${Number.parseInt(minor, 16)}`,
    inode: BigInt(inode),
    start: BigInt(start),
    end: end === "EOF" ? null : BigInt(end),
    waiting: arrow !== undefined,
  };
}

/** All lines whose inode `accepts` takes (a busy server has thousands of others). A bad line is skipped. */
export function parseLocks(
  text: string,
  accepts?: (inode: string) => boolean,
): { locks: KernelLock[]; problems: ParseError[] } {
  const locks: KernelLock[] = [];
  const problems: ParseError[] = [];
  for (const line of text.split("\n")) {
    if (line === "" || (accepts !== undefined && isOfOtherInode(line, accepts))) continue;
    try {
      const lock = parseLockLine(line, "/proc/locks");
      if (lock !== null) locks.push(lock);
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      problems.push(error);
    }
  }
  return { locks, problems };
}

/**
 * Whether the inode of a line (between its last colon and the next space) is not accepted. A quick test without the
 * pattern, since this is so for most lines.
 */
function isOfOtherInode(line: string, accepts: (inode: string) => boolean): boolean {
  const colon = line.lastIndexOf(":");
  const space = line.indexOf(" ", colon);
  return space > colon + 1 && /^\d+$/.test(line.slice(colon + 1, space)) && !accepts(line.slice(colon + 1, space));
}

/** The locks on the accepted inodes in all passes. */
export function locksOfPasses(
  passes: readonly string[],
  accepts: (inode: string) => boolean,
): { locks: KernelLock[]; problems: ParseError[] } {
  const texts = new Map([...new Set(passes)].map((text) => [text, parseLocks(text, accepts)]));
  const parsed = passes.flatMap((text) => texts.get(text) ?? []);
  return {
    locks: unionOfPasses(parsed.map((pass) => pass.locks)),
    problems: parsed.flatMap((pass) => pass.problems).slice(0, 1),
  };
}

/**
 * The locks of any of several passes, each once: those held at some moment of them. A pass may lose a lock that is held
 * all the time, repeatedly where another program releases its own in step with the reading; so a lock in one pass
 * counts, although others lack it. Locks without an owner may have the same line and be several: of these there are as
 * many as in the pass that has fewest, since a pass may also repeat a line.
 */
export function unionOfPasses(passes: readonly (readonly KernelLock[])[]): KernelLock[] {
  const union = new Map(passes.flat().map((lock) => [keyOfLock(lock), lock]));
  const fewest = new Map<string, number>();
  for (const pass of passes) {
    const counts = new Map<string, number>();
    for (const lock of pass) if (lock.pid === null) counts.set(keyOfLock(lock), (counts.get(keyOfLock(lock)) ?? 0) + 1);
    for (const [key, count] of counts) fewest.set(key, Math.min(count, fewest.get(key) ?? count));
  }
  // A lock that is waited for in one pass and held in another was granted between them.
  return [...union]
    .filter(([, lock]) => !lock.waiting || !union.has(keyOfLock({ ...lock, waiting: false })))
    .flatMap(([key, lock]) => Array.from({ length: fewest.get(key) ?? 1 }, () => lock));
}

/** The same for two lines that are the same lock. */
export function keyOfLock(lock: KernelLock): string {
  return `${lock.api} ${lock.type} ${lock.pid} ${lock.device} ${lock.inode} ${lock.start} ${lock.end} ${lock.waiting}`;
}
