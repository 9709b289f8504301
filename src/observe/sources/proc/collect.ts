/** One look at the machine: who has the targets' files open, who locks them, and what the files say. */

import { dirname } from "node:path";
import { UserError } from "../../../errors.ts";
import type { DatabaseSnapshot, Snapshot, Target } from "../../../model/snapshot.ts";
import { readBootTimeMs } from "../../../proc/clock.ts";
import { type KernelLock, keyOfLock, locksOfPasses, ownerOf, readLocksText } from "../../../proc/locks.ts";
import type { Mount } from "../../../proc/mountinfo.ts";
import { isOwn } from "../../../proc/own.ts";
import type { Reading } from "../../../proc/read.ts";
import { readStat } from "../../../proc/stat.ts";
import { namesOfLock } from "../../../sqlite/lock-bytes.ts";
import { uptimeMs } from "../../../time.ts";
import { readFacts } from "../../facts.ts";
import { identify, inodeOf } from "../../identify.ts";
import { refresh, statOf } from "../../refresh.ts";
import { type Wanted, wantedFiles } from "../../wanted.ts";
import { type HandlesOfProcess, readHandles } from "./handles.ts";
import { describeProcesses, hiddenProcess } from "./processes.ts";
import { type Hit, type ScanResult, scanDescriptors, scanProcesses } from "./scan.ts";
import { contradictions, newsInLocks } from "./system-locks.ts";
import { hidesProcesses, isPartialView, unseenProcesses } from "./unseen.ts";

export interface CollectOptions {
  /** Where /proc is mounted. */
  readonly proc: string;
  /** The mounts of this process. */
  readonly mounts: readonly Mount[];
  /** Only the owners of locks, from /proc/locks: no pass over all processes. */
  readonly locksOnly: boolean;
  /** A reading of /proc/locks that was begun just now. */
  readonly locks?: ReturnType<typeof readLocksText> | undefined;
  /** Only these processes, for a second look. */
  readonly pids?: readonly number[];
}

/** How old, in ms, a reading of /proc/locks may be beside the pass over the descriptors. */
const FRESH_MS = 100;

type SystemLock = DatabaseSnapshot["systemLocks"][number] & { readonly target: Target; readonly ambiguous: boolean };

export async function collect(given: readonly Target[], options: CollectOptions): Promise<Snapshot> {
  const { proc, mounts } = options;
  const started = uptimeMs();
  const firstLocks = options.locks ?? readLocksText(proc);
  const before = wantedOf(given);
  const scan = await scanFor(before, options);
  // Begun before a long pass they would be too old; those of a short one are as good as new, and cost no wait.
  const nextLocks = uptimeMs() - started < FRESH_MS ? firstLocks : readLocksText(proc);
  const targets = given.map((target) => refresh(target, mounts)); // a journal may have come or gone during the pass
  const wanted = wantedOf(targets);
  const known = new Map<number, { hit: Hit; found: HandlesOfProcess }>();
  const denied = new Set(scan.denied);
  const untold = new Set(scan.untold);
  const learn = (hits: readonly Hit[]) => {
    for (const hit of hits) {
      const found = readHandles(hit, wanted);
      if (found !== null && found.handles.size > 0) known.set(hit.pid, { hit, found });
      else known.delete(hit.pid);
    }
  };
  learn(scan.hits);
  const bootTimeMs = readBootTimeMs(proc, Date.now());
  const describe = (pids: readonly number[]) =>
    describeProcesses(
      proc,
      pids.map((pid) => ({ pid, openFiles: known.get(pid)?.found.openFiles ?? null })),
      bootTimeMs,
    );
  const processes = await describe([...known.keys()]); // while the kernel brings /proc/locks
  const reading = await nextLocks;
  if (reading.kind !== "ok" && options.locksOnly) throw noLocksFile(proc);
  let locks = systemLocks(wanted, reading);
  // Owners of locks that the pass did not meet: they have come since, are not ours to look into, or were not looked
  // for.
  const owners = [...new Set(locks.flatMap(({ lock }) => lock.pid ?? []))].filter(
    (pid) => !known.has(pid) && !isOwn(pid),
  );
  const late = scanProcesses(proc, owners, wanted, mounts);
  learn(late.hits);
  for (const pid of late.denied) denied.add(pid);
  // Processes that do not exist for us (hidepid), or no more (another one has their file table): only the lock says
  // that they are.
  const unseen = owners.filter((pid) => !known.has(pid) && readStat(`${proc}/${pid}`).kind !== "ok");
  const hidden = new Set(hidesProcesses(mounts, proc) ? unseen : []);
  const gone = new Set(options.locksOnly ? unseen.filter((pid) => !hidden.has(pid)) : []);
  for (const pid of [...hidden, ...gone]) denied.add(pid);
  const view = () => ({
    handles: new Map([...known].map(([pid, { found }]) => [pid, [...found.handles.values()].flat()] as const)),
    denied,
    whole: !options.locksOnly && options.pids === undefined && denied.size === 0 && !isPartialView(proc),
  });
  const doubtful = contradictions(
    locks.flatMap(({ lock, ambiguous }) => (ambiguous ? [] : lock)),
    view(),
  );
  if (doubtful.length > 0 || unseen.length > 0) {
    learn(doubtful.flatMap((pid) => known.get(pid)?.hit ?? []));
    for (const pid of doubtful) processes.delete(pid); // a lock that is new is no older than this moment
    const again = new Set(systemLocks(wanted, await readLocksText(proc)).map(({ lock }) => keyOfLock(lock)));
    locks = locks.filter(({ lock }) => again.has(keyOfLock(lock)));
  }
  const relevant = newsInLocks(locks.filter(isOfItsFile), view());
  const databases = targets.map((target): DatabaseSnapshot => {
    const ofTarget = relevant
      .filter((each) => each.target === target)
      .map(({ role, lock }) => ({ role, lock: withoutOwner(lock, gone) }));
    const handles = new Map(
      [...known].flatMap(([pid, { found }]) => {
        const ours = found.handles.get(target);
        return ours === undefined ? [] : [[pid, ours] as const];
      }),
    );
    return {
      target,
      facts: readFacts(target.files, isWalIndexLive(handles, ofTarget)),
      handles,
      systemLocks: ofTarget,
    };
  });
  const pids = new Set(
    databases.flatMap((each) => [
      ...each.handles.keys(),
      ...each.systemLocks.flatMap(({ lock }) => ownerOf(lock) ?? []),
    ]),
  );
  for (const [pid, process] of await describe([...pids].filter((pid) => !processes.has(pid))))
    processes.set(pid, process);
  for (const pid of hidden) if (pids.has(pid) && !processes.has(pid)) processes.set(pid, hiddenProcess(pid));
  return {
    source: "proc",
    takenAt: new Date(), // after all that was measured: what was true then is no younger now
    databases,
    processes,
    unseen: unseenProcesses(proc, mounts, targets, {
      denied: [...denied].filter((pid) => !gone.has(pid)),
      untold: [...untold],
      suspects: [
        ...new Set(
          locks.flatMap(({ lock, ambiguous }) =>
            ambiguous && lock.pid !== null && denied.has(lock.pid) ? [lock.pid] : [],
          ),
        ),
      ],
      ambiguousLocks: options.locksOnly && hasUntoldLocks(locks),
      noLocksFile: reading.kind !== "ok",
    }),
    childNamespace: isPartialView(proc),
    partialView: isPartialView(proc) || targets.some((target) => target.fileSystem?.network === true),
  };
}

