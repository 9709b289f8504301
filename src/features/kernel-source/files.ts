/**
 * Which files the paths of the databases lead to, as the kernel's lock events name them: a database may not exist yet,
 * be deleted or replaced, and its -shm comes and goes.
 */
import { dirname } from "node:path";
import { identify, identityAt, toDatabaseFile } from "../../observe/identify.ts";
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
}

interface Tracked {
  readonly database: number;
  readonly role: "database" | "shm";
  readonly name: string;
  /** {@link identityAt}; null while there is no such file, undefined before the first look. */
  identity: string | null | undefined;
  now: FileNow | null;
}

export class DatabaseFiles {
  readonly #tracked: readonly Tracked[];
  #lookedMs: number | null = null;

  /** `paths`: real paths of the databases, which may not exist. */
  constructor(paths: readonly string[]) {
    this.#tracked = paths.flatMap((path, database) =>
      LOCKED_FILES.flatMap(({ role, suffix }): Tracked | [] =>
        role === "database" || role === "shm"
          ? { database, role, name: path + suffix, identity: undefined, now: null }
          : [],
      ),
    );
  }

  /** What has changed since the last look, and which -shm has stayed what it was since then. */
  look(atMs: number): FileEvent[] {
    const sinceMs = this.#lookedMs ?? atMs;
    this.#lookedMs = atMs;
    const events: FileEvent[] = [];
    let mounts: readonly Mount[] | null = null;
    for (const tracked of this.#tracked) {
      const identity = identityAt(tracked.name);
      if (identity === tracked.identity) {
        if (tracked.role === "shm" && tracked.now !== null) events.push(eventOf(tracked, sinceMs, atMs));
        continue;
      }
      mounts ??= valueOr(readMountinfo("/proc/self"), []);
      const before = tracked.now;
      tracked.now = identity === null ? null : fileNow(tracked, mounts);
      tracked.identity = tracked.now === null ? null : identity;
      if (before === null && tracked.now === null) continue;
      events.push(eventOf(tracked, atMs, undefined, before?.device));
    }
    return events;
  }

  /**
   * For the kernel's filter: the files of the databases; of a database that is missing its folder, as the file will be
   * on that device.
   */
  get places(): FileNow[] {
    let mounts: readonly Mount[] | null = null;
    return this.#tracked.flatMap(({ role, name, now }) => {
      if (role !== "database") return [];
      if (now !== null) return now;
      const folder = identify(dirname(name));
      mounts ??= valueOr(readMountinfo("/proc/self"), []);
      if (folder.kind !== "ok") return [];
      const { lockDevice, lockInode } = toDatabaseFile(role, name, folder.value, mounts);
      return { device: kernelDevice(lockDevice), inode: lockInode };
    });
  }
}

function eventOf({ database, role, now }: Tracked, atMs: number, untilMs?: number, deviceBefore = 0): FileEvent {
  const inode = now === null ? null : keyOfInode(now.inode);
  const event = { kind: "file", atMs, database, role, device: now?.device ?? deviceBefore, inode } as const;
  return untilMs === undefined ? event : { ...event, untilMs };
}

function fileNow({ role, name }: Tracked, mounts: readonly Mount[]): FileNow | null {
  const found = identify(name);
  if (found.kind !== "ok" || !found.value.stats.isFile()) return null;
  const { lockDevice, lockInode } = toDatabaseFile(role, name, found.value, mounts);
  return { device: kernelDevice(lockDevice), inode: lockInode };
}
