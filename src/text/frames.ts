/** How many frames a -wal has, in words. Pure. */
import type { DatabaseReport } from "../model/report.ts";
import { count, grouped } from "./list.ts";

/** `3 frames`, `at least 3 frames`. `complete`: all of them were counted. */
export function framesText({ frames, complete }: { readonly frames: number; readonly complete: boolean }): string {
  return `${complete ? "" : "at least "}${count(frames, "frame")}`;
}

/** `3,021 frames, 12 checkpointed, 500 more not committed`; `3 frames, checkpointed: unknown`. */
export function walText(wal: NonNullable<DatabaseReport["wal"]>): string {
  const checkpointed = wal.checkpointedKnown
    ? `${grouped(wal.checkpointedFrames)} checkpointed`
    : "checkpointed: unknown";
  const uncommitted = wal.uncommittedFrames ?? 0;
  const more = uncommitted === 0 ? "" : `, ${grouped(uncommitted)} more not committed`;
  return `${framesText(wal)}, ${checkpointed}${more}`;
}
