/**
 * Which files are a database's now: it may be deleted, replaced or not there yet, and its -shm comes and goes with its
 * users.
 */
import { statSync } from "node:fs";
import { identify, inodeOf, toDatabaseFile } from "../../observe/identify.ts";
import { readMountinfo } from "../../proc/mountinfo.ts";
import { failure, valueOr } from "../../proc/read.ts";
import type { Role } from "../../sqlite/roles.ts";
import type { WatchedFile } from "./lines-of-locks.ts";

/** SQLite locks these two, and no other. */
const LOCKED: readonly (readonly [Role, string])[] = [
  ["database", ""],
  ["shm", "-shm"],
];

export interface FileEvent {
  /** `missing`: it was not there when the watching began. */
  readonly event: "missing" | "created" | "deleted" | "replaced";
  readonly atMs: number;
  readonly path: string;
}

interface Known {
  readonly path: string;
  readonly role: Role;
  readonly name: string;
  /**
   * What stat(2) says that no other file would: inode, device, birth. Null while there is none; undefined before the
   * first look.
   */
  identity: string | null | undefined;
  now: WatchedFile | null;
}

export class WatchedFiles {
  readonly #known: Known[];
  /** Files that lost their name while somebody had locks on them. */
  #old: WatchedFile[] = [];
  /** Those that locks are looked for on; another array whenever they change. */
  files: readonly WatchedFile[] = [];
  inodes: ReadonlySet<string> = new Set();

  constructor(paths: readonly string[]) {
    this.#known = paths.flatMap((path) =>
      LOCKED.map(([role, suffix]): Known => ({ path, role, name: path + suffix, identity: undefined, now: null })),
    );
  }

  /** It has lost its name: nobody can open it any more, and when it is gone another file may get its inode number. */
  isNameless(file: string): boolean {
    return this.#old.some((each) => each.file === file) && !this.#known.some(({ now }) => now?.file === file);
  }

  /** Looks which files there are. `isHeldOn`: whether somebody has a lock on that file, which is then kept in sight. */
  look(atMs: number, isHeldOn: (file: string) => boolean): FileEvent[] {
    const events: FileEvent[] = [];
    const kept = this.#old.filter(({ file }) => isHeldOn(file));
    let changed = kept.length !== this.#old.length;
    this.#old = kept;
    for (const known of this.#known) {
      const identity = identityOf(known.name);
      if (identity === known.identity) continue;
      changed = true;
      if (known.role === "database") {
        const event = eventOf(known.identity, identity);
        if (event !== null) events.push({ event, atMs, path: known.path });
      }
      if (known.now !== null && isHeldOn(known.now.file)) this.#old.push(known.now);
      known.now = identity === null ? null : watchedFile(known);
      known.identity = known.now === null ? null : identity;
    }
    if (changed) {
      this.files = distinct([...this.#known.flatMap(({ now }) => now ?? []), ...this.#old]);
      this.inodes = new Set(this.files.map(({ inode }) => inode));
    }
    return events;
  }
}

function eventOf(before: string | null | undefined, now: string | null): FileEvent["event"] | null {
  if (before === undefined) return now === null ? "missing" : null;
  if (now === null) return "deleted";
  return before === null ? "created" : "replaced";
}

function identityOf(name: string): string | null {
  try {
    const stats = statSync(name, { bigint: true, throwIfNoEntry: false });
    return stats === undefined ? null : `${inodeOf(stats)} ${stats.dev} ${stats.birthtimeNs}`;
  } catch (error) {
    failure(error);
    return null;
  }
}

/** By the device of /proc/locks, which on btrfs is not that of stat(2). */
function watchedFile({ path, role, name }: Known): WatchedFile | null {
  const found = identify(name);
  if (found.kind !== "ok") return null;
  const { lockDevice, lockInode } = toDatabaseFile(role, name, found.value, valueOr(readMountinfo("/proc/self"), []));
  return { path, role, file: `${lockDevice}:${lockInode}`, inode: String(lockInode) };
}

/** One that was moved away and back is not two. */
function distinct(files: readonly WatchedFile[]): WatchedFile[] {
  return [...new Map(files.map((file) => [`${file.file} ${file.role} ${file.path}`, file])).values()];
}
