import type { OpenSettings } from "../../safe-open/situation.ts";
import type { MergeChoice } from "./protocol.ts";

export interface CheckSettings extends OpenSettings {
  readonly quick: boolean;
  /** SQLite's own integrity_check alone. */
  readonly exact: boolean;
  readonly merges: MergeChoice;
  readonly foreignKeys: boolean;
  readonly maxProblems: number;
  /** How long to wait for a lock, for each database. */
  readonly waitMs: number;
  /** How long a check may take, for each database. */
  readonly timeoutMs: number;
}