async function scanFor(wanted: Wanted, options: CollectOptions): Promise<ScanResult> {
  if (options.pids !== undefined) return scanProcesses(options.proc, options.pids, wanted, options.mounts);
  if (options.locksOnly) return { hits: [], denied: [], untold: [] };
  return scanDescriptors(options.proc, wanted, options.mounts);
}

function wantedOf(targets: readonly Target[]): Wanted {
  const folders = new Set(targets.filter((target) => target.files.length === 0).map((target) => dirname(target.path)));
  const devices = [...folders].flatMap((folder) => {
    const found = identify(folder);
    return found.kind === "ok" ? [found.value.stats.dev] : [];
  });
  return wantedFiles(targets, devices);
}

function noLocksFile(proc: string): UserError {
  return new UserError("no-proc", `${proc}/locks cannot be read`, "look without --locks-only");
}

/** None where /proc/locks cannot be read (some containers hide it): the descriptors then have to do. */
function systemLocks(wanted: Wanted, reading: Reading<string[]>): SystemLock[] {
  if (reading.kind !== "ok") return [];
  return locksOfPasses(reading.value, (inode) => wanted.lockInodes.has(inode)).locks.flatMap((lock) => {
    if (isOwn(lock.pid)) return [];
    const files = wanted.byLockIdentity.get(`${lock.device}:${lock.inode}`) ?? [];
    return files.map(({ target, role, ambiguous }) => ({ target, role, lock, ambiguous: ambiguous === true }));
  });
}

/**
 * Programs that open and close a database in WAL mode all the time make its -wal and -shm anew, and one gets the inode
 * number that the other had: then a lock on the -shm of now seems to be one on the -wal of before, where SQLite takes
 * none.
 */
function isOfItsFile({ target, role, lock }: SystemLock): boolean {
  if (role === "database" || !namesOfLock(role, lock.api, lock.type, lock).includes("FOREIGN")) return true;
  const file = target.files.find((each) => each.role === role);
  const now = file === undefined ? undefined : statOf(file.path);
  return now !== undefined && inodeOf(now) === file?.inode;
}

/** A process that is gone holds nothing: another one that shares its file table does, and cannot be told. */
function withoutOwner(lock: KernelLock, gone: ReadonlySet<number>): KernelLock {
  return lock.pid !== null && gone.has(lock.pid) ? { ...lock, pid: null } : lock;
}

/** Locks without an owner to ask, which may be on another file with the same inode number. */
function hasUntoldLocks(locks: readonly SystemLock[]): boolean {
  return locks.some(({ ambiguous, lock }) => ambiguous && lock.api !== "posix");
}

function isWalIndexLive(handles: DatabaseSnapshot["handles"], systemLocks: DatabaseSnapshot["systemLocks"]): boolean {
  const isDms = (lock: KernelLock) => !lock.waiting && namesOfLock("shm", lock.api, lock.type, lock).includes("DMS");
  return (
    systemLocks.some(({ role, lock }) => role === "shm" && isDms(lock)) ||
    [...handles.values()]
      .flat()
      .some((handle) => handle.role === "shm" && !handle.deleted && handle.info?.locks.some(isDms))
  );
}
