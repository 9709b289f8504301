/**
 * The locks of /proc/locks beside what the descriptors show. The two are read one after the other: where the first look
 * leaves a lock open that nobody who was seen explains, there are more, until two agree (unexplained.ts).
 */

import type { ProcessSeen, Searched } from "../../../model/snapshot.ts";
import { readFdInfo } from "../../../proc/fdinfo.ts";
import { type KernelLock, keyOfLock } from "../../../proc/locks.ts";
import type { LocksFile, LocksText } from "../../../proc/locks-file.ts";
import { isOwn } from "../../../proc/own.ts";
import type { Reading } from "../../../proc/read.ts";
import { readStat } from "../../../proc/stat.ts";
import { sleep, uptimeMs } from "../../../time.ts";
import type { TargetIndex } from "../../target-index.ts";
import type { CollectOptions } from "../source.ts";
import type { Descriptor } from "./descriptor-scan.ts";
import type { HandleTable } from "./handle-table.ts";
import { scanAllThreads, scanProcesses } from "./scan.ts";
import {
  type DescriptorView,
  isOnItsFile,
  isOnPresent,
  locksNotInDescriptors,
  ownersToReadAgain,
  type SystemLock,
  systemLocksOnTargets,
  unexplainedLocks,
} from "./system-locks.ts";
import {
  type ChangingLock,
  hiddenLocks,
  type LockLook,
  locksThatChangeHands,
  locksWithoutOwner,
  nextStep,
} from "./unexplained.ts";

/** What the pass over the descriptors found; the looks add to it. */
export interface Seen {
  readonly index: TargetIndex;
  readonly table: HandleTable;
  readonly processes: Map<number, ProcessSeen>;
  /** Processes that could not be inspected. */
  readonly denied: Set<number>;
  /** Nobody is out of sight but those. */
  readonly complete: boolean;
  readonly onSameInode: readonly Descriptor[];
  /** See `hidesProcesses`: a process that does not seem to exist may be hidden. */
  readonly hidepid: boolean;
  readonly describe: (pids: readonly number[]) => Promise<Map<number, ProcessSeen>>;
  readonly locksFile: LocksFile;
}

export interface SettledLocks {
  /** What the descriptors do not show: locks and waits of processes that were seen or could not be inspected. */
  readonly owned: readonly SystemLock[];
  /** Locks of which no owner is known. */
  readonly unowned: readonly SystemLock[];
  readonly changing: readonly ChangingLock[];
  /** Locks that may be on another file, and that no process which was read has on this one. */
  readonly ambiguous: readonly SystemLock[];
  /** Processes that hidepid hides: of them only a lock is visible. */
  readonly hidden: ReadonlySet<number>;
  readonly searched: Searched;
}

/** How long all threads may be searched: a process may have a thousand of them, with a thousand descriptors each. */
const MAX_SEARCH_MS = 2000;

/** Between two looks, in ms. */
const PAUSE_MS = 3;

/** Reads the descriptors of all threads that may be inspected. @returns whether the time was enough */
export async function searchThreads(seen: Seen, { proc, mounts }: CollectOptions): Promise<boolean> {
  const { table, denied, index, processes, describe } = seen;
  const until = uptimeMs() + MAX_SEARCH_MS;
  const { matches, complete } = await scanAllThreads(proc, index, mounts, denied, until);
  const late = matches.findIndex((match) => {
    table.read([match]);
    return uptimeMs() > until;
  });
  table.dropSharedTables();
  const found = table.pids().filter((pid) => !processes.has(pid));
  if (found.length > 0) for (const [pid, process] of await describe(found)) processes.set(pid, process);
  return complete && (late < 0 || late === matches.length - 1);
}

export async function settleLocks(
  first: Reading<LocksText>,
  seen: Seen,
  options: CollectOptions,
): Promise<SettledLocks> {
  const { table, denied, processes, locksFile } = seen;
  const owners = new Owners(seen, options);
  const looks: LockLook[] = [];
  const linesOf = (reading: Reading<LocksText>) => systemLocksOnTargets(seen.index, reading).filter(isOnItsFile);
  const firstLines = linesOf(first);
  let lines = firstLines;
  let searchedAfter: number | null = null;
  let searchedAll = false;
  let spentMs = 0;
  for (;;) {
    const started = uptimeMs();
    await owners.lookInto(lines);
    const view = owners.view();
    const unexplained = unexplainedLocks(lines, view).filter(isOnPresent);
    looks.push({
      atMs: uptimeMs(),
      unexplained: owners.maySearch ? unexplained : unexplained.filter(({ lock }) => lock.api === "posix"),
      ofNewcomers: lines.filter(({ lock }) => isPosixHeld(lock) && owners.isNewcomer(lock.pid)),
    });
    const step = nextStep(looks, {
      maySearch: owners.maySearch,
      searchedAfter,
      spentMs: locksFile.isOver ? Infinity : spentMs,
    });
    const readAgain = looks.length > 1 ? [] : ownersToReadAgain(certain(lines), view);
    if (step === "done" && readAgain.length === 0) break;
    if (step === "search-threads") {
      searchedAll = await owners.searchThreads();
      searchedAfter = looks.length;
    } else if (step === "look-again") await sleep(PAUSE_MS);
    // What some look explained is left as that look has it: its holder is known by then.
    const withoutPid = hiddenLocks(looks).some(({ lock }) => lock.api !== "posix");
    const newcomers = table.pids().filter((pid) => owners.isNewcomer(pid));
    const toRead = owners.maySearch && withoutPid ? table.pids() : [...readAgain, ...newcomers];
    table.readAgain(toRead);
    // a lock that is new is no older than this moment
    for (const pid of toRead) if (!owners.isNewcomer(pid)) processes.delete(pid);
    // by now a companion file may be gone, and its inode number another file's
    lines = (locksFile.isOver ? lines : linesOf(await locksFile.read())).filter(isOnPresent);
    if (step !== "search-threads") spentMs += uptimeMs() - started;
  }

  const hidden = new Set(seen.hidepid ? owners.hiddenAmong(lines, hiddenLocks(looks)) : []);
  for (const pid of hidden) denied.add(pid);
  const held = new Set(firstLines.map(({ lock }) => keyOfLock(lock)));
  const lasting = lines.filter(({ lock }) => held.has(keyOfLock(lock)) || owners.isNewcomer(lock.pid));
  const view = owners.view();
  const withoutPid = unexplainedLocks(lines, view).filter((each) => each.lock.api !== "posix" && isOnPresent(each));
  const unowned = [...locksWithoutOwner(looks), ...(owners.maySearch ? [] : withoutPid)].filter(
    ({ lock }) => !isPosixHeld(lock) || lock.pid === null || !hidden.has(lock.pid),
  );
  const everything = seen.complete && denied.size === 0;
  return {
    owned: locksNotInDescriptors(lasting, view),
    unowned: unowned.filter(({ ambiguous }) => !ambiguous),
    changing: locksThatChangeHands(looks),
    ambiguous: unowned.filter(({ ambiguous }) => ambiguous),
    hidden,
    searched: !owners.maySearch ? "lock-owners" : !searchedAll ? "part" : everything ? "everything" : "visible",
  };
}

