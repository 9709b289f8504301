/** One look at /proc: who has the targets' files open, who locks them, and what the files contain. */

import { dirname } from "node:path";
import { UserError } from "../../../errors.ts";
import { isFileOf, ownerOf } from "../../../model/lock.ts";
import type { DatabaseSnapshot, ProcessSeen, Snapshot, Target } from "../../../model/snapshot.ts";
import { readBootTimeMs } from "../../../proc/clock.ts";
import type { KernelLock } from "../../../proc/locks.ts";
import type { LocksFile } from "../../../proc/locks-file.ts";
import { inChildPidNamespace } from "../../../proc/pid-namespace.ts";
import { readSight } from "../../../proc/sight.ts";
import { inChildUserNamespace } from "../../../proc/user-namespace.ts";
import { namesOfLock } from "../../../sqlite/lock-bytes.ts";
import type { CompanionRole } from "../../../sqlite/roles.ts";
import { uptimeMs } from "../../../time.ts";
import { readFacts } from "../../facts.ts";
import { identify } from "../../identify.ts";
import { Turns } from "../../pace.ts";
import { refresh } from "../../refresh.ts";
import { indexTargetFiles, type TargetIndex } from "../../target-index.ts";
import { viewerHere } from "../../viewer.ts";
import type { CollectOptions } from "../source.ts";
import type { ScanResult } from "./descriptor-scan.ts";
import { HandleTable } from "./handle-table.ts";
import { describeProcesses, hiddenProcess } from "./processes.ts";
import { assumeProcesses, scanAllProcesses, scanProcesses } from "./scan.ts";
import { type Seen, searchThreads, settleLocks } from "./settle.ts";
import { type SystemLock, systemLocksOnTargets } from "./system-locks.ts";
import { hidesProcesses, unseenInProc, userProcesses } from "./unseen.ts";

/** How old, in ms, a reading of /proc/locks may be beside the pass over the descriptors. */
const MAX_LOCKS_AGE_MS = 100;

