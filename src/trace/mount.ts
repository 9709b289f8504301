/**
 * Where tracefs is mounted. Where it is not, it is mounted in a folder of our own, for as long as this recorder runs: a
 * mount of another recorder is never used, so that none is pulled away under anybody.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmdirSync } from "node:fs";
import type { Mount } from "../proc/mountinfo.ts";
import { readMountinfo } from "../proc/mountinfo.ts";
import { readNames, readText, valueOr } from "../proc/read.ts";
import { codeOf, TraceError } from "./errors.ts";
import { ownerOf } from "./name.ts";
import { lockedDown } from "./tracefs.ts";

export interface Tracefs {
  readonly directory: string;
  /** It was mounted by {@link findOrMount}: see {@link unmount}. */
  readonly ours: boolean;
}

/** Folders for our own mount; the first that exists. */
export const MOUNT_FOLDERS = ["/run", "/tmp"] as const;
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
  const cut = mountPoint.lastIndexOf("/");
  const folder = mountPoint.slice(0, cut);
  return MOUNT_FOLDERS.some((own) => own === folder) && ownerOf(mountPoint.slice(cut + 1)) !== null;
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
  let refused: TraceError | null = null;
  for (const folder of MOUNT_FOLDERS) {
    const directory = `${folder}/${name}`;
    try {
      mkdirSync(directory, { mode: 0o700 });
    } catch (error) {
      refused ??= new TraceError("failed", directory, codeOf(error));
      continue;
    }
    const { status } = spawnSync("mount", ["-t", "tracefs", "-o", "nosuid,nodev,noexec", "tracefs", directory], {
      stdio: "ignore",
      cwd: "/",
    });
    if (status === 0) return directory;
    rmdirSync(directory);
    throw new TraceError(lockedDown() ? "lockdown" : "mount-refused", directory);
  }
  throw refused ?? new TraceError("failed");
}

/** Unmounts our own, and removes its folder. False: it is still there. */
export function unmount(directory: string): boolean {
  spawnSync("umount", [directory], { stdio: "ignore", cwd: "/" });
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    return codeOf(error) === "ENOENT";
  }
}

/** Folders for mounts whose recorder has ended. */
export function leftMounts(hasEnded: (name: string) => boolean): string[] {
  return MOUNT_FOLDERS.flatMap((folder) =>
    valueOr(readNames(folder), [])
      .filter((name) => ownerOf(name) !== null && hasEnded(name))
      .map((name) => `${folder}/${name}`),
  );
}
