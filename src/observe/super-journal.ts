/** Whether the super-journal that a journal names is there. The name is whatever was written into the journal. */
import { lstatSync } from "node:fs";
import { dirname } from "node:path";
import type { Mount } from "../proc/mountinfo.ts";
import { answersInTime } from "./probe.ts";
import { mayHangOnTheWay } from "./real-path.ts";

/**
 * Null where that cannot be known: the name may be one inside a container, whose folder does not exist here; it is not
 * absolute; or it lies on a mount that does not answer.
 */
export async function superJournalExists(name: string, mounts: readonly Mount[]): Promise<boolean | null> {
  if (!name.startsWith("/") || name.includes("\0")) return null;
  if (mayHangOnTheWay(name, mounts) && !(await answersInTime(name))) return null;
  const there = isThere(name);
  return there === false && isThere(dirname(name)) !== true ? null : there;
}

/** A link is there, wherever it leads: nobody follows it. Null where it may not be looked at. */
function isThere(path: string): boolean | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return null;
  }
}