/** `earlyLocks`: a reading of `locksFile` that was started just before. @throws UserError */
export async function collect(
  given: readonly Target[],
  options: CollectOptions,
  locksFile: LocksFile,
  earlyLocks: ReturnType<LocksFile["read"]>,
): Promise<Snapshot> {
  const { proc, mounts } = options;
  const started = uptimeMs();
  const scan = await scanFor(indexWithFolders(given), options);
  // Started before a long pass they would be too old; beside a short one they are recent enough, and cost no wait.
  const isRecent = uptimeMs() - started < MAX_LOCKS_AGE_MS || locksFile.isOver;
  const locksText = isRecent ? earlyLocks : locksFile.read();
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
      mounts,
      options.known,
    );
  const processes = await describe(table.pids()); // while the kernel prepares /proc/locks
  table.forget(table.pids().filter((pid) => !processes.has(pid))); // ended since
  const reading = await locksText;
  if (reading.kind !== "ok" && options.locksOnly) throw noLocksFile(proc);
  const locksReadInPart = reading.kind === "ok" && !reading.value.complete;
  const userNamespace = inChildUserNamespace(proc);
  const sight = readSight(proc, process.geteuid?.() === 0, userNamespace);
  const hidepid = hidesProcesses(mounts, proc, sight);
  const childNamespace = inChildPidNamespace(proc);
  const { onDeadMounts, onSameInode } = scan;
  const complete = !childNamespace && onDeadMounts.length === 0;
  const seen: Seen = { index, table, processes, denied, complete, onSameInode, hidepid, describe, locksFile };
  const { owned, unowned, changing, ambiguous, hidden, searched } = await settleLocks(reading, seen, options);
  const databases: DatabaseSnapshot[] = [];
  const turns = new Turns();
  const looksForAll = !options.locksOnly && options.pids === undefined;
  let allThreads: "not-searched" | "searched" | "in-part" = searched === "part" ? "not-searched" : "searched";
  for (const target of targets) {
    const on = (locks: readonly SystemLock[]) => locks.filter((each) => each.target === target);
    const systemLocks = [
      ...on(owned).map(({ role, lock }) => ({ role, lock })),
      ...on(unowned).map(({ role, lock }) => ({ role, lock: { ...lock, pid: null } })),
    ];
    let handles = table.handlesOn(target);
    const facts = await readFacts(target, isWalIndexLive(target, handles, systemLocks), options);
    if (looksForAll && allThreads === "not-searched" && lacksItsWriter(facts, handles, systemLocks)) {
      allThreads = (await searchThreads(seen, options)) ? "searched" : "in-part";
    }
    if (allThreads !== "not-searched") handles = table.handlesOn(target);
    databases.push({
      target,
      facts,
      handles,
      systemLocks,
      fuseServers: new Set([...handles.keys()].filter((pid) => table.servesFuse(pid))),
      changing: changing.filter((each) => each.target === target),
    });
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
  const onNetwork = targets.flatMap(({ fileSystem }) => (fileSystem?.network === true ? fileSystem : []));
  const network = onNetwork.length > 0;
  const unreachedView = targets.some(({ unreachedViews = [] }) => unreachedViews.length > 0);
  return {
    source: "proc",
    viewer: viewerHere(userNamespace),
    takenAt: new Date(), // after all that was measured: durations are lower bounds at this time
    databases,
    processes,
    unseen: unseenInProc({
      sight,
      denied: userProcesses(proc, [...denied]),
      onDeadMounts,
      deniedWithAmbiguousLock: deniedWithAmbiguousLock(systemLocksOnTargets(index, reading), denied),
      hasAmbiguousLocks: ambiguous.length > 0,
      searched,
      threadsNotSearched: allThreads === "in-part",
      noLocksFile: reading.kind !== "ok",
      locksReadInPart,
      hidesProcesses: hidepid,
      childNamespace,
      network: onNetwork.some(({ host }) => host !== true),
      host: onNetwork.some(({ host }) => host === true),
      unreachedView,
      unreadMounts: targets.some(({ unreadMounts }) => unreadMounts === true),
    }),
    childNamespace,
    locksOnly: options.locksOnly,
    userNamespace,
    partialView: childNamespace || network || unreachedView || locksReadInPart,
    locksReadInPart,
    searched,
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
  if (options.locksOnly) return { matches: [], denied: [], onDeadMounts: [], onSameInode: [] };
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
  return new UserError("no-proc", `${proc}/locks cannot be read`, "run it without --locks-only");
}

function deniedWithAmbiguousLock(locks: readonly SystemLock[], denied: ReadonlySet<number>): number[] {
  const owners = locks.flatMap(({ lock, ambiguous }) => (ambiguous && lock.pid !== null ? [lock.pid] : []));
  return [...new Set(owners.filter((pid) => denied.has(pid)))];
}

/**
 * A transaction's -journal, or a -wal with commits, that nobody who was seen has open or a lock for: likely its writer
 * is dead, unless one of its threads has it open for itself.
 */
function lacksItsWriter(
  { journal, wal }: DatabaseSnapshot["facts"],
  handles: DatabaseSnapshot["handles"],
  systemLocks: DatabaseSnapshot["systemLocks"],
): boolean {
  const isOpen = (role: CompanionRole) => [...handles.values()].flat().some((handle) => handle.role === role);
  return (
    (journal !== null &&
      (journal.header === "valid" || journal.begun) &&
      !isOpen("journal") &&
      !isLocked(systemLocks)) ||
    (wal !== null && !wal.live && (wal.frames > 0 || !wal.complete) && !isOpen("wal"))
  );
}

function isLocked(systemLocks: DatabaseSnapshot["systemLocks"]): boolean {
  return systemLocks.some(({ role, lock }) => role === "database" && !lock.waiting && lock.type === "write");
}

/** Some process holds DMS, so that the wal-index is up to date. */
function isWalIndexLive(
  target: Target,
  handles: DatabaseSnapshot["handles"],
  systemLocks: DatabaseSnapshot["systemLocks"],
): boolean {
  const isDms = (lock: KernelLock) => !lock.waiting && namesOfLock("shm", lock.api, lock.type, lock).includes("DMS");
  return (
    systemLocks.some(({ role, lock }) => role === "shm" && isDms(lock)) ||
    [...handles.values()]
      .flat()
      .some(
        (handle) =>
          handle.role === "shm" && (!handle.deleted || isFileOf(target, handle)) && handle.info?.locks.some(isDms),
      )
  );
}
