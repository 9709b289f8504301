/**
 * Which processes have the open files that OFD locks belong to: /proc/locks names none, but the descriptors of a
 * process show the locks of their open files (`lock:` in /proc/PID/fdinfo/FD).
 */
import { readFdInfo } from "../../proc/fdinfo.ts";
import type { KernelLock } from "../../proc/locks.ts";
import { isOwn } from "../../proc/own.ts";
import { linkOf, readNames, valueOr } from "../../proc/read.ts";
import { sleep, uptimeMs } from "../../time.ts";

/** Other work has its turn after this time, ms: events are waiting. */
const AT_ONCE_MS = 20;

/** For all processes, ms. */
const MAX_MS = 2000;

/** A process with more has the rest unseen. */
const MOST_DESCRIPTORS = 100_000;

export interface OpenFileOwners {
  /** By {@link keyOfOpenFileLock}: the processes that have an open file with this lock. */
  readonly pids: ReadonlyMap<string, readonly number[]>;
  /** All processes were looked at. */
  readonly complete: boolean;
}

/** The same for a line of /proc/locks and for one of fdinfo, which the same code of the kernel prints. */
export function keyOfOpenFileLock({ type, device, inode, start, end }: Omit<KernelLock, "pid">): string {
  return `${type} ${device} ${inode} ${start} ${end}`;
}

/** `keys`: of the locks whose owners are wanted. */
export async function ownersOfOpenFiles(keys: ReadonlySet<string>, proc = "/proc"): Promise<OpenFileOwners> {
  const pids = new Map<string, number[]>();
  const began = uptimeMs();
  let turnMs = began;
  for (const name of valueOr(readNames(proc), [])) {
    const pid = Number(name);
    if (!(pid > 0) || isOwn(pid)) continue;
    for (const key of openFileLocksOf(`${proc}/${name}`)) {
      if (!keys.has(key)) continue;
      const owners = pids.get(key) ?? [];
      if (!owners.includes(pid)) owners.push(pid);
      pids.set(key, owners);
    }
    const nowMs = uptimeMs();
    if (nowMs - began > MAX_MS) return { pids, complete: false };
    if (nowMs - turnMs < AT_ONCE_MS) continue;
    await sleep(0);
    turnMs = uptimeMs();
  }
  return { pids, complete: true };
}

/** `directory`: /proc/PID. */
function* openFileLocksOf(directory: string): Iterable<string> {
  for (const table of tablesOf(directory)) {
    for (const fd of valueOr(readNames(`${table}/fd`), []).slice(0, MOST_DESCRIPTORS)) {
      if (!linkOf(`${table}/fd/${fd}`).startsWith("/")) continue; // a socket, a pipe
      const info = readFdInfo(table, fd);
      if (info.kind !== "ok") continue;
      for (const lock of info.value.locks) if (lock.api === "ofd") yield keyOfOpenFileLock(lock);
    }
  }
}

/** A main thread that has exited shows no descriptors; the other threads still show those of the process. */
function tablesOf(directory: string): string[] {
  if (valueOr(readNames(`${directory}/fd`), ["?"]).length > 0) return [directory];
  const other = valueOr(readNames(`${directory}/task`), []).find((tid) => !directory.endsWith(`/${tid}`));
  return other === undefined ? [] : [`${directory}/task/${other}`];
}
