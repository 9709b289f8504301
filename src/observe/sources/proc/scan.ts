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
import { DescriptorScan, type ScanResult } from "./descriptor-scan.ts";

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
      const candidates = await candidatesByFind(proc, safe, index);
      for (const pid of [...(candidates ?? safe), ...unsafe]) scan.addProcess(pid);
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
