/**
 * One look at the machine without /proc: who has the targets' files open, as lsof tells, and what the files say. Of
 * locks nothing is known.
 */
import type { LsofProcess } from "../../../lsof/fields.ts";
import { listOpenFiles } from "../../../lsof/open-files.ts";
import { listProcesses } from "../../../lsof/processes.ts";
import type { DatabaseSnapshot, HandleSeen, ProcessSeen, Snapshot, Target } from "../../../model/snapshot.ts";
import { type Mount, mayHang } from "../../../proc/mountinfo.ts";
import { isOwn } from "../../../proc/own.ts";
import { readFacts } from "../../facts.ts";
import { refresh } from "../../refresh.ts";
import { wantedFiles } from "../../wanted.ts";
import type { CollectOptions } from "../proc/collect.ts";
import { isPartialView } from "../proc/unseen.ts";
import { handlesByLsof } from "./handles.ts";
import { closedProcesses, unseenByLsof } from "./unseen.ts";

/**
 * Always of all processes: where a second look is to confirm that nobody has a file, the first one's holders are not
 * enough. @throws UserError
 */
export async function collectByLsof(given: readonly Target[], { proc, mounts }: CollectOptions): Promise<Snapshot> {
  const open = (await listOpenFiles(mountsToLeaveAlone(given, mounts))).filter(({ pid }) => !isOwn(pid));
  const targets = given.map((target) => refresh(target, mounts)); // a journal may have come or gone meanwhile
  const wanted = wantedFiles(targets, []);
  const found = new Map(open.map((process) => [process, handlesByLsof(process.files, targets, wanted)]));
  const databases = targets.map((target): DatabaseSnapshot => {
    const handles = new Map(
      [...found].flatMap(([{ pid }, byTarget]) => {
        const ours = byTarget.get(target);
        return ours === undefined ? [] : [[pid, ours] as const];
      }),
    );
    return { target, facts: readFacts(target.files, isWalIndexKept(handles)), handles, systemLocks: [] };
  });
  const holders = open.filter((process) => (found.get(process)?.size ?? 0) > 0);
  const closed = closedProcesses(open);
  const childNamespace = isPartialView(proc);
  const network = targets.some((target) => target.fileSystem?.network === true);
  const root = process.geteuid?.() === 0;
  return {
    source: "lsof",
    takenAt: new Date(),
    databases,
    processes: await describe(holders),
    unseen: unseenByLsof({ closed, root, childNamespace, network }),
    childNamespace,
    partialView: !root || closed.length > 0 || childNamespace || network,
  };
}

/** Those that may be dead, and have no database that was asked for: that one was seen to answer. */
function mountsToLeaveAlone(targets: readonly Target[], mounts: readonly Mount[]): string[] {
  const needed = new Set(targets.map((target) => target.fileSystem?.mountPoint));
  return mounts
    .filter(({ type, mountPoint }) => mayHang(type) && !needed.has(mountPoint))
    .map(({ mountPoint }) => mountPoint);
}

/** Whoever has the database and its -shm open to write keeps the wal-index, unless its locks were lost. */
function isWalIndexKept(handles: DatabaseSnapshot["handles"]): boolean {
  const has = (handle: HandleSeen, role: HandleSeen["role"]) =>
    handle.role === role && !handle.deleted && handle.info?.access === "read-write";
  return [...handles.values()].some(
    (each) => each.some((handle) => has(handle, "shm")) && each.some((handle) => has(handle, "database")),
  );
}

async function describe(holders: readonly LsofProcess[]): Promise<Map<number, ProcessSeen>> {
  const details = holders.length === 0 ? new Map<number, never>() : await listProcesses();
  return new Map(holders.map((holder) => [holder.pid, toProcess(holder, details.get(holder.pid))]));
}

type Details = { readonly cmd?: string; readonly startTime?: Date } | undefined;

/** ps tells the command line as one text: where an argument ends cannot be known. */
function toProcess({ pid, parentPid, uid, user, command, files, closed }: LsofProcess, details: Details): ProcessSeen {
  const commandLine = details?.cmd === undefined || details.cmd === "" ? [] : [details.cmd];
  return {
    pid,
    startTicks: 0n,
    parentPid,
    stackStart: null,
    uid,
    user,
    name: command,
    commandLine,
    state: null,
    startedAt: details?.startTime ?? null,
    terminal: null,
    unit: null,
    container: null,
    orphaned: false,
    openFiles: closed ? null : files.length,
    openFilesLimit: null,
    idleMs: null,
    idleProvesLocks: false,
    credentials: null,
    sleepsInTimer: false,
    nothingElseRuns: false,
    complete: true,
  };
}
