/**
 * The locks of /proc/locks beside what the descriptors show. The two are read one after the other: where the first look
 * leaves a lock open that nobody who was seen explains, there are more, until two agree (unexplained.ts).
 */

import type { ProcessSeen, Searched } from "../../../model/snapshot.ts";
import { keyOfLock, readLocksText } from "../../../proc/locks.ts";
import { isOwn } from "../../../proc/own.ts";
import type { Reading } from "../../../proc/read.ts";
import { readStat } from "../../../proc/stat.ts";
import { sleep, uptimeMs } from "../../../time.ts";
import type { TargetIndex } from "../../target-index.ts";
import type { CollectOptions } from "../source.ts";
import type { HandleTable } from "./handle-table.ts";
import { scanAllThreads, scanProcesses } from "./scan.ts";
import {
  type DescriptorView,
  isOnItsFile,
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
  /** Processes that could not be looked into. */
  readonly denied: Set<number>;
  readonly childNamespace: boolean;
  /** See `hidesProcesses`: a process that does not seem to exist may be hidden. */
  readonly hidepid: boolean;
  readonly describe: (pids: readonly number[]) => Promise<Map<number, ProcessSeen>>;
}

export interface SettledLocks {
  /** What the descriptors do not show: locks and waits of processes that were seen or could not be looked into. */
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

/** Between two looks, in ms. */
const PAUSE_MS = 3;

/** A process that is older than this has not come just to hold a lock for a moment, in ms. */
const MAX_NEWCOMER_AGE_MS = 1000;

export async function settleLocks(
  first: Reading<string[]>,
  { index, table, processes, denied, childNamespace, hidepid, describe }: Seen,
  { proc, mounts, locksOnly, pids }: CollectOptions,
): Promise<SettledLocks> {
  const maySearch = !locksOnly && pids === undefined;
  const linesOf = (reading: Reading<string[]>) => systemLocksOnTargets(index, reading).filter(isOnItsFile);
  const gone = new Set<number>();
  const view = (): DescriptorView => ({
    handles: table.handles(),
    denied,
    gone,
    complete: maySearch && denied.size === 0 && !childNamespace,
  });
  /** Owners of locks that the pass did not find: they opened the file since, are denied, or were not scanned. */
  const lookIntoOwners = async (locks: readonly SystemLock[]) => {
    const owners = [...new Set(locks.flatMap(({ lock }) => lock.pid ?? []))].filter(
      (pid) => !table.has(pid) && !isOwn(pid),
    );
    const late = scanProcesses(proc, owners, index, mounts);
    table.read(late.matches);
    for (const pid of late.denied) denied.add(pid);
    await describeNow(owners);
    for (const pid of owners) if (!table.has(pid) && readStat(`${proc}/${pid}`).kind !== "ok") gone.add(pid);
  };
  /** At once, since they may end at any moment. One that has ended has no handle any more. */
  const describeNow = async (some: readonly number[]) => {
    const found = some.filter((pid) => table.has(pid));
    if (found.length > 0) for (const [pid, process] of await describe(found)) processes.set(pid, process);
    table.forget(found.filter((pid) => !processes.has(pid) || readStat(`${proc}/${pid}`).kind !== "ok"));
  };

  const known = new Set(table.pids());
  const looks: LockLook[] = [];
  const firstLines = linesOf(first);
  let lines = firstLines;
  let searchedAfter: number | null = null;
  let spentMs = 0;
  for (;;) {
    const started = uptimeMs();
    await lookIntoOwners(lines);
    for (const pid of table.pids()) if (!known.has(pid) && !isNewcomer(processes.get(pid))) known.add(pid);
    const unexplained = unexplainedLocks(lines, view());
    looks.push({
      atMs: uptimeMs(),
      unexplained: maySearch ? unexplained : unexplained.filter(({ lock }) => lock.api === "posix"),
      ofNewcomers: lines.filter(
        ({ lock }) => isHeld(lock) && lock.pid !== null && table.has(lock.pid) && !known.has(lock.pid),
      ),
    });
    const step = nextStep(looks, { maySearch, searchedAfter, spentMs });
    const readAgain =
      looks.length > 1
        ? []
        : ownersToReadAgain(
            lines.flatMap(({ lock, ambiguous }) => (ambiguous ? [] : lock)),
            view(),
          );
    if (step === "done" && readAgain.length === 0) break;
    if (step === "search-threads") {
      const found = await scanAllThreads(proc, index, mounts, denied);
      table.read(found.matches);
      table.dropSharedTables();
      searchedAfter = looks.length;
      await describeNow(table.pids().filter((pid) => !processes.has(pid)));
    } else if (step === "look-again") await sleep(PAUSE_MS);
    // What some look explained is left as that look has it: its holder is known by then.
    const withoutPid = hiddenLocks(looks).some(({ lock }) => lock.api !== "posix");
    const newcomers = table.pids().filter((pid) => !known.has(pid));
    const toRead = maySearch && withoutPid ? table.pids() : [...readAgain, ...newcomers];
    table.readAgain(toRead);
    // a lock that is new is no older than this moment
    for (const pid of toRead) if (known.has(pid)) processes.delete(pid);
    lines = linesOf(await readLocksText(proc));
    if (step !== "search-threads") spentMs += uptimeMs() - started;
  }

  const unexplainedNow = unexplainedLocks(lines, view());
  const hidden = new Set(hidepid ? hiddenOwners(lines, hiddenLocks(looks), denied, proc) : []);
  for (const pid of hidden) denied.add(pid);
  const held = new Set(firstLines.map(({ lock }) => keyOfLock(lock)));
  const lasting = lines.filter(({ lock }) => held.has(keyOfLock(lock)) || (lock.pid !== null && !known.has(lock.pid)));
  const unowned = [
    ...locksWithoutOwner(looks),
    ...(maySearch ? [] : unexplainedNow.filter(({ lock }) => lock.api !== "posix")),
  ].filter(({ lock }) => lock.api !== "posix" || lock.pid === null || !hidden.has(lock.pid));
  return {
    owned: locksNotInDescriptors(lasting, view()),
    unowned: unowned.filter(({ ambiguous }) => !ambiguous),
    changing: locksThatChangeHands(looks),
    ambiguous: unowned.filter(({ ambiguous }) => ambiguous),
    hidden,
    searched: !maySearch
      ? "lock-owners"
      : searchedAfter !== null && denied.size === 0 && !childNamespace
        ? "everything"
        : "visible",
  };
}

/** Owners of which nothing but a lock can be seen, as hidepid has it. */
function hiddenOwners(
  lines: readonly SystemLock[],
  unexplained: readonly SystemLock[],
  denied: ReadonlySet<number>,
  proc: string,
): number[] {
  const owners = lines.flatMap(({ lock }) => (lock.pid !== null && denied.has(lock.pid) ? [lock.pid] : []));
  const others = unexplained.flatMap(({ lock }) => (isHeld(lock) && lock.pid !== null ? [lock.pid] : []));
  return [...owners, ...others].filter((pid) => readStat(`${proc}/${pid}`).kind !== "ok");
}

function isHeld({ api, waiting }: SystemLock["lock"]): boolean {
  return api === "posix" && !waiting;
}

function isNewcomer(process: ProcessSeen | undefined): boolean {
  return process?.startedAt != null && Date.now() - process.startedAt.getTime() < MAX_NEWCOMER_AGE_MS;
}
