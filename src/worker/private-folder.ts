/**
 * Private folders for copies and links: no other user may enter them, and they are removed when this process exits. The
 * user who opens the database makes and removes his own: root would follow what he puts in its place.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asUser } from "../user/as-user.ts";
import { foldersTo } from "../user/folders.ts";
import { type Intruder, intruderOf } from "../user/intruder.ts";
import type { User } from "../user/user.ts";

const REASONS: Record<string, string | undefined> = {
  ENOENT: "it does not exist",
  ENOTDIR: "it is not a folder",
  EACCES: "no permission",
  EPERM: "no permission",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
};

export interface NoFolder {
  readonly why: string;
}

/** Where another user than the caller may make a folder, if not in that of `TMPDIR`, which is the caller's. */
const SHARED_PARENTS = ["/tmp", "/var/tmp"];

/** By the user who removes it. */
const folders = new Map<string, User | null>();

/**
 * A folder with mode 0700, in `parent` or where temporary files are. `user` null: the caller's. Source: mkdtemp(3)
 */
export function makePrivateFolder(user: User | null, parent?: string): string | NoFolder {
  const parents = parent !== undefined ? [parent] : user === null ? [tmpdir()] : [tmpdir(), ...SHARED_PARENTS];
  let first: NoFolder | null = null;
  for (const each of parents) {
    const made = makeIn(each, user);
    if (typeof made === "string") return made;
    first ??= made;
  }
  if (first === null) throw new Error("there is no folder to try");
  return first;
}

function makeIn(parent: string, user: User | null): string | NoFolder {
  try {
    const intruder = user === null && process.geteuid?.() === 0 ? intruderOf(foldersTo(parent)) : null;
    if (intruder !== null) return noFolder(parent, intruderText(intruder));
    const folder = asUser(user, () => mkdtempSync(join(parent, "sqlock-")));
    if (folders.size === 0) process.on("exit", removeAll);
    folders.set(folder, user);
    return folder;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return noFolder(parent, REASONS[code] ?? code);
  }
}

function noFolder(parent: string, why: string): NoFolder {
  return { why: `no folder for temporary files can be made in ${parent} (${why})` };
}

function intruderText(intruder: Intruder): string {
  const { folder } = intruder;
  switch (intruder.kind) {
    case "owner":
      return `${folder} belongs to uid ${intruder.uid}, who could replace what root makes there`;
    case "group":
      return `group ${intruder.gid} may write to ${folder}, and could replace what root makes there`;
    case "everybody":
      return `everybody may write to ${folder}, and could replace what root makes there`;
  }
}

/** This process no longer removes it. */
export function releasePrivateFolder(folder: string): void {
  folders.delete(folder);
  if (folders.size === 0) process.off("exit", removeAll);
}

/** With retries: a worker that was killed a moment ago may still be making a file in it. */
export function removePrivateFolder(folder: string): void {
  const user = folders.get(folder) ?? null;
  releasePrivateFolder(folder);
  if (user === null) rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  else removeAsUser(folder, user);
}

/** How long another user's folder may take to be removed, in ms: something in it may be a mount that never answers. */
const REMOVAL_LIMIT_MS = 5000;

/** What that user has put in it, and cannot be removed with that user's rights, stays: it is that user's own. */
function removeAsUser(folder: string, { uid, gid }: User): void {
  spawnSync("rm", ["-rf", "--", folder], {
    uid,
    gid,
    env: { PATH: process.env["PATH"] },
    cwd: "/",
    stdio: "ignore",
    timeout: REMOVAL_LIMIT_MS,
    killSignal: "SIGKILL",
  });
}

function removeAll(): void {
  for (const folder of folders.keys()) removePrivateFolder(folder);
}
