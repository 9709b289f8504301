/** One look at /proc: who has the targets' files open, who locks them, and what the files contain. */

import { dirname } from "node:path";
import { UserError } from "../../../errors.ts";
import { ownerOf } from "../../../model/lock.ts";
import type { DatabaseSnapshot, ProcessSeen, Snapshot, Target } from "../../../model/snapshot.ts";
import { readBootTimeMs } from "../../../proc/clock.ts";
import { type KernelLock, keyOfLock, readLocksText } from "../../../proc/locks.ts";
import { isOwn } from "../../../proc/own.ts";
import { inChildPidNamespace } from "../../../proc/pid-namespace.ts";
import { readStat } from "../../../proc/stat.ts";
import { namesOfLock } from "../../../sqlite/lock-bytes.ts";
import { uptimeMs } from "../../../time.ts";
import { readFacts } from "../../facts.ts";
import { identify } from "../../identify.ts";
import { Turns } from "../../pace.ts";
import { refresh } from "../../refresh.ts";
import { indexTargetFiles, type TargetIndex } from "../../target-index.ts";
import type { CollectOptions } from "../source.ts";
import type { ScanResult } from "./descriptor-scan.ts";
import { HandleTable } from "./handle-table.ts";
import { describeProcesses, hiddenProcess } from "./processes.ts";
import { assumeProcesses, scanAllProcesses, scanProcesses } from "./scan.ts";
import {
  type DescriptorView,
  isOnItsFile,
  locksNotInDescriptors,
  ownersToReadAgain,
  type SystemLock,
  systemLocksOnTargets,
} from "./system-locks.ts";
import { hidesProcesses, unseenInProc, userProcesses } from "./unseen.ts";

/** How old, in ms, a reading of /proc/locks may be beside the pass over the descriptors. */
const MAX_LOCKS_AGE_MS = 100;

/** `earlyLocks`: a reading of /proc/locks that was started just before. @throws UserError */
export async function collect(
  given: readonly Target[],
  options: CollectOptions,
  earlyLocks = readLocksText(options.proc),
): Promise<Snapshot> {
  const { proc, mounts } = options;
  const started = uptimeMs();
  const scan = await scanFor(indexWithFolders(given), options);
  // Started before a long pass they would be too old; beside a short one they are recent enough, and cost no wait.
  const locksText = uptimeMs() - started < MAX_LOCKS_AGE_MS ? earlyLocks : readLocksText(proc);
  const targets = given.map((target) => refresh(target, mounts)); // a journal may have come or gone during the pass
  const index = indexWithFolders(targets);
  const table = new HandleTable(index);
  const denied = new Set(scan.denied);
  table.read(scan.matches);
  const addDenied = (late: ScanResult) => {
    for (const pid of late.denied) denied.add(pid);
    return late.matches;
  };
  const missed = [...(options.known?.keys() ?? [])].filter((pid) => !table.has(pid));
  if (missed.length > 0) table.read(addDenied(scanProcesses(proc, missed, index, mounts)));
  const bootTimeMs = readBootTimeMs(proc, Date.now());
  const describe = (pids: readonly number[]): Promise<Map<number, ProcessSeen>> =>
    describeProcesses(
      proc,
      pids.map((pid) => ({ pid, openFiles: table.openFiles(pid) })),
      bootTimeMs,
      options.known,
    );
  const processes = await describe(table.pids()); // while the kernel prepares /proc/locks
  const reading = await locksText;
  if (reading.kind !== "ok" && options.locksOnly) throw noLocksFile(proc);
  let locks = systemLocksOnTargets(index, reading);

  // Owners of locks that the pass did not find: they opened the file since, are denied, or were not scanned.
  const owners = [...new Set(locks.flatMap(({ lock }) => lock.pid ?? []))].filter(
    (pid) => !table.has(pid) && !isOwn(pid),
  );
  table.read(addDenied(scanProcesses(proc, owners, index, mounts)));

  // Processes that are hidden (hidepid) or gone (another one has their file table): only their locks are visible.
  const root = process.geteuid?.() === 0;
  const hidepid = hidesProcesses(mounts, proc, root);
  const invisible = owners.filter((pid) => !table.has(pid) && readStat(`${proc}/${pid}`).kind !== "ok");
  const hidden = new Set(hidepid ? invisible : []);
  const gone = new Set(options.locksOnly ? invisible.filter((pid) => !hidden.has(pid)) : []);
  for (const pid of [...hidden, ...gone]) denied.add(pid);

  const childNamespace = inChildPidNamespace(proc);
  const scannedAll = !options.locksOnly && options.pids === undefined;
  const view = (): DescriptorView => ({
    handles: table.handles(),
    denied,
    complete: scannedAll && denied.size === 0 && !childNamespace,
  });
  const readAgain = ownersToReadAgain(
    locks.flatMap(({ lock, ambiguous }) => (ambiguous ? [] : lock)),
    view(),
  );
  if (readAgain.length > 0 || invisible.length > 0) {
    table.readAgain(readAgain);
    for (const pid of readAgain) processes.delete(pid); // a lock that is new is no older than this moment
    const stillHeld = new Set(
      systemLocksOnTargets(index, await readLocksText(proc)).map(({ lock }) => keyOfLock(lock)),
    );
    locks = locks.filter(({ lock }) => stillHeld.has(keyOfLock(lock)));
  }
  const additional = locksNotInDescriptors(locks.filter(isOnItsFile), view());
  const databases: DatabaseSnapshot[] = [];
  const turns = new Turns();
  for (const target of targets) {
    const systemLocks = additional
      .filter((each) => each.target === target)
      .map(({ role, lock }) => ({ role, lock: withoutOwner(lock, gone) }));
    const handles = table.handlesOn(target);
    const facts = await readFacts(target, isWalIndexLive(handles, systemLocks), options);
    databases.push({ target, facts, handles, systemLocks });
    await turns.giveWay();
  }
  const pids = new Set(
    databases.flatMap((each) => [
      ...each.handles.keys(),
      ...each.systemLocks.flatMap(({ lock }) => ownerOf(lock) ?? []),
    ]),
  );
  for (const [pid, process] of await describe([...pids].filter((pid) => !processes.has(pid))))
    processes.set(pid, process);
  for (const pid of hidden) if (pids.has(pid) && !processes.has(pid)) processes.set(pid, hiddenProcess(pid));
  const network = targets.some((target) => target.fileSystem?.network === true);
  return {
    source: "proc",
    takenAt: new Date(), // after all that was measured: durations are lower bounds at this time
    databases,
    processes,
    unseen: unseenInProc({
      root,
      denied: userProcesses(
        proc,
        [...denied].filter((pid) => !gone.has(pid)),
      ),
      onDeadMounts: scan.onDeadMounts,
      deniedWithAmbiguousLock: deniedWithAmbiguousLock(locks, denied),
      hasAmbiguousLocks: options.locksOnly && locks.some(({ ambiguous, lock }) => ambiguous && lock.api !== "posix"),
      noLocksFile: reading.kind !== "ok",
      hidesProcesses: hidepid,
      childNamespace,
      network,
    }),
    childNamespace,
    partialView: childNamespace || network,
  };
}

