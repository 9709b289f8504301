/** The real path of a file that need not exist, on mounts that may not answer. */
import { readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve as resolvePath } from "node:path";
import { UserError } from "../errors.ts";
import { lookUpMayHang, type Mount, mountOfPath } from "../proc/mountinfo.ts";
import { identify, pathExists } from "./identify.ts";
import { permissionError } from "./path-errors.ts";
import { answersInTime } from "./probe.ts";

/** MAXSYMLINKS of Linux. */
const MAX_LINKS = 40;

/** Parts of a path, with those of the links on it. */
const MAX_STEPS = 400;

/** realpath(3). @throws UserError where access is denied, or a mount does not answer in time. */
export async function realPath(path: string, mounts: readonly Mount[]): Promise<string> {
  const mount = mounts.some(({ type }) => lookUpMayHang(type)) ? firstMountThatMayHang(path, mounts) : null;
  if (mount !== null && !(await answersInTime(path))) {
    throw new UserError(
      "not-responding",
      `the ${mount.type} file system at ${mount.mountPoint} does not answer, so ${path} cannot be looked at`,
      "repair the mount (is its server up?), then try again",
    );
  }
  try {
    const real = realpathSync.native(path);
    return real === path || isSameFile(path, real) ? real : path;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" && pathExists(path)) return path; // see isSameFile()
    if (code === "EACCES") throw permissionError(path);
    if (code !== "ENOENT") return path; // ELOOP, ENOTDIR, ENAMETOOLONG: identify() reports it
    return danglingTarget(path);
  }
}

/** False below /proc/PID/root: the link reads "/", but leads into the mount namespace of that process (a container). */
function isSameFile(path: string, real: string): boolean {
  const [one, other] = [identify(path), identify(real)];
  if (one.kind !== "ok" || other.kind !== "ok") return true;
  return one.value.stats.dev === other.value.stats.dev && one.value.stats.ino === other.value.stats.ino;
}

/** Of a path that does not exist: its real folder, and the target of a dangling link. */
function danglingTarget(path: string, depth = 0): string {
  let real = path;
  try {
    real = join(realpathSync.native(dirname(path)), basename(path));
    if (depth < MAX_LINKS) return danglingTarget(resolvePath(dirname(real), readlinkSync(real)), depth + 1);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
  return real;
}

/** Follows a path link by link, as the kernel does, up to the first mount on which a system call may hang. */
function firstMountThatMayHang(path: string, mounts: readonly Mount[]): Mount | null {
  const rest = path.split("/").filter((part) => part !== "");
  let here = "/";
  for (let steps = 0; rest.length > 0 && steps < MAX_STEPS; steps++) {
    const next = join(here, rest.shift() ?? "");
    const mount = mountOfPath(mounts, next);
    if (mount !== null && lookUpMayHang(mount.type)) return mount;
    let link: string | null = null;
    try {
      link = readlinkSync(next);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
    if (link === null) here = next;
    else {
      rest.unshift(...link.split("/").filter((part) => part !== ""));
      if (link.startsWith("/")) here = "/";
    }
  }
  return null;
}
