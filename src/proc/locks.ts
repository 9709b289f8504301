/**
 * `/proc/locks`: every file lock that this pid namespace can see. Source: proc_locks(5), `fs/locks.c`
 * (lock_get_status).
 */

import { ParseError } from "../errors.ts";
import type { LockApi, LockType } from "../sqlite/locks.ts";
import { type Reading, readTextInPieces } from "./read.ts";

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
  /** Asked for and not granted yet (`->`). */
  readonly waiting: boolean;
}

/** id, arrow, kind, ADVISORY or MANDATORY, type, pid, device and inode, start, end. */
const LINE =
  /^\d+:\s+(->\s+)?(\w+)\s+(\S+)\s+(\S+)\s+(-?\d+)\s+(?:<none>|([0-9a-f]+):([0-9a-f]+)):(\d+)\s+(\d+)\s+(\d+|EOF)\s*$/;

const APIS: Record<string, LockApi | undefined> = { POSIX: "posix", ACCESS: "posix", OFDLCK: "ofd", FLOCK: "flock" };
const TYPES: Record<string, LockType | undefined> = { READ: "read", WRITE: "write" };

/**
 * One line; null for a lease, a delegation or a lock being dropped, which are none that SQLite meets. @throws
 * ParseError
 */
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

/** All lines, less those of inodes that `wanted` refuses (a busy server has thousands). A bad line costs that line. */
export function parseLocks(
  text: string,
  wanted?: (inode: string) => boolean,
): { locks: KernelLock[]; problems: ParseError[] } {
  const locks: KernelLock[] = [];
  const problems: ParseError[] = [];
  for (const line of text.split("\n")) {
    if (line === "" || (wanted !== undefined && isOfOther(line, wanted))) continue;
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
 * Whether a line is plainly of an inode that is not wanted: between its last colon and the space after it. Quick, since
 * most are.
 */
function isOfOther(line: string, wanted: (inode: string) => boolean): boolean {
  const colon = line.lastIndexOf(":");
  const space = line.indexOf(" ", colon);
  return space > colon + 1 && /^\d+$/.test(line.slice(colon + 1, space)) && !wanted(line.slice(colon + 1, space));
}

/**
 * Passes that are taken, at most, over a /proc/locks that does not come in one piece: one of ten may miss a lock, and
 * the misses come in runs.
 */
const MOST_PASSES = 16;

/** So many passes with the same text, one after the other, are enough. */
const CALM_PASSES = 3;

/** The kernel's own piece. */
const PAGE_BYTES = 4096;

/**
 * A program that takes and drops a lock in step with our reading makes every pass lose the same line, the one at the
 * border of two pieces: so each pass has its borders elsewhere.
 */
function firstPiece(pass: number): number {
  return PAGE_BYTES - ((pass * 613) % 3500);
}

/**
 * The text of /proc/locks, ready to be parsed. Where it is longer than a page, one pass may lose a lock that is held
 * all the time and double another: it is then read several times. The first read waits some 10 ms for the kernel to
 * bring all CPUs to a halt over their lists (`percpu_down_write`), so that it is worth beginning early.
 */
export async function readLocksText(proc: string): Promise<Reading<string[]>> {
  const passes: string[] = [];
  while (passes.length < MOST_PASSES) {
    // Passes at the same time: each waits for the kernel, and they wait together.
    const readings = await Promise.all(
      Array.from({ length: passes.length === 0 ? 1 : CALM_PASSES }, (_, i) =>
        readTextInPieces(`${proc}/locks`, firstPiece(passes.length + i)),
      ),
    );
    for (const reading of readings) {
      if (reading.kind !== "ok") return passes.length > 0 ? { kind: "ok", value: passes } : reading;
      if (passes.length === 0 && reading.value.pieces <= 1) return { kind: "ok", value: [reading.value.text] };
      passes.push(reading.value.text);
    }
    if (passes.length >= CALM_PASSES && passes.slice(-CALM_PASSES).every((pass) => pass === passes.at(-1))) break;
  }
  return { kind: "ok", value: passes };
}

/** The locks on the wanted inodes in all passes. */
export function locksOfPasses(
  passes: readonly string[],
  wanted: (inode: string) => boolean,
): { locks: KernelLock[]; problems: ParseError[] } {
  const texts = new Map([...new Set(passes)].map((text) => [text, parseLocks(text, wanted)]));
  const parsed = passes.flatMap((text) => texts.get(text) ?? []);
  return {
    locks: unionOfPasses(parsed.map((pass) => pass.locks)),
    problems: parsed.flatMap((pass) => pass.problems).slice(0, 1),
  };
}

/**
 * What stands in any of several passes, each lock once: what was held at some moment of them. A pass may lose a lock
 * that is held all the time, again and again where another program drops its own in step with the reading: so what one
 * pass has and others lack, counts.
 */
export function unionOfPasses(passes: readonly (readonly KernelLock[])[]): KernelLock[] {
  const union = new Map(passes.flat().map((lock) => [keyOfLock(lock), lock]));
  // A lock that was waited for in one pass and held in another was granted in between.
  return [...union.values()].filter((lock) => !lock.waiting || !union.has(keyOfLock({ ...lock, waiting: false })));
}

/** What makes two lines the same lock. */
export function keyOfLock(lock: KernelLock): string {
  return `${lock.api} ${lock.type} ${lock.pid} ${lock.device} ${lock.inode} ${lock.start} ${lock.end} ${lock.waiting}`;
}

/** The pid that a line of /proc/locks is proof of: flock's may be long gone, and its number another program's. */
export function ownerOf(lock: KernelLock): number | null {
  return lock.api === "posix" ? lock.pid : null;
}
