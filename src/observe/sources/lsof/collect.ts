/** One look without /proc: who has the targets' files open, as lsof lists them, and what the files contain. */

import type { LsofProcess } from "../../../lsof/fields.ts";
import { listOpenFiles } from "../../../lsof/open-files.ts";
import { listProcesses } from "../../../lsof/processes.ts";
import type { DatabaseSnapshot, HandleSeen, ProcessSeen, Snapshot, Target } from "../../../model/snapshot.ts";
import { type Mount, mayHang } from "../../../proc/mountinfo.ts";
import { isOwn } from "../../../proc/own.ts";
import { inChildPidNamespace } from "../../../proc/pid-namespace.ts";
import { readSight } from "../../../proc/sight.ts";
import { inChildUserNamespace } from "../../../proc/user-namespace.ts";
import { readFacts } from "../../facts.ts";
import { refresh } from "../../refresh.ts";
import { indexTargetFiles } from "../../target-index.ts";
import { viewerHere } from "../../viewer.ts";
import { hiddenProcess } from "../proc/processes.ts";
import type { CollectOptions } from "../source.ts";
import { handlesByLsof } from "./handles.ts";
import { deniedProcesses, unseenByLsof } from "./unseen.ts";

/**
 * Always of all processes, whatever `pids` says: a second look may have to confirm that nobody has a file open, and the
 * holders of the first look are not enough for that. @throws UserError
 */
export async function collect(given: readonly Target[], options: CollectOptions): Promise<Snapshot> {
  const { proc, mounts } = options;
  const processes = (await listOpenFiles(mountsToSkip(given, mounts))).filter(({ pid }) => !isOwn(pid));
  const targets = given.map((target) => refresh(target, mounts)); // a journal may have come or gone meanwhile
  const index = indexTargetFiles(targets, []);
  const handlesOf = new Map(processes.map((process) => [process, handlesByLsof(process.files, targets, index)]));
  const databases: DatabaseSnapshot[] = [];
  for (const target of targets) {
    const handles = new Map(
      [...handlesOf].flatMap(([{ pid }, byTarget]) => {
        const found = byTarget.get(target);
        return found === undefined ? [] : [[pid, found] as const];
      }),
    );
    const facts = await readFacts(target, isWalIndexLive(handles), options);
    databases.push({ target, facts, handles, systemLocks: [], changing: [] });
  }
  const holders = processes.filter((process) => (handlesOf.get(process)?.size ?? 0) > 0);
  const denied = deniedProcesses(processes);
  const childNamespace = inChildPidNamespace(proc);
  const network = targets.some((target) => target.fileSystem?.network === true);
  const userNamespace = inChildUserNamespace(proc);
  const sight = readSight(proc, process.geteuid?.() === 0, userNamespace);
  return {
    source: "lsof",
    viewer: viewerHere(userNamespace),
    takenAt: new Date(),
    databases,
    processes: await describe(holders),
    unseen: unseenByLsof({ denied, sight, childNamespace, network }),
    childNamespace,
    searched: null,
    locksOnly: false,
    partialView: sight !== "full" || denied.length > 0 || childNamespace || network,
  };
}

/** Mounts that may be dead, without those of the targets: these have just answered. */
function mountsToSkip(targets: readonly Target[], mounts: readonly Mount[]): string[] {
  const needed = new Set(targets.map((target) => target.fileSystem?.mountPoint));
  return mounts
    .filter(({ type, mountPoint }) => mayHang(type) && !needed.has(mountPoint))
    .map(({ mountPoint }) => mountPoint);
}

/**
 * A process has the database and its -shm open to write: it keeps the wal-index up to date, unless its locks were lost.
 */
function isWalIndexLive(handles: DatabaseSnapshot["handles"]): boolean {
  const canWrite = (handle: HandleSeen, role: HandleSeen["role"]) =>
    handle.role === role && !handle.deleted && handle.info?.access === "read-write";
  return [...handles.values()].some(
    (each) => each.some((handle) => canWrite(handle, "shm")) && each.some((handle) => canWrite(handle, "database")),
  );
}

async function describe(holders: readonly LsofProcess[]): Promise<Map<number, ProcessSeen>> {
  const details = holders.length === 0 ? new Map<number, never>() : await listProcesses();
  return new Map(holders.map((holder) => [holder.pid, toProcess(holder, details.get(holder.pid))]));
}

type Details = { readonly cmd?: string; readonly startTime?: Date } | undefined;

/**
 * What lsof and ps do not tell is as of a hidden process. ps prints the command line as one text: where an argument
 * ends is not known.
 */
function toProcess({ pid, parentPid, uid, user, command, files, denied }: LsofProcess, details: Details): ProcessSeen {
  const commandLine = details?.cmd === undefined || details.cmd === "" ? [] : [details.cmd];
  return {
    ...hiddenProcess(pid),
    parentPid,
    uid,
    user,
    name: command,
    commandLine,
    startedAt: details?.startTime ?? null,
    openFiles: denied ? null : files.length,
    complete: true,
  };
}
