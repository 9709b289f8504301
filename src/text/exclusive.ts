/** What EXCLUSIVE means in WAL mode, where it is no sign of a transaction. Pure. */
import type { Holder } from "../model/report.ts";
import { count } from "./list.ts";

export function holdsExclusive({ locks }: Pick<Holder, "locks">): boolean {
  return locks.some((lock) => lock.name === "EXCLUSIVE" && !lock.waiting);
}

/**
 * Whether it has a transaction open, of one that has EXCLUSIVE in WAL mode: a clause. Its locks do not tell. Frames
 * after the last commit are those of an open transaction, or of one that was rolled back.
 */
export function transactionInWal(uncommittedFrames: number | null): string {
  const uncommitted = uncommittedFrames ?? 0;
  return uncommitted > 0
    ? `it likely has a write transaction open, with ${count(uncommitted, "frame")} not committed`
    : "whether it has a transaction open cannot be seen from outside";
}
