/** Where the path of --output leads, name by name, as the kernel follows it. */
import { lstatSync, readlinkSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../errors.ts";
import { type Mount, mountOfPath } from "../../proc/mountinfo.ts";
import { readLink, valueOr } from "../../proc/read.ts";
import { distrustOf, distrustText, isShared, isSticky, type OnPath } from "./output-trust.ts";

export interface OutputPath {
  /** Without links. */
  readonly path: string;
  /** Null: nothing is there yet. */
  readonly stats: Stats | null;
  /** Others may make names in its folder (/tmp, say), but neither rename nor delete those of others. */
  readonly inSharedFolder: boolean;
  /** One of this process's own descriptors (/dev/stdout, /dev/fd/3). */
  readonly isOwnDescriptor: boolean;
}

/** MAXSYMLINKS of Linux. */
const MAX_LINKS = 40;

/**
 * `path` is absolute. What is trusted cannot be exchanged by others afterwards: each folder on the way keeps them from
 * it. @throws UserError where it is not, or an error of the system
 */
export function followOutput(given: string, path: string, mounts: readonly Mount[], me: number): OutputPath {
  const rest = namesOf(path);
  const trusted = (where: string, stats: Stats, parent: OnPath | null): OnPath => {
    const entry = entryOf(where, stats, mounts);
    const found = distrustOf(entry, parent, me);
    if (found !== null) throw distrusted(given, distrustText(found), me);
    return entry;
  };
  // The folders from "/" to where it is.
  const above = [trusted("/", lstatSync("/"), null)];
  for (let links = 0; ; ) {
    const folder = above.at(-1) as OnPath;
    const name = rest.shift();
    const end = (where: string, at: Stats | null): OutputPath => ({
      path: where,
      stats: at,
      inSharedFolder: isShared(folder) && isSticky(folder),
      isOwnDescriptor: false,
    });
    if (name === undefined) return end(folder.path, lstatSync(folder.path));
    if (name === "..") {
      if (above.length > 1) above.pop();
      continue;
    }
    const next = join(folder.path, name);
    const stats = lstatSync(next, { throwIfNoEntry: false });
    if (stats === undefined) {
      if (rest.length > 0) throw systemError("ENOENT");
      return end(next, null);
    }
    const entry = trusted(next, stats, folder);
    if (isOwnDescriptor(next)) return { ...end(next, statSync(next)), isOwnDescriptor: true };
    if (entry.kind === "folder") above.push(entry);
    else if (entry.kind === "link") {
      links++;
      if (links > MAX_LINKS) throw systemError("ELOOP");
      const text = readlinkSync(next);
      rest.unshift(...namesOf(text));
      if (text.startsWith("/")) above.length = 1;
    } else if (rest.length > 0) throw systemError("ENOTDIR");
    else return end(next, stats);
  }
}

function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

function entryOf(path: string, stats: Stats, mounts: readonly Mount[]): OnPath {
  const kind = stats.isDirectory() ? "folder" : stats.isSymbolicLink() ? "link" : stats.isFile() ? "file" : "device";
  const { uid, gid, mode } = stats;
  return { path, kind, uid, gid, mode: mode & 0o7777, mountedBy: mounterOf(mountOfPath(mounts, path)) };
}

/** Source: mount.fuse3(8), user_id. */
function mounterOf(mount: Mount | null): number | null {
  if (mount === null || !mount.type.startsWith("fuse")) return null;
  const uid = Number(/(?:^|,)user_id=(\d+)/.exec(mount.superOptions)?.[1] ?? 0);
  return uid === 0 ? null : uid;
}

/** What the links in /proc/PID/fd lead to has no path. */
function isOwnDescriptor(path: string): boolean {
  const self = valueOr(readLink("/proc/self"), "self");
  return new RegExp(`^/proc/${self}/(?:task/\\d+/)?fd/\\d+$`).test(path);
}

function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}

function distrusted(given: string, why: string, me: number): UserError {
  return new UserError(
    "cannot-write",
    `--output ${given} is not written: ${why}`,
    me === 0
      ? "give a file in a folder where root alone may write, or leave --output out and redirect stdout"
      : "give a file in a folder of your own",
  );
}
