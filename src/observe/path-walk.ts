/**
 * Follows a path name by name, as the kernel does, and says whose the links on it are. Through descriptors that open
 * nothing (O_PATH): what has been passed cannot be exchanged afterwards.
 */

import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { O_PATH, readFdInfo } from "../proc/fdinfo.ts";
import { type Mount, mounterOf } from "../proc/mountinfo.ts";
import { valueOr } from "../proc/read.ts";
import { CLOCK_TICK_MS } from "./clock-tick.ts";
import { inodeOf } from "./identify.ts";

/** A symbolic link, and who made it. */
export interface Link {
  readonly path: string;
  readonly uid: number;
}

/** Which file or folder it is, and whose. */
export interface FileOnPath {
  readonly device: bigint;
  readonly inode: bigint;
  readonly uid: number;
  /** The permission bits. */
  readonly mode: number;
  /** How many names (hard links) it has. */
  readonly names: number;
}

export interface PathWalk {
  /** Without links; where nothing is there, as far as it could be followed, and the rest. */
  readonly path: string;
  readonly links: readonly Link[];
  /** Null: nothing is there, or a folder. */
  readonly file: FileOnPath | null;
  /** That the path leads to; else the one that the last name was looked for in. */
  readonly folder: FileOnPath;
  /** No link was exchanged while it was read. */
  readonly settled: boolean;
}

/** MAXSYMLINKS of Linux. */
const MAX_LINKS = 40;

/** `path` is absolute. Needs /proc. On mounts that do not answer it hangs: resolve the path before. */
export function walkPath(path: string, mounts: readonly Mount[]): PathWalk {
  const rest = namesOf(path);
  const links: Link[] = [];
  let settled = true;
  let at = rootFolder();
  const end = (where: string, file: FileOnPath | null): PathWalk => ({
    path: join(where, ...rest),
    links,
    file: rest.length === 0 ? file : null,
    folder: factsOf(at.fd, fstatSync(at.fd, { bigint: true }), mounts),
    settled,
  });
  try {
    for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
      const next = step(at, name, mounts);
      if (next.link !== null) links.push(next.link);
      if (next.kind === "absent") return end(join(at.path, name), null);
      if (next.kind === "file") return end(next.path, next.file);
      if (next.kind === "link") {
        if (links.length > MAX_LINKS) return end(join(at.path, name), null);
        settled &&= next.settled;
        rest.unshift(...namesOf(next.text));
        if (!next.text.startsWith("/")) continue;
      }
      closeSync(at.fd);
      at = next.kind === "folder" ? next : rootFolder();
    }
    return end(at.path, null);
  } finally {
    closeSync(at.fd);
  }
}

function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

/** A folder, open. */
interface Folder {
  readonly fd: number;
  readonly path: string;
}

function rootFolder(): Folder {
  return { fd: openSync("/", O_PATH), path: "/" };
}

/** `link`: what was followed; its `text` is still to be. */
type Step = { readonly link: Link | null } & (
  | ({ readonly kind: "folder" } & Folder)
  | { readonly kind: "file"; readonly path: string; readonly file: FileOnPath }
  | { readonly kind: "link"; readonly text: string; readonly settled: boolean }
  /** Nothing is there, or it cannot be seen. */
  | { readonly kind: "absent" }
);

function step(from: Folder, name: string, mounts: readonly Mount[]): Step {
  const path = name === ".." ? dirname(from.path) : join(from.path, name);
  const named = `/proc/self/fd/${from.fd}/${name}`; // openat(2), which Node.js lacks
  let link: Link | null = null;
  try {
    const found = inspectName(named, mounts);
    if (!found.isLink) return { ...arrival(found.fd, path, mounts), link };
    link = { path, uid: found.uid };
    if (found.onProc) {
      // Links of /proc/PID lead where their text does not (another mount namespace): the kernel follows them.
      const target = openSync(named, O_PATH);
      return { ...arrival(target, readlinkSync(`/proc/self/fd/${target}`), mounts), link };
    }
    const text = readlinkSync(named);
    return { kind: "link", link, text, settled: isSettled(found.stats, lstatSync(named, { bigint: true })) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return { kind: "absent", link };
  }
}

type NameSeen =
  | { readonly isLink: false; readonly fd: number }
  | { readonly isLink: true; readonly stats: BigIntStats; readonly uid: number; readonly onProc: boolean };

/** A descriptor of what is there; of a link its facts alone. */
function inspectName(named: string, mounts: readonly Mount[]): NameSeen {
  const fd = openSync(named, O_PATH | constants.O_NOFOLLOW);
  const stats = fstatSync(fd, { bigint: true });
  if (!stats.isSymbolicLink()) return { isLink: false, fd };
  const { uid } = factsOf(fd, stats, mounts);
  const onProc = mountOf(fd, mounts)?.type === "proc";
  closeSync(fd);
  return { isLink: true, stats, uid, onProc };
}

/** Keeps the descriptor of a folder open, and closes that of a file. */
function arrival(fd: number, path: string, mounts: readonly Mount[]) {
  const stats = fstatSync(fd, { bigint: true });
  if (stats.isDirectory()) return { kind: "folder", fd, path } as const;
  const file = factsOf(fd, stats, mounts);
  closeSync(fd);
  return { kind: "file", path, file } as const;
}

/** The text that was read is that of the link that was looked at: a rename would have set its change time. */
function isSettled(before: BigIntStats, after: BigIntStats): boolean {
  if (before.ino !== after.ino || before.dev !== after.dev || before.ctimeNs !== after.ctimeNs) return false;
  const ageMs = Date.now() - Number(after.ctimeNs) / 1e6;
  return ageMs < 0 || ageMs > CLOCK_TICK_MS;
}

function factsOf(fd: number, stats: BigIntStats, mounts: readonly Mount[]): FileOnPath {
  return {
    device: stats.dev,
    inode: inodeOf(stats),
    uid: ownerIn(mountOf(fd, mounts), Number(stats.uid)),
    mode: Number(stats.mode & 0o7777n),
    names: Number(stats.nlink),
  };
}

/** The owner of a file: in a FUSE file system that a user mounted, that user. */
export function ownerIn(mount: Pick<Mount, "type" | "superOptions"> | undefined, uid: number): number {
  return (mount === undefined ? null : mounterOf(mount)) ?? uid;
}

function mountOf(fd: number, mounts: readonly Mount[]): Mount | undefined {
  const id = valueOr(readFdInfo("/proc/self", String(fd)), null)?.mountId;
  return mounts.find((mount) => mount.id === id);
}
