/**
 * Private folders for copies and links: no other user may enter them, and they are removed when this process exits. The
 * user who opens the database makes and removes his own: root would follow what he puts in its place.
 */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asUser, becameUser, OWN_SESSION } from "../user/as-user.ts";
import { foldersTo } from "../user/folders.ts";
import { type Intruder, intruderOf } from "../user/intruder.ts";
import { isRootOverOthers } from "../user/isolated.ts";
import type { User } from "../user/user.ts";
import { removeCommand } from "./remove/command.ts";

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

/** Of a name. */
const NAME_BYTES = 12;

/** By the user who removes it. */
const folders = new Map<string, User | null>();

/** Told the path before the folder is made; and again, with false, where that fails. */
export type Announce = (path: string, comes: boolean) => void;

/**
 * A folder with mode 0700, in `parent` or where temporary files are. `user` null: the caller's. As mkdtemp(3) makes it:
 * under a name that nobody can guess.
 */
export function makePrivateFolder(
  user: User | null,
  parent?: string,
  announce: Announce = () => undefined,
): string | NoFolder {
  const isCallers = user === null && becameUser() === null;
  const parents = parent !== undefined ? [parent] : isCallers ? [tmpdir()] : [tmpdir(), ...SHARED_PARENTS];
  let first: NoFolder | null = null;
  for (const each of parents) {
    const made = makeIn(each, user, announce);
    if (typeof made === "string") return made;
    first ??= made;
  }
  if (first === null) throw new Error("there is no folder to try");
  return first;
}

function makeIn(parent: string, user: User | null, announce: Announce): string | NoFolder {
  let announced: string | null = null;
  try {
    const owner = user ?? becameUser() ?? (isRootOverOthers() ? ROOT : null);
    const folder = asUser(user, () => {
      const name = `sqlock-${randomBytes(NAME_BYTES).toString("hex")}`;
      return join(owner === null ? parent : keptBy(owner, parent), name);
    });
    announce(folder, true);
    announced = folder;
    asUser(user, () => mkdirSync(folder, { mode: 0o700 }));
    if (folders.size === 0) process.on("exit", removeAll);
    folders.set(folder, user);
    return folder;
  } catch (error) {
    if (announced !== null) announce(announced, false);
    if (error instanceof NotKept) return noFolder(parent, error.message);
    return noFolder(parent, reasonOf(error));
  }
}

const ROOT: Pick<User, "uid"> = { uid: 0 };

class NotKept extends Error {}

/**
 * The real path of a folder where nobody but root and this user can put another folder in the place of his. Run by
 * root alone: an ordinary caller chooses his own folders. @throws NotKept
 */
function keptBy({ uid }: Pick<User, "uid">, parent: string): string {
  const folders = foldersTo(parent);
  const intruder = intruderOf(folders, { uid, gid: null }); // a member of his group would read the copy
  if (intruder !== null) throw new NotKept(intruderText(intruder, uid === 0 ? "root" : `uid ${uid}`));
  return folders.at(-1)?.path ?? parent;
}

/** @throws the error itself where it is none of the system's */
function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  return REASONS[code] ?? code;
}

function noFolder(parent: string, why: string): NoFolder {
  return { why: `no folder for temporary files can be made in ${parent} (${why})` };
}

function intruderText(intruder: Intruder, maker: string): string {
  const { folder } = intruder;
  switch (intruder.kind) {
    case "owner":
      return `${folder} belongs to uid ${intruder.uid}, who could replace what ${maker} makes there`;
    case "group":
      return (
        `group ${intruder.gid}, or whom an ACL names, may write to ${folder}, and could replace what ${maker} makes ` +
        "there"
      );
    case "everybody":
      return `everybody may write to ${folder}, and could replace what ${maker} makes there`;
  }
}

/** This process no longer removes it. */
export function releasePrivateFolder(folder: string): void {
  folders.delete(folder);
  if (folders.size === 0) process.off("exit", removeAll);
}

/**
 * @returns why something of it is left; null else. Another user may have put something in it, or in its place, that
 * even he cannot remove: it is his own.
 */
export function removePrivateFolder(folder: string): string | null {
  const user = folders.get(folder) ?? null;
  releasePrivateFolder(folder);
  if (user !== null) return removeByCommand(removeCommand({ folder, user }), process.env);
  if (becameUser() !== null)
    return removeByCommand(["sh", "-c", REMOVE, "sqlock", folder], { PATH: process.env["PATH"] });
  try {
    // With retries: a worker that was killed a moment ago may still be making a file in it.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}

/** How long another user's folder may take to be removed, in ms: something in it may be a mount that never answers. */
const REMOVAL_LIMIT_MS = 5000;

/** By whom this process has become, with retries as above. */
const REMOVE = 'for n in 1 2 3 4 5; do rm -rf -- "$1" && exit; sleep 0.05; done; exit 1';

/** In a process of its own, with a limit of time; synchronous, since this process may be exiting. */
function removeByCommand([program, ...args]: readonly [string, ...string[]], env: NodeJS.ProcessEnv): string | null {
  const { status, signal } = spawnSync(program, args, {
    ...OWN_SESSION,
    env,
    cwd: "/",
    stdio: "ignore",
    timeout: REMOVAL_LIMIT_MS,
    killSignal: "SIGKILL",
  });
  if (status === 0) return null;
  return signal === null ? "its user cannot remove what is in it, or in its place" : "it took too long";
}

function removeAll(): void {
  for (const folder of folders.keys()) removePrivateFolder(folder);
}
