/**
 * A process by its identity (pid and start time), and signals to that one alone. A descriptor of /proc/PID is of that
 * very process: when it has ended, nothing can be read through it any more, whoever has its pid by then. It is what
 * comes nearest to a pidfd in Node.js.
 */
import { closeSync, constants, openSync } from "node:fs";
import type { Holder } from "../../model/report.ts";
import { readStat, type Stat } from "../../proc/stat.ts";
import { sleep } from "../../time.ts";

export interface Identity {
  readonly pid: number;
  /** Clock ticks since boot, field 22 of /proc/PID/stat. */
  readonly startTicks: bigint;
}

export function isSameProcess(a: Pick<Holder, "pid" | "startTicks">, b: Pick<Holder, "pid" | "startTicks">): boolean {
  return a.pid === b.pid && a.startTicks === b.startTicks;
}

export function identityOf({ pid, startTicks }: Holder): Identity {
  return { pid, startTicks: startTicks ?? -1n };
}

/** Its parent may not have asked yet. Where only the main thread has ended, the others hold on. */
function hasEnded({ state, threads }: Stat): boolean {
  return state === "zombie" && threads <= 1;
}

export type Standing = "running" | "gone";

export function standingOf({ pid, startTicks }: Identity, proc = "/proc"): Standing {
  const stat = readStat(`${proc}/${pid}`);
  return stat.kind !== "ok" || stat.value.startTicks !== startTicks || hasEnded(stat.value) ? "gone" : "running";
}

export type Sent =
  | { readonly kind: "sent" }
  | { readonly kind: "gone" }
  | { readonly kind: "kernel" }
  | { readonly kind: "denied" };

/** Between the last check and the signal is nothing but the call itself. `proc`: where the identity is read. */
export function signal(identity: Identity, name: NodeJS.Signals, proc = "/proc"): Sent {
  let directory: number;
  try {
    directory = openSync(`${proc}/${identity.pid}`, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch {
    return { kind: "gone" };
  }
  try {
    const stat = readStat(`/proc/self/fd/${directory}`);
    if (stat.kind !== "ok" || stat.value.startTicks !== identity.startTicks || hasEnded(stat.value))
      return { kind: "gone" };
    if (stat.value.kernel) return { kind: "kernel" };
    process.kill(identity.pid, name);
    return { kind: "sent" };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EPERM") return { kind: "denied" };
    if (code === "ESRCH") return { kind: "gone" };
    throw error;
  } finally {
    closeSync(directory);
  }
}

/**
 * This process and its ancestors, up to pid 1; and the leader of its session, which a chain that is broken (`(sqlock
 * ... &)`) does not lead to.
 */
export function ownFamily(proc = "/proc"): Set<number> {
  const family = new Set<number>([process.pid]);
  for (let pid = process.ppid; pid > 0 && !family.has(pid); ) {
    family.add(pid);
    const stat = readStat(`${proc}/${pid}`);
    pid = stat.kind === "ok" ? stat.value.parentPid : 0;
  }
  const self = readStat(`${proc}/${process.pid}`);
  if (self.kind === "ok") family.add(self.value.session);
  return family;
}

const POLL_MS = 10;

/** Whoever lets its files go is likely about to end: so long it is given for that, in ms. */
const LAST_MS = 300;

/** Waits until all are gone, or `isEnough` has said so, at most `ms`. `onGone` is told of each. */
export async function waitForEnd(
  identities: readonly Identity[],
  ms: number,
  onGone: (pid: number) => void,
  isEnough: () => Promise<boolean>,
): Promise<void> {
  let until = performance.now() + ms;
  let enough = false;
  const left = new Map(identities.map((identity) => [identity.pid, identity]));
  for (;;) {
    for (const identity of left.values()) {
      if (standingOf(identity) === "running") continue;
      left.delete(identity.pid);
      onGone(identity.pid);
    }
    if (!enough && left.size > 0 && (await isEnough())) {
      enough = true;
      until = Math.min(until, performance.now() + LAST_MS);
    }
    if (left.size === 0 || performance.now() >= until) return;
    await sleep(POLL_MS);
  }
}
