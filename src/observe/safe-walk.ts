/**
 * Looks at a path without waiting for a server or a daemon, whatever the users whose folders are on it do meanwhile.
 * Before each name the mount is asked for by text; the name is then looked up in the folder before it, opening nothing
 * (O_PATH), and nothing is asked of what was found unless it lies on that mount.
 */
import { closeSync, constants, fstatSync, openSync, readlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { O_PATH, readFdInfo } from "../proc/fdinfo.ts";
import { innermost, type MountIndex } from "../proc/mount-index.ts";
import { lookUpMayHang, type Mount } from "../proc/mountinfo.ts";
import { failure, valueOr } from "../proc/read.ts";
import { asUser } from "../user/as-user.ts";
import type { User } from "../user/user.ts";
import { type IdentifiedFile, inodeOf } from "./identify.ts";

/** A mount namespace to inspect. */
export interface Way {
  /** What leads into it from here, before an absolute path: "" or `/proc/PID/root`. */
  readonly root: string;
  readonly index: MountIndex;
  /** Its mounts are an unprivileged user's: to look up a name in an overlay of his may hang in one of its layers. */
  readonly foreign: boolean;
}

/** `path`: without links. `link`: where the link leads that is there; null: it is none. */
export type Seen =
  | { readonly kind: "ok"; readonly value: IdentifiedFile; readonly path: string; readonly link: string | null }
  | { readonly kind: "gone" }
  | { readonly kind: "denied" }
  /** A link is on the way, and links are not followed. */
  | { readonly kind: "link" }
  /** A mount on the way may hang, or is not the one that was there by text. */
  | { readonly kind: "elsewhere" };

interface WalkOptions {
  readonly follow?: boolean;
  readonly user?: User | null;
}

/** Names, with those of the links: also where they go round in a circle. */
const MAX_STEPS = 400;

/** Folders that stay open for the next path. */
const MAX_OPEN = 256;

interface Folder {
  readonly fd: number;
  readonly file: IdentifiedFile;
}

/** Looks at several paths of one namespace. What was passed stays open, until close(). */
export class SafeWalk {
  readonly way: Way;
  /** How many names were looked up. */
  lookUps = 0;
  readonly #folders = new Map<string, Folder>();

  constructor(way: Way) {
    this.way = way;
  }

  close(): void {
    for (const { fd } of this.#folders.values()) closeSync(fd);
    this.#folders.clear();
  }

  /** What is at an absolute path of that namespace. `follow`: links, too. `user`: who looks, where root may not. */
  lookUp(path: string, { follow = false, user = null }: WalkOptions = {}): Seen {
    if (this.#folders.size > MAX_OPEN) this.close();
    const rest = namesOf(path);
    let here = "/";
    let at = this.#look(here, user);
    for (let steps = 0; steps < MAX_STEPS && at.kind === "ok"; steps++) {
      const name = rest.shift();
      if (name === undefined) return at;
      const next = join(here, name); // no name of it is a link
      const seen = this.#look(next, user);
      if (seen.kind !== "ok" || seen.link === null) {
        here = next;
        at = seen;
      } else if (!follow) return rest.length === 0 ? seen : { kind: "link" };
      else {
        rest.unshift(...namesOf(seen.link));
        if (seen.link.startsWith("/")) here = "/";
        at = this.#look(here, user);
      }
    }
    return at.kind === "ok" ? { kind: "elsewhere" } : at;
  }

  /** A path whose folder was passed before. */
  #look(path: string, user: User | null): Seen {
    const key = keyOf(path, user);
    const known = this.#folders.get(key);
    if (known !== undefined) return { kind: "ok", value: known.file, path, link: null };
    this.lookUps++;
    const mount = innermost(this.way.index, path);
    if (mount === null || this.#mayHang(mount)) return { kind: "elsewhere" };
    const parent = this.#folders.get(keyOf(dirname(path), user));
    // openat(2), which Node.js lacks; to the root of another namespace leads a link
    const named = path === "/" ? this.way.root || "/" : `/proc/self/fd/${parent?.fd}/${basename(path)}`;
    if (path !== "/" && parent === undefined) return { kind: "gone" };
    try {
      const flags = path === "/" ? O_PATH : O_PATH | constants.O_NOFOLLOW;
      return this.#inspect(
        path,
        named,
        mount,
        user,
        asUser(user, () => openSync(named, flags)),
      );
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      return code === "ENOTDIR" || code === "ENAMETOOLONG" ? { kind: "gone" } : failure(error);
    }
  }

  /** Keeps the descriptor of a folder, and closes another. */
  #inspect(path: string, named: string, mount: Mount, user: User | null, fd: number): Seen {
    let keep = false;
    try {
      const info = valueOr(readFdInfo("/proc/self", String(fd)), null);
      if (info?.mountId !== mount.id) return { kind: "elsewhere" };
      const stats = fstatSync(fd, { bigint: true });
      const file = { stats, mountId: mount.id, inode: info.inode ?? inodeOf(stats) };
      keep = stats.isDirectory();
      if (keep) this.#folders.set(keyOf(path, user), { fd, file });
      if (!stats.isSymbolicLink()) return { kind: "ok", value: file, path, link: null };
      if (mount.type === "proc") return { kind: "elsewhere" }; // such a link leads not where its text does
      return { kind: "ok", value: file, path, link: asUser(user, () => readlinkSync(named)) };
    } finally {
      if (!keep) closeSync(fd);
    }
  }

  #mayHang({ type }: Mount): boolean {
    return lookUpMayHang(type) || (this.way.foreign && type === "overlay");
  }
}

function keyOf(path: string, user: User | null): string {
  return `${user?.uid ?? ""} ${path}`;
}

function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}
