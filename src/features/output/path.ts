/** Where the path of a file that sqlock writes leads, name by name, as the kernel follows it. */
import { lstatSync, readlinkSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../errors.ts";
import { type Mount, mounterOf, mountOfPath } from "../../proc/mountinfo.ts";
import { readLink, valueOr } from "../../proc/read.ts";
import { asUser } from "../../user/as-user.ts";
import { type User, userOf } from "../../user/user.ts";
import { type Distrust, distrustOf, distrustText, isShared, isSticky, noRightsText, type OnPath } from "./trust.ts";

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

/** Where the output goes, and who writes it. */
export interface Destination {
  readonly target: OutputPath;
  /** Root writes a new file in the folder of another user with the rights of that user; null: the caller writes it. */
  readonly user: User | null;
}

/** What was given: the option, its value, and what a caller may do without it. */
export interface GivenOutput {
  readonly option: string;
  readonly given: string;
  /** `leave --output out and redirect stdout`. */
  readonly instead: string;
  /** Left out: a file. */
  readonly isFolder?: true;
}

/** @throws UserError where another user could have another file written, or an error of the system */
export function destinationOf(output: GivenOutput, path: string, mounts: readonly Mount[], me: number): Destination {
  const found = follow(path, mounts, me);
  if (found.kind === "path") return { target: found.path, user: null };
  if (me === 0 && found.distrust.kind === "folder") {
    const target = newFileOf(found.distrust.uid, path, mounts);
    if (target !== null) return { target, user: userOf(found.distrust.uid) };
    if (output.isFolder === true) throw distrusted(output, noRightsText(found.distrust), me);
  }
  throw distrusted(output, distrustText(found.distrust), me);
}

/** Null where that user could not make it, or something is there: what is another user's is not replaced. */
function newFileOf(uid: number, path: string, mounts: readonly Mount[]): OutputPath | null {
  try {
    const found = asUser(userOf(uid), () => follow(path, mounts, uid, true));
    return found.kind === "path" && found.path.stats === null ? found.path : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return null;
  }
}

/** MAXSYMLINKS of Linux. */
const MAX_LINKS = 40;

type Followed =
  | { readonly kind: "path"; readonly path: OutputPath }
  | { readonly kind: "distrust"; readonly distrust: Distrust };

/**
 * `path` is absolute. What is trusted cannot be exchanged by others afterwards: each folder on the way keeps them from
 * it. `forRoot`: root asks, with the rights of `me`. @throws an error of the system
 */
function follow(path: string, mounts: readonly Mount[], me: number, forRoot = me === 0): Followed {
  const rest = namesOf(path);
  const root = entryOf("/", lstatSync("/"), mounts);
  const atRoot = distrustOf(root, null, me);
  if (atRoot !== null) return { kind: "distrust", distrust: atRoot };
  // The folders from "/" to where it is.
  const above = [root];
  for (let links = 0; ; ) {
    const folder = above.at(-1) as OnPath;
    const name = rest.shift();
    const end = (where: string, at: Stats | null, own = false): Followed => ({
      kind: "path",
      path: {
        path: where,
        stats: at,
        inSharedFolder: isShared(folder) && isSticky(folder),
        isOwnDescriptor: own,
      },
    });
    if (name === undefined) return end(folder.path, lstatSync(folder.path));
    if (name === "..") {
      if (above.length > 1) above.pop();
      continue;
    }
    const next = join(folder.path, name);
    // before anything is asked of it: the user's own program may never answer
    const mounter = forRoot ? mounterAt(mounts, next) : null;
    if (mounter !== null) return { kind: "distrust", distrust: { path: next, kind: "mount", uid: mounter } };
    const stats = lstatSync(next, { throwIfNoEntry: false });
    if (stats === undefined) {
      if (rest.length > 0) throw systemError("ENOENT");
      return end(next, null);
    }
    const entry = entryOf(next, stats, mounts);
    const distrust = distrustOf(entry, folder, me);
    if (distrust !== null) return { kind: "distrust", distrust };
    if (isOwnDescriptor(next)) return end(next, statSync(next), true);
    if (entry.kind === "folder") above.push(entry);
    else if (entry.kind === "link") {
      links++;
      if (links > MAX_LINKS) throw systemError("ELOOP");
      if (isOfOtherProcess(next))
        return { kind: "distrust", distrust: { path: next, kind: "elsewhere", uid: stats.uid } };
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
  const mount = mountOfPath(mounts, path);
  return { path, kind, uid, gid, mode: mode & 0o7777, mountedBy: mount === null ? null : mounterOf(mount) };
}

/** What the links in /proc/PID/fd lead to has no path. */
function isOwnDescriptor(path: string): boolean {
  const self = valueOr(readLink("/proc/self"), "self");
  return new RegExp(`^/proc/${self}/(?:task/\\d+/)?fd/\\d+$`).test(path);
}

/** What these links of another process lead to may lie in another mount namespace, where their text is another file. */
function isOfOtherProcess(path: string): boolean {
  const pid = /^\/proc\/(\d+)\/(?:task\/\d+\/)?(?:root|cwd|exe|fd\/\d+|map_files\/[^/]+)$/.exec(path)?.[1];
  return pid !== undefined && pid !== valueOr(readLink("/proc/self"), "self");
}

/** Who has mounted the file system that begins at `path`; null: root, or none begins there. */
function mounterAt(mounts: readonly Mount[], path: string): number | null {
  const mount = mountOfPath(mounts, path);
  return mount?.mountPoint === path ? mounterOf(mount) : null;
}

function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}

function distrusted({ option, given, instead, isFolder }: GivenOutput, why: string, me: number): UserError {
  const what = isFolder === true ? "folder" : "file in a folder";
  return new UserError(
    "cannot-write",
    `${option} ${given} was not written: ${why}`,
    me === 0 ? `give a ${what} to which only root can write, or ${instead}` : `give a ${what} that belongs to you`,
  );
}