/** A process that is older than this has not come just to hold a lock for a moment, in ms. */
const MAX_NEWCOMER_AGE_MS = 1000;

/** Who owns the locks: what is known of them grows with each look. */
class Owners {
  /** The look is to find the processes that have the files open: descriptors of all threads may be searched. */
  readonly maySearch: boolean;
  readonly #seen: Seen;
  readonly #options: CollectOptions;
  /** Processes that the pass found, or that are too old to be one of many that come and go. */
  readonly #known: Set<number>;
  readonly #gone = new Set<number>();

  constructor(seen: Seen, options: CollectOptions) {
    this.#seen = seen;
    this.#options = options;
    this.#known = new Set(seen.table.pids());
    this.maySearch = !options.locksOnly && options.pids === undefined;
  }

  view(): DescriptorView {
    const { table, denied, complete, onSameInode } = this.#seen;
    return {
      handles: table.handles(),
      denied,
      gone: this.#gone,
      complete: this.maySearch && complete && denied.size === 0,
      onSameInode: onSameInode.flatMap(({ directory, fd }) => {
        const info = readFdInfo(directory, fd);
        return info.kind === "ok" ? info.value.locks : [];
      }),
    };
  }

  /** Whether it has come since the pass, and not long before. */
  isNewcomer(pid: number | null): boolean {
    const { table, denied } = this.#seen;
    return pid !== null && !this.#known.has(pid) && (table.has(pid) || denied.has(pid));
  }

  /** Owners of locks that the pass did not find: they opened the file since, are denied, or were not scanned. */
  async lookInto(lines: readonly SystemLock[]): Promise<void> {
    const { table, denied, index } = this.#seen;
    const pids = [...new Set(lines.flatMap(({ lock }) => lock.pid ?? []))].filter(
      (pid) => !table.has(pid) && !isOwn(pid),
    );
    const late = scanProcesses(this.#options.proc, pids, index, this.#options.mounts);
    table.read(late.matches);
    for (const pid of late.denied) denied.add(pid);
    await this.#describe(pids);
  }

  /** @returns whether the time was enough */
  async searchThreads(): Promise<boolean> {
    const complete = await searchThreads(this.#seen, this.#options);
    await this.#describe(this.#seen.table.pids());
    return complete;
  }

  /** Of some owners: those of which nothing but a lock can be seen, as hidepid has it. */
  hiddenAmong(lines: readonly SystemLock[], unexplained: readonly SystemLock[]): number[] {
    const owners = lines.flatMap(({ lock }) => (lock.pid !== null && this.#seen.denied.has(lock.pid) ? lock.pid : []));
    const others = unexplained.flatMap(({ lock }) => (isPosixHeld(lock) ? (lock.pid ?? []) : []));
    return [...owners, ...others].filter((pid) => this.#isAway(pid));
  }

  /** At once, since they may end at any moment: one that has ended holds nothing any more. */
  async #describe(pids: readonly number[]): Promise<void> {
    const { table, denied, processes, hidepid, describe } = this.#seen;
    const isOwner = (pid: number) => table.has(pid) || denied.has(pid);
    const owners = pids.filter((pid) => isOwner(pid) && !processes.has(pid));
    if (owners.length > 0) for (const [pid, process] of await describe(owners)) processes.set(pid, process);
    for (const pid of pids) {
      if (this.#isAway(pid)) {
        this.#gone.add(pid);
        table.forget([pid]);
        if (!hidepid) denied.delete(pid);
      } else if (isOwner(pid) && isOld(processes.get(pid))) this.#known.add(pid);
    }
  }

  /** It has ended, or is hidden. */
  #isAway(pid: number): boolean {
    return readStat(`${this.#options.proc}/${pid}`).kind !== "ok";
  }
}

/** One whose start is not known counts as old. */
function isOld(process: ProcessSeen | undefined): boolean {
  return process?.startedAt == null || Date.now() - process.startedAt.getTime() >= MAX_NEWCOMER_AGE_MS;
}

function certain(lines: readonly SystemLock[]): KernelLock[] {
  return lines.flatMap(({ lock, ambiguous }) => (ambiguous ? [] : lock));
}

function isPosixHeld({ api, waiting }: KernelLock): boolean {
  return api === "posix" && !waiting;
}