async function scanFor(
  index: TargetIndex,
  { proc, pids, known, mounts, ...options }: CollectOptions,
): Promise<ScanResult> {
  if (pids !== undefined) {
    const assumed = assumeProcesses(proc, [...(known?.keys() ?? [])], index, mounts);
    const others = scanProcesses(
      proc,
      pids.filter((pid) => known?.has(pid) !== true),
      index,
      mounts,
    );
    return { ...others, matches: [...assumed.matches, ...others.matches] };
  }
  if (options.locksOnly) return { matches: [], denied: [], onDeadMounts: [] };
  return scanAllProcesses(proc, index, mounts);
}

function indexWithFolders(targets: readonly Target[]): TargetIndex {
  const folders = new Set(targets.filter((target) => target.files.length === 0).map((target) => dirname(target.path)));
  const devices = [...folders].flatMap((folder) => {
    const found = identify(folder);
    return found.kind === "ok" ? [found.value.stats.dev] : [];
  });
  return indexTargetFiles(targets, devices);
}

function noLocksFile(proc: string): UserError {
  return new UserError("no-proc", `${proc}/locks cannot be read`, "look without --locks-only");
}

/** The lock of a process that is gone belongs to another one that shares its file table, and that one is not known. */
function withoutOwner(lock: KernelLock, gone: ReadonlySet<number>): KernelLock {
  return lock.pid !== null && gone.has(lock.pid) ? { ...lock, pid: null } : lock;
}

function deniedWithAmbiguousLock(locks: readonly SystemLock[], denied: ReadonlySet<number>): number[] {
  const owners = locks.flatMap(({ lock, ambiguous }) => (ambiguous && lock.pid !== null ? [lock.pid] : []));
  return [...new Set(owners.filter((pid) => denied.has(pid)))];
}

/** Some process holds DMS, so that the wal-index is up to date. */
function isWalIndexLive(handles: DatabaseSnapshot["handles"], systemLocks: DatabaseSnapshot["systemLocks"]): boolean {
  const isDms = (lock: KernelLock) => !lock.waiting && namesOfLock("shm", lock.api, lock.type, lock).includes("DMS");
  return (
    systemLocks.some(({ role, lock }) => role === "shm" && isDms(lock)) ||
    [...handles.values()]
      .flat()
      .some((handle) => handle.role === "shm" && !handle.deleted && handle.info?.locks.some(isDms))
  );
}
