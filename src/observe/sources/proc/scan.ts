/**
 * One pass over the descriptors of all processes: which of them are on a wanted file. This is where the time goes, so
 * that it asks the kernel as little as it can: one stat(2) a descriptor, and in a large system GNU find does those (see
 * find.ts).
 */

import { readdirSync, readlinkSync, type Stats, statSync } from "node:fs";
import { BDI, hasUnlistedMounts } from "../../../proc/bdi.ts";
import { readFdInfo } from "../../../proc/fdinfo.ts";
import { type Mount, mayHang, readMountinfo } from "../../../proc/mountinfo.ts";
import { isOwn } from "../../../proc/own.ts";
import { failure, linkOf, readNames, valueOr } from "../../../proc/read.ts";
import { uptimeMs } from "../../../time.ts";
import { inodeOf } from "../../identify.ts";
import { mayHaveLostItsName, type Wanted } from "../../wanted.ts";

/** A process with at least one descriptor on a wanted file. */
export interface Hit {
  readonly pid: number;
  /** /proc/PID, or /proc/PID/task/TID where the main thread has exited (its own fd folder is then empty). */
  readonly directory: string;
  /** It may have descriptors on a mount that hangs: no stat(2) before fdinfo has said where they are. */
  readonly careful: boolean;
}

export interface ScanResult {
  readonly hits: readonly Hit[];
  /** Processes whose descriptors, or some of them, could not be looked at. */
  readonly denied: readonly number[];
  /** Processes with a descriptor of a matching inode number on a mount that cannot be asked. */
  readonly untold: readonly number[];
}

/** After how long the rest of the processes is handed to find(1), in ms; starting it costs about that much. */
const PATIENCE_MS = 25;

/** Fewer processes than this are not worth a child. */
const WORTH_A_CHILD = 64;

/** A process whose first descriptors are all denied is closed to us as a whole: the rest is not asked. */
const DENIALS = 3;

/**
 * Links of the task folder of a process with one thread (as of every thread of the kernel): `.`, `..`, and one folder a
 * thread.
 */
const ALONE = 3;

/** Pids below a /proc, in no order. */
export function listPids(proc: string): number[] {
  return valueOr(readNames(proc), [])
    .filter((name) => name >= "0" && name < ":")
    .map(Number);
}

export async function scanDescriptors(proc: string, wanted: Wanted, ownMounts: readonly Mount[]): Promise<ScanResult> {
  const scan = new Scan(proc, wanted, ownMounts);
  const pids = listPids(proc).filter((pid) => !isOwn(pid));
  const started = uptimeMs();
  for (let i = 0; i < pids.length; i++) {
    if (uptimeMs() - started > PATIENCE_MS && pids.length - i > WORTH_A_CHILD && !scan.careful) {
      const { candidatesByFind } = await import("./find.ts");
      const rest = pids.slice(i);
      // find(1) would wait for a dead mount of another namespace
      const unsafe = new Set(rest.filter((pid) => scan.mayHang(pid)));
      const safe = rest.filter((pid) => !unsafe.has(pid));
      const candidates = await candidatesByFind(proc, safe, wanted);
      for (const pid of [...(candidates ?? safe), ...unsafe]) scan.look(pid);
      break;
    }
    scan.look(pids[i] ?? 0);
  }
  return scan;
}

/** Looks at the descriptors of some processes only. */
export function scanProcesses(
  proc: string,
  pids: readonly number[],
  wanted: Wanted,
  ownMounts: readonly Mount[],
): ScanResult {
  const scan = new Scan(proc, wanted, ownMounts);
  for (const pid of pids) if (!isOwn(pid)) scan.look(pid, true);
  return scan;
}

class Scan implements ScanResult {
  readonly hits: Hit[] = [];
  readonly denied: number[] = [];
  readonly untold: number[] = [];
  /** There are mounts, here or anywhere, on which stat(2) may hang. */
  readonly careful: boolean;
  readonly #proc: string;
  readonly #wanted: Wanted;
  readonly #ownNamespace: string | null;
  /** By mount namespace: its mounts, or null where stat(2) is safe on all of them. */
  readonly #mounts = new Map<string, readonly Mount[] | null>();
  readonly #detached: boolean;

