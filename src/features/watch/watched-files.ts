/**
 * Which files belong to a database now: it may be deleted, replaced or not exist yet, and its -shm comes and goes with
 * the processes that use it.
 */
import { identify, identityAt, toDatabaseFile } from "../../observe/identify.ts";
import { readMountinfo } from "../../proc/mountinfo.ts";
import { valueOr } from "../../proc/read.ts";
import { LOCKED_FILES, type Role } from "../../sqlite/roles.ts";
import type { WatchedFile } from "./lock-lines.ts";

export interface FileEvent {
  /**
   * `missing`: it was not there when the watching began. `deleted`: the path leads to no file any more; it may have
   * been moved. `returned`: it leads to the file again that was there before.
   */
  readonly event: "missing" | "created" | "deleted" | "replaced" | "returned";
  readonly atMs: number;
  readonly path: string;
}

interface TrackedFile {
  readonly path: string;
  readonly role: Role;
  readonly name: string;
  /** {@link identityAt}; null while there is no file, undefined before the first check. */
  identity: string | null | undefined;
  /** Of the last file that was there; null before. */
  last: string | null;
  now: WatchedFile | null;
}

export class WatchedFiles {
  readonly #tracked: TrackedFile[];
  /** Files that lost their name while locks were held on them. */
  #nameless: WatchedFile[] = [];
  /** The files whose locks are watched; a new array whenever they change. */
  files: readonly WatchedFile[] = [];
  inodes: ReadonlySet<string> = new Set();

  constructor(paths: readonly string[]) {
    this.#tracked = paths.flatMap(filesOf);
  }

  add(path: string): void {
    this.#tracked.push(...filesOf(path));
  }

  /** It has lost its name: no process can open it any more, and later another file may get its inode number. */
  isNameless(file: string): boolean {
    return this.#nameless.some((each) => each.file === file) && !this.#tracked.some(({ now }) => now?.file === file);
  }

  /** Finds out which files there are. `isHeldOn`: whether a lock is held on that file, which then stays watched. */
  look(atMs: number, isHeldOn: (file: string) => boolean): FileEvent[] {
    const events: FileEvent[] = [];
    const kept = this.#nameless.filter(({ file }) => isHeldOn(file));
    let changed = kept.length !== this.#nameless.length;
    this.#nameless = kept;
    for (const tracked of this.#tracked) {
      const identity = identityAt(tracked.name);
      if (identity === tracked.identity || (identity === null && isHidden(tracked))) continue;
      changed = true;
      if (tracked.role === "database") {
        const event = eventOf(tracked.identity, identity, tracked.last);
        if (event !== null) events.push({ event, atMs, path: tracked.path });
      }
      if (tracked.now !== null && isHeldOn(tracked.now.file)) this.#nameless.push(tracked.now);
      tracked.now = identity === null ? null : watchedFile(tracked);
      tracked.identity = tracked.now === null ? null : identity;
      tracked.last = tracked.identity ?? tracked.last;
    }
    if (changed) {
      this.files = distinct([...this.#tracked.flatMap(({ now }) => now ?? []), ...this.#nameless]);
      this.inodes = new Set(this.files.map(({ inode }) => inode));
    }
    return events;
  }
}

/**
 * It was there, and this thread may not look at it now: the main thread has taken the rights of another user for a
 * moment, which all threads of a process have then.
 */
function isHidden({ name, identity }: TrackedFile): boolean {
  return typeof identity === "string" && identify(name).kind !== "gone";
}

function filesOf(path: string): TrackedFile[] {
  return LOCKED_FILES.map(({ role, suffix }) => ({
    ...{ path, role, name: path + suffix },
    ...{ identity: undefined, last: null, now: null },
  }));
}

function eventOf(
  before: string | null | undefined,
  now: string | null,
  last: string | null,
): FileEvent["event"] | null {
  if (before === undefined) return now === null ? "missing" : null;
  if (now === null) return "deleted";
  if (before !== null) return "replaced";
  return now === last ? "returned" : "created";
}

/** With the device of /proc/locks, which on btrfs differs from that of stat(2). */
function watchedFile({ path, role, name }: TrackedFile): WatchedFile | null {
  const found = identify(name);
  if (found.kind !== "ok") return null;
  const { lockDevice, lockInode } = toDatabaseFile(role, name, found.value, valueOr(readMountinfo("/proc/self"), []));
  return { path, role, file: `${lockDevice}:${lockInode}`, inode: String(lockInode) };
}

/** A file that was moved away and back counts once. */
function distinct(files: readonly WatchedFile[]): WatchedFile[] {
  return [...new Map(files.map((file) => [`${file.file} ${file.role} ${file.path}`, file])).values()];
}
