/** The real path of a file that need not exist, on mounts that may not answer. */
import { readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve as resolvePath } from "node:path";
import { UserError } from "../errors.ts";
import { lookUpMayHang, type Mount, mountOfPath } from "../proc/mountinfo.ts";
import { asUser } from "../user/as-user.ts";
import type { User } from "../user/user.ts";
import { identify, pathExists } from "./identify.ts";
import { loopError, permissionError } from "./path-errors.ts";
import { answersInTime } from "./probe.ts";

/** MAXSYMLINKS of Linux. */
const MAX_LINKS = 40;

/** Parts of a path, with those of the links on it. */
const MAX_STEPS = 400;

/**
 * realpath(3). `user`: who looks, where root may not. @throws UserError where access is denied, links go round
 * in a circle, or a mount does not answer in time.
 */
export async function realPath(path: string, mounts: readonly Mount[], user: User | null = null): Promise<string> {
  await requireAnswer(path, mounts, user);
  return asUser(user, () => follow(path));
}

async function requireAnswer(path: string, mounts: readonly Mount[], user: User | null): Promise<void> {
  const mount = mountThatMayHang(path, mounts);
  if (mount !== null && !(await answersInTime(path, user))) {
    const which = mount === "too-long" ? "a file system" : `the ${mount.type} file system at ${mount.mountPoint}`;
    throw new UserError(
      "not-responding",
      `${which} does not answer, so ${path} cannot be inspected`,
      "repair the mount (is its server up?), then try again",
    );
  }
}

function follow(path: string): string {
  try {
    const real = realpathSync.native(path);
    return real === path || isSameFile(path, real) ? real : withoutLastLink(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" && pathExists(path)) return withoutLastLink(path); // see isSameFile()
    if (code === "EACCES") throw permissionError(path);
    if (code === "ELOOP") throw loopError(path);
    if (code !== "ENOENT") return path; // ENOTDIR, ENAMETOOLONG: identify() reports it
    return danglingTarget(path);
  }
}

/** False below /proc/PID/root: the link reads "/", but leads into the mount namespace of that process (a container). */
function isSameFile(path: string, real: string): boolean {
  const [one, other] = [identify(path, { follow: true }), identify(real)];
  if (one.kind !== "ok" || other.kind !== "ok") return true;
  return one.value.stats.dev === other.value.stats.dev && one.value.stats.ino === other.value.stats.ino;
}

/** Below /proc/PID/root, a link with an absolute target starts there. */
const ROOT_OF_PROCESS = /^\/proc\/(?:self|thread-self|\d+)\/(?:task\/\d+\/)?root(?=\/|$)/;

/** The path in the same mount namespace whose last part is no link. */
function withoutLastLink(path: string): string {
  const root = ROOT_OF_PROCESS.exec(path)?.[0] ?? "";
  let here = path;
  for (let links = 0; links < MAX_LINKS; links++) {
    let link: string;
    try {
      link = readlinkSync(here);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      return here;
    }
    here = link.startsWith("/") ? root + link : join(dirname(here), link);
  }
  return path;
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

/** Whether looking up this path may wait for a server or a daemon. */
export function mayHangOnTheWay(path: string, mounts: readonly Mount[]): boolean {
  return mountThatMayHang(path, mounts) !== null;
}

/**
 * Follows a path link by link, as the kernel does, up to the first mount on which a system call may hang. `too-long`:
 * nobody has so many links but to hide where they lead.
 */
export function mountThatMayHang(path: string, mounts: readonly Mount[]): Mount | "too-long" | null {
  if (!mounts.some(({ type }) => lookUpMayHang(type))) return null;
  const rest = partsOf(path);
  let here = "/";
  for (let steps = 0; rest.length > 0; steps++) {
    if (steps === MAX_STEPS) return "too-long";
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
      rest.unshift(...partsOf(link));
      if (link.startsWith("/")) here = "/";
    }
  }
  return null;
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}
