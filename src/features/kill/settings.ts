/** What the options of kill set. */
import type { FileIdentity } from "../../observe/same-file.ts";
import type { Signal } from "./signals.ts";

/** Between the first signal and SIGKILL, in ms, where --grace is not given. */
export const DEFAULT_GRACE_MS = 5000;

export const DEFAULT_SIGNAL: Signal = "SIGTERM";

export interface KillSettings {
  readonly pids: readonly number[];
  readonly stale: boolean;
  /** With stale: also those that are likely forgotten, and not proved to be. */
  readonly likely: boolean;
  readonly staleAfterMs: number;
  readonly signal: Signal;
  /** How long to wait before SIGKILL is the next step, in ms. */
  readonly graceMs: number;
  /** No question is asked. */
  readonly yes: boolean;
  readonly force: boolean;
  readonly dryRun: boolean;
  /**
   * The path leads to this file (null: to none), or no process is signalled; left out: to any file at the first look.
   */
  readonly file?: FileIdentity | null;
}
