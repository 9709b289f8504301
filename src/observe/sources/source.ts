/** The interface of a source of handles and locks. */
import type { ProcessSeen, Snapshot, Target } from "../../model/snapshot.ts";
import type { Mount } from "../../proc/mountinfo.ts";
import type { ReadingTime } from "../pace.ts";

export interface CollectOptions {
  /** Where /proc is mounted. */
  readonly proc: string;
  /** The mounts of this process. */
  readonly mounts: readonly Mount[];
  /** Only the owners of locks: no pass over all processes. */
  readonly locksOnly: boolean;
  /** For reading large files, of this look and of those that confirm it. */
  readonly time: ReadingTime;
  /** For a second look: these processes and the owners of locks are enough. */
  readonly pids?: readonly number[];
  /**
   * For a second look: processes of the first one. They are looked for first, and of those that are still the same only
   * what they do now is read again, not since when.
   */
  readonly known?: ReadonlyMap<number, ProcessSeen>;
}

/** Looks once at who has the targets' files open, who locks them, and what the files contain. @throws UserError */
export type Collect = (targets: readonly Target[], options: CollectOptions) => Promise<Snapshot>;
