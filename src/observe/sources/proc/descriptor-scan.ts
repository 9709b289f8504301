/** Which of some processes have a target's file open, asked descriptor by descriptor. */
import { readdirSync, readlinkSync, type Stats, statSync } from "node:fs";
import { BDI, hasUnlistedMounts } from "../../../proc/bdi.ts";
import { readFdInfo } from "../../../proc/fdinfo.ts";
import { type Mount, mayHang, readMountinfo } from "../../../proc/mountinfo.ts";
import { failure, linkOf, readNames, valueOr } from "../../../proc/read.ts";
import { inodeOf } from "../../identify.ts";
import { mayBeDeletedOrRenamed, type TargetIndex } from "../../target-index.ts";

/** A process with at least one descriptor on a target's file. */
export interface MatchedProcess {
  readonly pid: number;
  /** /proc/PID, or /proc/PID/task/TID where the main thread has exited (its own fd folder is then empty). */
  readonly directory: string;
  /**
   * Its mounts, where it may have descriptors on one that hangs: no stat(2) before fdinfo has said where they are. Null
   * where stat(2) is safe.
   */
  readonly mounts: readonly Mount[] | null;
}

export interface ScanResult {
  readonly matches: readonly MatchedProcess[];
  /** Processes of which some or all descriptors could not be looked at. */
  readonly denied: readonly number[];
  /** Processes with a descriptor of a matching name on a mount that may be dead, so that it was not asked. */
  readonly onDeadMounts: readonly number[];
}

/** When the first descriptors of a process are all denied, the rest will be too: after so many it is given up. */
const MAX_DENIALS = 3;

/** Links of the task folder of a process with one thread: `.`, `..`, and one folder a thread. */
const TASK_LINKS_OF_ONE_THREAD = 3;

type Match = "match" | "no-match" | "denied" | "on-dead-mount";

export class DescriptorScan implements ScanResult {
  readonly matches: MatchedProcess[] = [];
  readonly denied: number[] = [];
  readonly onDeadMounts: number[] = [];
  /** stat(2) may hang on a mount of this namespace, or on one that no list of mounts has. */
  readonly anyMountMayHang: boolean;
  readonly #proc: string;
  readonly #index: TargetIndex;
  /** By mount namespace: its mounts, or null where stat(2) is safe on all of them. */
  readonly #mounts = new Map<string, readonly Mount[] | null>();
  readonly #hasUnlistedMounts: boolean;

  constructor(proc: string, index: TargetIndex, ownMounts: readonly Mount[]) {
    this.#proc = proc;
    this.#index = index;
    this.#hasUnlistedMounts = hasUnlistedMounts(valueOr(readNames(BDI), []), ownMounts);
    this.anyMountMayHang = this.#hasUnlistedMounts || ownMounts.some((mount) => mayHang(mount.type));
    const ownNamespace = mountNamespace(`${proc}/self`);
    if (ownNamespace !== null) this.#mounts.set(ownNamespace, this.anyMountMayHang ? ownMounts : null);
  }

  /** Whether a descriptor of this process may be on a mount that does not answer. */
  mayHang(pid: number): boolean {
    return this.#mountsThatMayHang(`${this.#proc}/${pid}`) !== null;
  }

