/**
 * One pass over the descriptors of all processes: which processes have a target's file open. This is where the time
 * goes, so it makes as few system calls as possible: one stat(2) a descriptor. In a large system GNU find makes them
 * (find.ts).
 */

import type { Mount } from "../../../proc/mountinfo.ts";
import { isOwn } from "../../../proc/own.ts";
import { readNames, valueOr } from "../../../proc/read.ts";
import { uptimeMs } from "../../../time.ts";
import type { TargetIndex } from "../../target-index.ts";
import { DescriptorScan, otherThreads, type ScanResult } from "./descriptor-scan.ts";

/** After this many ms the remaining processes are handed to find(1). Starting it costs about as much. */
const FIND_AFTER_MS = 25;

/** For fewer processes than this, find(1) is not worth its start. */
const MIN_PROCESSES_FOR_FIND = 64;

/** The pids in a /proc, in no order. */
function listPids(proc: string): number[] {
  return valueOr(readNames(proc), [])
    .filter((name) => name >= "0" && name < ":")
    .map(Number);
}

export async function scanAllProcesses(
  proc: string,
  index: TargetIndex,
  ownMounts: readonly Mount[],
): Promise<ScanResult> {
  const scan = new DescriptorScan(proc, index, ownMounts);
  const pids = listPids(proc).filter((pid) => !isOwn(pid));
  const started = uptimeMs();
  for (let i = 0; i < pids.length; i++) {
    if (uptimeMs() - started > FIND_AFTER_MS && pids.length - i > MIN_PROCESSES_FOR_FIND && !scan.anyMountMayHang) {
      const { candidatesByFind } = await import("./find.ts");
      const rest = pids.slice(i);
      // find(1) would wait for a dead mount of another namespace
      const unsafe = new Set(rest.filter((pid) => scan.mayHang(pid)));
      const safe = rest.filter((pid) => !unsafe.has(pid));
      const candidates = await candidatesByFind(proc, safe.map(String), index);
      for (const pid of [...(candidates?.map(Number) ?? safe), ...unsafe]) scan.addProcess(pid);
      break;
    }
    scan.addProcess(pids[i] ?? 0);
  }
  return scan;
}

/** Scans the descriptors of these processes only, those of each thread included. */
export function scanProcesses(
  proc: string,
  pids: readonly number[],
  index: TargetIndex,
  ownMounts: readonly Mount[],
): ScanResult {
  const scan = new DescriptorScan(proc, index, ownMounts);
  for (const pid of pids) if (!isOwn(pid)) scan.addProcess(pid, true);
  return scan;
}

/** Takes it that these processes still have a target's file open. */
export function assumeProcesses(
  proc: string,
  pids: readonly number[],
  index: TargetIndex,
  ownMounts: readonly Mount[],
): ScanResult {
  const scan = new DescriptorScan(proc, index, ownMounts);
  for (const pid of pids) if (!isOwn(pid)) scan.assume(pid);
  return scan;
}

/** A descriptor table: that of a process, or that of one of its threads. */
interface Table {
  readonly pid: number;
  /** Null: of the process. */
  readonly tid: number | null;
}

/**
 * Scans the descriptors of every process and of each of its threads: most threads share those of their process, but
 * nothing that can be read cheaply says which do. `denied`: processes that cannot be inspected, and are left out.
 * Processes with few threads come first. `until`, by {@link uptimeMs}: then it stops, and is not complete.
 */
export async function scanAllThreads(
  proc: string,
  index: TargetIndex,
  ownMounts: readonly Mount[],
  denied: ReadonlySet<number>,
  until: number,
): Promise<{ readonly matches: ScanResult["matches"]; readonly complete: boolean }> {
  const scan = new DescriptorScan(proc, index, ownMounts);
  const tables = listPids(proc)
    .filter((pid) => !isOwn(pid) && !denied.has(pid))
    .map((pid): Table[] => [{ pid, tid: null }, ...otherThreads(proc, pid).map((tid) => ({ pid, tid }))])
    .sort((a, b) => a.length - b.length)
    .flat();
  const nameOf = ({ pid, tid }: Table) => (tid === null ? String(pid) : `${pid}/task/${tid}`);
  let chosen: readonly Table[] = tables;
  if (tables.length > MIN_PROCESSES_FOR_FIND && !scan.anyMountMayHang) {
    const { candidatesByFind } = await import("./find.ts");
    const unsafe = new Set(tables.flatMap(({ pid, tid }) => (tid === null && scan.mayHang(pid) ? [pid] : [])));
    const safe = tables.filter(({ pid }) => !unsafe.has(pid)).map(nameOf);
    const candidates = await candidatesByFind(proc, safe, index, Math.max(1, Math.ceil(until - uptimeMs())));
    if (candidates !== null) {
      const found = new Set(candidates);
      chosen = tables.filter((table) => unsafe.has(table.pid) || found.has(nameOf(table)));
    }
  }
  for (const { pid, tid } of chosen) {
    if (uptimeMs() > until) return { matches: scan.matches, complete: false };
    if (tid === null) scan.addProcess(pid);
    else scan.addThread(pid, tid);
  }
  return { matches: scan.matches, complete: true };
}
