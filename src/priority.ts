/**
 * The priority of the thread that reads the events: on a busy machine it must not come too late. Processes inherit it:
 * what sqlock starts for others is to be started by {@link atUsualPriority}.
 */
import { getPriority, setPriority } from "node:os";

const RAISED = -15;

let usual: number | null = null;

/** Where it is not permitted, nothing changes. */
export function raisePriority(): void {
  const now = getPriority();
  if (usual === null && now > RAISED && set(RAISED)) usual = now;
}

export function lowerPriority(): void {
  if (usual !== null) set(usual);
  usual = null;
}

/** Runs `start` with the priority that this process was given. */
export function atUsualPriority<T>(start: () => T): T {
  if (usual === null) return start();
  set(usual);
  try {
    return start();
  } finally {
    set(RAISED);
  }
}

function set(priority: number): boolean {
  try {
    setPriority(priority);
    return true;
  } catch {
    return false; // EACCES: not permitted
  }
}
