/**
 * Which files the paths of the databases lead to, as the kernel's lock events name them: a database may not exist yet,
 * be deleted or replaced, and its -shm comes and goes.
 */
import { dirname } from "node:path";
import { identify, identityAt, statIfPresent, toDatabaseFile } from "../../observe/identify.ts";
import { type Mount, readMountinfo } from "../../proc/mountinfo.ts";
import { valueOr } from "../../proc/read.ts";
import type { FileEvent } from "../../recording/source-event.ts";
import { LOCKED_FILES } from "../../sqlite/roles.ts";
import { kernelDevice, keyOfInode } from "./device.ts";

/** A file of a database now. */
export interface FileNow {
  /** As the superblock has it: major << 20 | minor. */
  readonly device: number;
  /** For the kernel's filter. */
  readonly inode: bigint;
  /** By the wall clock, ms; null: the file system does not say. */
  readonly bornAtMs: number | null;
}

interface Tracked {
  readonly database: number;
  readonly role: "database" | "shm";
  readonly name: string;
  /** {@link identityAt}; null while there is no such file, undefined before the first look. */
  identity: string | null | undefined;
  now: FileNow | null;
  /** After the last look at it. */
  seenMs: number;
  /** When its folder was changed last, as far as it matters: while there is no such file. */
  folder: string | null;
}

export class DatabaseFiles {
  readonly #tracked: Tracked[] = [];
  #databases = 0;

  /** `paths`: real paths of the databases, which may not exist. */
  constructor(paths: readonly string[]) {
    for (const path of paths) this.add(path);
  }

  add(path: string): void {
    const database = this.#databases++;
    for (const { role, suffix } of LOCKED_FILES) {
      if (role !== "database" && role !== "shm") continue;
      const name = path + suffix;
      this.#tracked.push({ database, role, name, identity: undefined, now: null, seenMs: 0, folder: null });
    }
  }

  /**
   * What has changed since the last look, and which -shm has stayed what it was since then. On a busy machine a look
   * may take as long as a file lives: what has stayed was so since the end of the look before, until this one began.
   */
  look(now: () => number): FileEvent[] {
    const events: FileEvent[] = [];
    let mounts: readonly Mount[] | null = null;
    for (const tracked of this.#tracked) {
      const { role, now: before, identity: identityBefore, seenMs: sinceMs } = tracked;
      const untilMs = now();
      const identity = identityAt(tracked.name);
      const folder = role === "database" && identity === null ? folderState(tracked.name) : null;
      tracked.seenMs = now();
      if (identity === identityBefore) {
        if (role === "shm" && before !== null) events.push({ ...eventOf(tracked, sinceMs), untilMs });
        if (folder !== tracked.folder) events.push({ ...eventOf(tracked, sinceMs), untilMs, changes: true });
        tracked.folder = folder;
        continue;
      }
      tracked.folder = folder;
      const unseen = { ...eventOf(tracked, sinceMs), untilMs, changes: true } as const;
      mounts ??= valueOr(readMountinfo("/proc/self"), []);
      tracked.now = identity === null ? null : fileNow(tracked, mounts);
      tracked.identity = tracked.now === null ? null : identity;
      tracked.seenMs = now();
      const hasChanged = tracked.now !== null || before !== null || identityAt(tracked.name) !== identity;
      if (role === "database" && identityBefore !== undefined && hasChanged) events.push(unseen);
      if (before === null && tracked.now === null) continue;
      events.push({ ...eventOf(tracked, tracked.seenMs, before?.device), lookedMs: untilMs, ...bornOf(tracked, now) });
    }
    return events;
  }

  /** Where all paths lead now, as `device:inode`. */
  get inodes(): Set<string> {
    return new Set(this.#tracked.flatMap(({ now }) => (now === null ? [] : `${now.device}:${keyOfInode(now.inode)}`)));
  }

  /**
   * For the kernel's filter: the files of the databases; of a database that is missing its folder, as the file will be
   * on that device.
   */
  get places(): Pick<FileNow, "device" | "inode">[] {
    let mounts: readonly Mount[] | null = null;
    return this.#tracked.flatMap(({ role, name, now }) => {
      if (role !== "database") return [];
      if (now !== null) return { device: now.device, inode: now.inode };
      const folder = identify(dirname(name));
      mounts ??= valueOr(readMountinfo("/proc/self"), []);
      if (folder.kind !== "ok") return [];
      const { lockDevice, lockInode } = toDatabaseFile(role, name, folder.value, mounts);
      return { device: kernelDevice(lockDevice), inode: lockInode };
    });
  }
}

function eventOf({ database, role, now }: Tracked, atMs: number, deviceBefore = 0): FileEvent {
  const inode = now === null ? null : keyOfInode(now.inode);
  return { kind: "file", atMs, database, role, device: now?.device ?? deviceBefore, inode };
}

/** Times of files are as of the last tick of the clock, and Date.now() leaves out the fraction. */
const WALL_CLOCK_MS = 2;

/** Its inode may have been another file's before that. */
function bornOf({ now: file }: Tracked, now: () => number): Pick<FileEvent, "bornMs"> {
  if (file?.bornAtMs == null) return {};
  const nowMs = now();
  return { bornMs: nowMs - (Date.now() - file.bornAtMs) - WALL_CLOCK_MS };
}

/** It is another one whenever a file was made or deleted in the folder of this path. */
function folderState(path: string): string | null {
  const stats = statIfPresent(dirname(path));
  return stats === undefined ? null : `${stats.ino} ${stats.mtimeNs}`;
}

function fileNow({ role, name }: Tracked, mounts: readonly Mount[]): FileNow | null {
  const found = identify(name);
  if (found.kind !== "ok" || !found.value.stats.isFile()) return null;
  const { lockDevice, lockInode, bornMs: bornAtMs } = toDatabaseFile(role, name, found.value, mounts);
  return { device: kernelDevice(lockDevice), inode: lockInode, bornAtMs };
}
