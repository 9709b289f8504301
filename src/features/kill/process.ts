/**
 * A process by its identity (pid and start time), and signals to that one alone. A descriptor of /proc/PID is of that
 * very process: once it has ended, nothing can be read through the descriptor, even where another process has got the
 * pid. Node.js has nothing closer to a pidfd.
 */
import { closeSync, constants, openSync } from "node:fs";
import { readStat, type Stat } from "../../proc/stat.ts";
import type { ProcessIdentity, SendResult } from "./identity.ts";

/** Its parent may not have waited for it yet. Where only the main thread has ended, the others hold the locks. */
function hasEnded({ state, threads }: Stat): boolean {
  return state === "zombie" && threads <= 1;
}

export function isRunning({ pid, startTicks }: ProcessIdentity, proc = "/proc"): boolean {
  const stat = readStat(`${proc}/${pid}`);
  return stat.kind === "ok" && stat.value.startTicks === startTicks && !hasEnded(stat.value);
}

/**
 * It has closed its files, or is about to, and runs until the kernel has taken it apart: on a busy machine that takes
 * its time.
 */
export function isExiting({ pid, startTicks }: ProcessIdentity, proc = "/proc"): boolean {
  const stat = readStat(`${proc}/${pid}`);
  return stat.kind === "ok" && stat.value.startTicks === startTicks && stat.value.exiting && stat.value.threads <= 1;
}

/** Between the last check and the signal is nothing but the call itself. `proc`: where the identity is read. */
export function sendSignal(identity: ProcessIdentity, name: NodeJS.Signals, proc = "/proc"): SendResult {
  return withProcess(identity, proc, () => process.kill(identity.pid, name));
}

/**
 * What `sendSignal` would return now; no signal is sent. SIGCONT is allowed to every process of the caller's session.
 * Source: kill(2), signal 0.
 */
export function wouldSend(identity: ProcessIdentity, name: NodeJS.Signals, proc = "/proc"): SendResult {
  return withProcess(identity, proc, ({ session }) => {
    const own = name === "SIGCONT" ? readStat(`/proc/${process.pid}`) : null;
    if (own?.kind === "ok" && own.value.session === session) return;
    process.kill(identity.pid, 0);
  });
}

function withProcess({ pid, startTicks }: ProcessIdentity, proc: string, act: (stat: Stat) => void): SendResult {
  let directory: number;
  try {
    directory = openSync(`${proc}/${pid}`, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch {
    return "gone";
  }
  try {
    const stat = readStat(`/proc/self/fd/${directory}`);
    if (stat.kind !== "ok" || stat.value.startTicks !== startTicks || hasEnded(stat.value)) return "gone";
    if (stat.value.kernel) return "kernel-thread";
    act(stat.value);
    return "sent";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EPERM") return "no-permission";
    if (code === "ESRCH") return "gone";
    throw error;
  } finally {
    closeSync(directory);
  }
}

/**
 * Pids of this process and its ancestors, up to pid 1; and of the leader of its session, which a broken chain of
 * parents (`(sqlock ... &)`) does not lead to.
 */
export function ownPids(proc = "/proc"): Set<number> {
  const pids = new Set<number>([process.pid]);
  for (let pid = process.ppid; pid > 0 && !pids.has(pid); ) {
    pids.add(pid);
    const stat = readStat(`${proc}/${pid}`);
    pid = stat.kind === "ok" ? stat.value.parentPid : 0;
  }
  const self = readStat(`${proc}/${process.pid}`);
  if (self.kind === "ok") pids.add(self.value.session);
  return pids;
}
