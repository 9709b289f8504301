/**
 * Whether a database stays as it is while this process has SQLite's read lock on it. Nothing is opened (the close
 * trap): its name is looked at, and its header read through SQLite's own descriptor.
 */

import { CLOCK_TICK_MS } from "../../observe/clock-tick.ts";
import { readFrom } from "../../observe/open-file.ts";
import { HEADER_BYTES } from "../../sqlite/header.ts";
import { companionsOfMode } from "../../sqlite/roles.ts";
import { openFiles } from "../../worker/descriptors.ts";
import { isPinned } from "../../worker/pin.ts";
import { changeOf, type FileState } from "../change.ts";
import type { OpenJob, Refusal } from "../protocol.ts";
import { statOf } from "./stat.ts";

/** A writer without locks may pause between two pages, while it has no CPU: so long after a write it is waited for. */
const RECENT_MS = 5000;
const PAUSE_MS = 300;
const STEP_MS = 20;

/** Thrown by the checks; `checkJob` answers with the refusal. */
export class ChangedMeanwhile extends Error {
  readonly refusal: Extract<Refusal, { kind: "changed" }>;

  constructor(refusal: Extract<Refusal, { kind: "changed" }>) {
    super("the database changed while it was read");
    this.refusal = refusal;
  }
}

export interface Guarded {
  /** @throws ChangedMeanwhile */
  readonly verify: () => void;
  /** A problem was found. @throws ChangedMeanwhile where it may be one of a commit that is half written */
  readonly verifyProblem: () => void;
}

/** Of a copy of one's own. */
export const UNCHANGED: Guarded = { verify: () => undefined, verifyProblem: () => undefined };

/** From now on. `locked`: the read lock is held. What was read before this call is not guarded. */
export function guardFile(job: Pick<OpenJob, "path" | "pins" | "wal">, locked: boolean): Guarded {
  const mode = job.wal === "none" ? "rollback" : "wal";
  const fd = descriptorOf(job);
  const state = () => stateOf(job.path, fd);
  let before = state();
  if (mode === "rollback" && before !== null) {
    const age = ageMs(before);
    if (age >= 0 && age < CLOCK_TICK_MS) {
      pause(CLOCK_TICK_MS - age);
      before = state();
    }
  }
  const verify = () => {
    const change = changeOf(before, state(), mode);
    if (change === "none") return;
    throw new ChangedMeanwhile({ kind: "changed", ...(locked && change === "written" ? { underLock: true } : {}) });
  };
  const isRecent = mode === "rollback" && before !== null && Math.abs(ageMs(before)) < RECENT_MS;
  let waited = !isRecent;
  const verifyProblem = () => {
    verify();
    for (let ms = 0; !waited && ms < PAUSE_MS; ms += STEP_MS) {
      pause(STEP_MS);
      verify();
    }
    waited = true;
  };
  return { verify, verifyProblem };
}

/** SQLite's own. */
function descriptorOf({ pins: [database] }: Pick<OpenJob, "pins">): number | null {
  return (database === undefined ? undefined : openFiles().find((file) => isPinned(database, file)))?.fd ?? null;
}

/** Null where its name leads to nothing. */
function stateOf(path: string, fd: number | null): FileState | null {
  try {
    const stats = statOf(path);
    if (stats === null) return null;
    const { ino, size, mtimeNs, ctimeNs } = stats;
    const companions = companionsOfMode("wal").map(({ suffix }) => [suffix, statOf(path + suffix)?.ino ?? null]);
    return {
      inodes: { "": ino, ...Object.fromEntries(companions) },
      sizeBytes: size,
      mtimeNs,
      ctimeNs,
      header: fd === null ? "" : Buffer.from(readFrom(fd, 0, HEADER_BYTES)).toString("hex"),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return null; // a folder on the path is another one by now
  }
}

function ageMs({ mtimeNs }: FileState): number {
  return Date.now() - Number(mtimeNs / 1_000_000n);
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