  /** A process that had a target's file open a moment ago: handles.ts finds out whether it still has. */
  assume(pid: number): void {
    const directory = `${this.#proc}/${pid}`;
    this.matches.push({ pid, directory, mounts: this.#mountsThatMayHang(directory) });
  }

  /** `everyThread`: also the descriptors that a thread has of its own (unshare(2), CLONE_FILES). */
  addProcess(pid: number, everyThread = false): void {
    const directory = `${this.#proc}/${pid}`;
    let fds: string[];
    try {
      fds = readdirSync(`${directory}/fd`);
    } catch (error) {
      if (failure(error).kind === "denied") this.denied.push(pid);
      return;
    }
    if (fds.length > 0 && this.#addDescriptors(pid, directory, fds)) return;
    if (fds.length === 0 || everyThread) this.#addThreads(pid, directory);
  }

  /** A main thread that has exited shows no descriptors; the other threads still show those of the process. */
  #addThreads(pid: number, directory: string): void {
    if (linksOf(`${directory}/task`) === TASK_LINKS_OF_ONE_THREAD) return;
    for (const tid of valueOr(readNames(`${directory}/task`), [])) {
      const fds = Number(tid) === pid ? [] : valueOr(readNames(`${directory}/task/${tid}/fd`), []);
      if (fds.length > 0 && this.#addDescriptors(pid, `${directory}/task/${tid}`, fds)) return;
    }
  }

  /** Stops at the first match: handles.ts then reads all descriptors of the process. */
  #addDescriptors(pid: number, directory: string, fds: readonly string[]): boolean {
    const mounts = this.#mountsThatMayHang(directory);
    let denied = 0;
    let matched = false;
    for (let i = 0; i < fds.length && !matched && !(denied === i && denied === MAX_DENIALS); i++) {
      const fd = fds[i] ?? "";
      const result = mounts === null ? this.#match(directory, fd) : this.#matchWithoutStat(directory, fd, mounts);
      if (result === "denied") denied++;
      else if (result === "on-dead-mount" && this.onDeadMounts.at(-1) !== pid) this.onDeadMounts.push(pid);
      else if (result === "match") matched = true;
    }
    if (matched) this.matches.push({ pid, directory, mounts });
    if (denied > 0) this.denied.push(pid);
    return matched;
  }

  #match(directory: string, fd: string): Match {
    const path = `${directory}/fd/${fd}`;
    let stats: Stats | undefined;
    try {
      stats = statSync(path, { throwIfNoEntry: false });
    } catch (error) {
      return failure(error).kind === "denied" ? "denied" : "no-match";
    }
    if (stats === undefined) return "no-match";
    if (this.#index.inodeNumbers.has(stats.ino) && this.#isTargetFile(path)) return "match";
    return stats.isFile() && mayBeDeletedOrRenamed(stats, this.#index) && this.#index.deletedNames.has(linkOf(path))
      ? "match"
      : "no-match";
  }

  #isTargetFile(path: string): boolean {
    try {
      const exact = statSync(path, { bigint: true });
      return this.#index.byIdentity.has(`${exact.dev}:${inodeOf(exact)}`);
    } catch (error) {
      failure(error); // closed since the first stat(2), or no longer permitted
      return false;
    }
  }

  /** Where a mount may be dead: stat(2) only for a descriptor on a mount that is known to be a local one. */
  #matchWithoutStat(directory: string, fd: string, mounts: readonly Mount[]): Match {
    let link: string;
    try {
      link = readlinkSync(`${directory}/fd/${fd}`);
    } catch (error) {
      return failure(error).kind === "denied" ? "denied" : "no-match";
    }
    if (!link.startsWith("/")) return "no-match"; // a socket, a pipe, an anonymous inode
    const reading = readFdInfo(directory, fd);
    if (reading.kind !== "ok") return reading.kind === "denied" ? "denied" : "no-match";
    const info = reading.value;
    if (this.#index.deletedNames.has(link)) return "match";
    if (info.inode !== null && !this.#index.inodes.has(info.inode)) return "no-match";
    const mount = mounts.find((each) => each.id === info.mountId);
    if (mount !== undefined && !mayHang(mount.type)) return this.#match(directory, fd);
    if (info.inode === null || mount === undefined) return this.#isPathOfTarget(link) ? "on-dead-mount" : "no-match";
    return this.#index.byLockIdentity.has(`${mount.device}:${info.inode}`) ? "match" : "no-match";
  }

  #isPathOfTarget(path: string): boolean {
    return [...this.#index.byIdentity.values()]
      .flat()
      .some(({ target }) => target.files.some((file) => file.path === path));
  }

  #mountsThatMayHang(directory: string): readonly Mount[] | null {
    const namespace = mountNamespace(directory);
    if (namespace === null) return this.anyMountMayHang ? [] : null;
    let mounts = this.#mounts.get(namespace);
    if (mounts === undefined) {
      const all = valueOr(readMountinfo(directory), []);
      mounts = this.#hasUnlistedMounts || all.some((mount) => mayHang(mount.type)) ? all : null;
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
