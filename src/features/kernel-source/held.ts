/** A reading of /proc/locks as an event of the recording: what is held before its stream begins, or after a gap. */

import { type KernelLock, parseLocks } from "../../proc/locks.ts";
import { LocksFile } from "../../proc/locks-file.ts";
import type { HeldEvent, HeldRange, HeldSeen } from "../../recording/source-event.ts";
import { kernelDevice, keyOfInode } from "./device.ts";
import { keyOfOpenFileLock, ownersOfOpenFiles } from "./open-file-owners.ts";

export interface ReadHeldOptions {
  /** All locks there. */
  readonly devices: ReadonlySet<number>;
  /** Of the locks of open files, which name no process, the owners on these files alone. */
  readonly isOurs: (range: HeldRange) => boolean;
  /** The clock of the recording, in ms. */
  readonly now: () => number;
}

export async function readHeld({ devices, isOurs, now }: ReadHeldOptions): Promise<HeldEvent> {
  const fromMs = now();
  const reading = await new LocksFile("/proc").read();
  if (reading.kind !== "ok") return { kind: "held", fromMs, atMs: now(), locks: [], complete: false };
  const seen = new Map<string, HeldSeen>();
  const ofOpenFiles: KernelLock[] = [];
  for (const lock of locksOf(reading.value.passes)) {
    if (!devices.has(kernelDevice(lock.device))) continue;
    if (lock.pid !== null) {
      const held: HeldSeen = { pid: lock.pid, ...rangeOf(lock) };
      seen.set(JSON.stringify([...Object.values(held), lock.end === null]), held);
    } else if (lock.api === "ofd" && isOurs(rangeOf(lock))) ofOpenFiles.push(lock);
  }
  const { locks, unowned, complete } = await ownersOf(ofOpenFiles);
  return {
    kind: "held",
    fromMs,
    atMs: now(),
    locks: [...seen.values(), ...locks],
    ...(unowned.length > 0 ? { unowned } : {}),
    complete: reading.value.complete && complete,
  };
}

function locksOf(passes: readonly string[]): KernelLock[] {
  return passes.flatMap((text) => parseLocks(text).locks.filter(({ waiting }) => !waiting));
}

function rangeOf({ device, inode, start, end, type, api }: KernelLock): HeldRange {
  return {
    device: kernelDevice(device),
    inode: keyOfInode(inode),
    start: Number(start),
    end: end === null ? Number.POSITIVE_INFINITY : Number(end),
    type,
    api,
  };
}

/** Locks of open files, for each process that has such a file. */
async function ownersOf(
  lines: readonly KernelLock[],
): Promise<{ readonly locks: HeldSeen[]; readonly unowned: HeldRange[]; readonly complete: boolean }> {
  const byKey = new Map(lines.map((lock) => [keyOfOpenFileLock(lock), lock]));
  const locks: HeldSeen[] = [];
  const find = async (): Promise<boolean> => {
    const { pids, complete } = await ownersOfOpenFiles(new Set(byKey.keys()));
    for (const [key, owners] of pids) {
      const lock = byKey.get(key);
      byKey.delete(key);
      if (lock === undefined) continue;
      for (const pid of owners) {
        const others = owners.filter((other) => other !== pid);
        locks.push({ pid, ...rangeOf(lock), ...(others.length > 0 ? { sharedWith: others } : {}) });
      }
    }
    return complete;
  };
  if (byKey.size === 0) return { locks, unowned: [], complete: true };
  let complete = await find();
  if (byKey.size > 0) {
    // those that were released meanwhile had an owner
    const again = await new LocksFile("/proc").read();
    const now = again.kind === "ok" ? new Set(locksOf(again.value.passes).map(keyOfOpenFileLock)) : null;
    for (const key of byKey.keys()) if (now !== null && !now.has(key)) byKey.delete(key);
    if (byKey.size > 0) complete = await find();
  }
  return { locks, unowned: [...byKey.values()].map(rangeOf), complete };
}
