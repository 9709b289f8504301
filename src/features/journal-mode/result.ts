/** What came of a switch, or of a look at the mode, as data; render/journal-mode/document.ts makes the report of it. */
import type { DatabaseReport, Report } from "../../model/report.ts";
import type { Blockers } from "./blockers.ts";
import type { Obstacle, SwitchContext } from "./obstacles.ts";
import type { SwitchReason } from "./reason.ts";
import type { KeptMode, NotCompared, Proof } from "./report.ts";

export interface SwitchResult {
  /** Null: the mode was only to be shown. */
  readonly asked: KeptMode | null;
  readonly dryRun: boolean;
  /** The mode that was asked for; without one, the other mode. */
  readonly to: KeptMode;
  /** It is in that mode already. */
  readonly needless: boolean;
  /** At the first look. */
  readonly context: SwitchContext;
  readonly unseen: Report["unseen"];
  readonly before: KeptMode | null;
  readonly obstacles: readonly Obstacle[];
  /** At the first look nothing was against the switch. */
  readonly wouldSwitch: boolean;
  /** Null also where the path no longer leads to the database. */
  readonly after: KeptMode | null;
  readonly changed: boolean;
  /** Why it was not switched, or would not be; null where it was, or would be. */
  readonly reason: SwitchReason | null;
  readonly blockers: Blockers;
  /** At the last look; null where the last look failed. */
  readonly database: DatabaseReport | null;
  readonly proof: Proof | null;
  /** Why there is no proof of a database that has left WAL mode; null else. */
  readonly notCompared: NotCompared | null;
  readonly waitedMs: number | null;
}
