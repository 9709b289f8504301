/**
 * Where tracefs is mounted. Where it is not, it is mounted in a folder of our own, for as long as this recorder runs: a
 * mount of another recorder is never used, so that none is pulled away under anybody.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmdirSync } from "node:fs";
import { type Mount, readMountinfo } from "../proc/mountinfo.ts";
import { readNames, readText, valueOr } from "../proc/read.ts";
import { codeOf, TraceError } from "./errors.ts";
import { ownerOf } from "./name.ts";
import { attempt, lockedDown } from "./tracefs.ts";

export interface Tracefs {
  readonly directory: string;
  /** It was mounted by {@link findOrMount}: see {@link unmount}. */
  readonly ours: boolean;
}

/** Where our own folder is made: only root may write there, so that nobody can put a link in its place. */
const FOLDER = "/run";
const USUAL = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];

/** Mount points of tracefs that anybody may use, the usual places first. Pure. */
export function tracefsMounts(mounts: readonly Mount[]): Mount[] {
  const rank = ({ mountPoint }: Mount) => (USUAL.indexOf(mountPoint) + USUAL.length + 1) % (USUAL.length + 1);
  return mounts
    .filter(({ type, root, mountPoint }) => type === "tracefs" && root === "/" && !isOurs(mountPoint))
    .sort((a, b) => rank(a) - rank(b));
}

/** A mount point of some recorder's own. */
function isOurs(mountPoint: string): boolean {
  return mountPoint.startsWith(`${FOLDER}/`) && ownerOf(mountPoint.slice(FOLDER.length + 1)) !== null;
}

/** `name`: of the folder for our own mount. @throws TraceError */
export function findOrMount(name: string): Tracefs {
  const mounts = valueOr(readMountinfo("/proc/self"), []);
  const usable = tracefsMounts(mounts).filter(({ mountPoint }) => isTracefs(mountPoint));
  const writable = usable.find(({ readOnly }) => !readOnly);
  if (writable !== undefined) return { directory: writable.mountPoint, ours: false };
  if (!/\ttracefs$/m.test(valueOr(readText("/proc/filesystems"), "\ttracefs"))) throw new TraceError("no-tracefs");
  try {
    return { directory: mountOwn(name), ours: true };
  } catch (error) {
    if (usable[0] !== undefined) throw new TraceError("read-only", usable[0].mountPoint, "EROFS");
    throw error;
  }
}

/** Another file system may lie over the mount. */
function isTracefs(directory: string): boolean {
  return readText(`${directory}/events/header_page`).kind !== "gone";
}

/** @throws TraceError */
function mountOwn(name: string): string {
  const directory = `${FOLDER}/${name}`;
  attempt(directory, () => mkdirSync(directory, { mode: 0o700 }));
  if (succeeds("mount", ["-t", "tracefs", "-o", "nosuid,nodev,noexec", "tracefs", directory])) return directory;
  rmdirSync(directory);
  throw new TraceError(lockedDown() ? "lockdown" : "mount-refused", directory);
}

function succeeds(program: string, args: readonly string[]): boolean {
  const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };
  return spawnSync(program, args, { stdio: "ignore", cwd: "/", env }).status === 0;
}

/** Unmounts our own, and removes its folder. False: it is still there. */
export function unmount(directory: string): boolean {
  const mounts = valueOr(readMountinfo("/proc/self"), []);
  if (mounts.some(({ mountPoint, type }) => mountPoint === directory && type === "tracefs"))
    succeeds("umount", [directory]);
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    return codeOf(error) === "ENOENT";
  }
}

/** Folders for our own mounts, with or without a mount. */
export function ownFolders(): { readonly name: string; readonly directory: string }[] {
  const names = valueOr(readNames(FOLDER), []).filter((name) => ownerOf(name) !== null);
  return names.map((name) => ({ name, directory: `${FOLDER}/${name}` }));
}