  constructor(proc: string, wanted: Wanted, ownMounts: readonly Mount[]) {
    this.#proc = proc;
    this.#wanted = wanted;
    this.#ownNamespace = mountNamespace(`${proc}/self`);
    this.#detached = hasUnlistedMounts(valueOr(readNames(BDI), []), ownMounts);
    this.careful = this.#detached || ownMounts.some((mount) => mayHang(mount.type));
    if (this.#ownNamespace !== null) this.#mounts.set(this.#ownNamespace, this.careful ? ownMounts : null);
  }

  /** Whether a descriptor of this process may be on a mount that does not answer. */
  mayHang(pid: number): boolean {
    return this.#mountsThatMayHang(`${this.#proc}/${pid}`) !== null;
  }

  /** `everyThread`: also the descriptors that a thread may have to itself (unshare(2), CLONE_FILES). */
  look(pid: number, everyThread = false): void {
    const directory = `${this.#proc}/${pid}`;
    let fds: string[];
    try {
      fds = readdirSync(`${directory}/fd`);
    } catch (error) {
      if (failure(error).kind === "denied") this.denied.push(pid);
      return;
    }
    if (fds.length > 0 && this.#lookAt(pid, directory, fds)) return;
    if (fds.length === 0 || everyThread) this.#lookAtThreads(pid, directory);
  }

  /** A main thread that has exited shows no descriptors; those of the threads that live on are the process's. */
  #lookAtThreads(pid: number, directory: string): void {
    if (linksOf(`${directory}/task`) === ALONE) return;
    for (const tid of valueOr(readNames(`${directory}/task`), [])) {
      const fds = Number(tid) === pid ? [] : valueOr(readNames(`${directory}/task/${tid}/fd`), []);
      if (fds.length > 0 && this.#lookAt(pid, `${directory}/task/${tid}`, fds)) return;
    }
  }

  #lookAt(pid: number, directory: string, fds: readonly string[]): boolean {
    const mounts = this.#mountsThatMayHang(directory);
    let denied = 0;
    let hit = false;
    for (let i = 0; i < fds.length && !hit && !(denied === i && denied === DENIALS); i++) {
      const fd = fds[i] ?? "";
      const answer = mounts === null ? this.#ask(directory, fd) : this.#askCarefully(directory, fd, mounts);
      if (answer === "denied") denied++;
      else if (answer === "untold" && this.untold.at(-1) !== pid) this.untold.push(pid);
      else if (answer === "hit") hit = true;
    }
    if (hit) this.hits.push({ pid, directory, careful: mounts !== null });
    if (denied > 0) this.denied.push(pid);
    return hit;
  }

  #ask(directory: string, fd: string): "hit" | "miss" | "denied" {
    const path = `${directory}/fd/${fd}`;
    let stats: Stats | undefined;
    try {
      stats = statSync(path, { throwIfNoEntry: false });
    } catch (error) {
      return failure(error).kind === "denied" ? "denied" : "miss";
    }
    if (stats === undefined) return "miss";
    if (this.#wanted.inodeNumbers.has(stats.ino) && this.#isWanted(path)) return "hit";
    return stats.isFile() && mayHaveLostItsName(stats, this.#wanted) && this.#wanted.deletedNames.has(linkOf(path))
      ? "hit"
      : "miss";
  }

  #isWanted(path: string): boolean {
    try {
      const exact = statSync(path, { bigint: true });
      return this.#wanted.byIdentity.has(`${exact.dev}:${inodeOf(exact)}`);
    } catch (error) {
      failure(error); // gone, or closed to us, since the first look at it
      return false;
    }
  }

  /** Where a mount may be dead: no stat(2) on a descriptor unless its mount is known to be a local one. */
  #askCarefully(directory: string, fd: string, mounts: readonly Mount[]): "hit" | "miss" | "denied" | "untold" {
    let link: string;
    try {
      link = readlinkSync(`${directory}/fd/${fd}`);
    } catch (error) {
      return failure(error).kind === "denied" ? "denied" : "miss";
    }
    if (!link.startsWith("/")) return "miss"; // a socket, a pipe, an anonymous inode
    const reading = readFdInfo(directory, fd);
    if (reading.kind !== "ok") return reading.kind === "denied" ? "denied" : "miss";
    const info = reading.value;
    if (this.#wanted.deletedNames.has(link)) return "hit";
    if (info.inode !== null && !this.#wanted.inodes.has(info.inode)) return "miss";
    const mount = mounts.find((each) => each.id === info.mountId);
    if (mount !== undefined && !mayHang(mount.type)) return this.#ask(directory, fd);
    if (info.inode === null || mount === undefined) return this.#namesOfTargets.has(link) ? "untold" : "miss";
    return this.#wanted.byLockIdentity.has(`${mount.device}:${info.inode}`) ? "hit" : "miss";
  }

  get #namesOfTargets(): ReadonlySet<string> {
    return new Set(
      [...this.#wanted.byIdentity.values()].flat().flatMap((file) => file.target.files.map((each) => each.path)),
    );
  }

  #mountsThatMayHang(directory: string): readonly Mount[] | null {
    const namespace = mountNamespace(directory);
    if (namespace === null) return this.careful ? [] : null;
    let mounts = this.#mounts.get(namespace);
    if (mounts === undefined) {
      const theirs = valueOr(readMountinfo(directory), []);
      mounts = this.#detached || theirs.some((mount) => mayHang(mount.type)) ? theirs : null;
      this.#mounts.set(namespace, mounts);
    }
    return mounts;
  }
}

function linksOf(path: string): number | null {
  try {
    return statSync(path).nlink;
  } catch (error) {
    failure(error);
    return null;
  }
}

function mountNamespace(directory: string): string | null {
  return linkOf(`${directory}/ns/mnt`) || null;
}
