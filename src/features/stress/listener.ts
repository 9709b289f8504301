/** What the caller of a run does for it: the feature itself prints nothing and makes no sentences. */
import type { UserError } from "../../errors.ts";
import type { Recommendation } from "./recommendation.ts";
import type { Evidence } from "./result.ts";

export interface StressListener {
  /** Five times a second. */
  readonly onProgress: (progress: Progress) => void;
  /**
   * Something that was made for the run is still there, and no result will say so: the table of --in-place, a private
   * folder. Must be synchronous.
   */
  readonly onLeft: (error: UserError) => void;
  /** The content of the file beside a kept database. */
  readonly evidenceText: (evidence: Evidence) => string;
}

export interface Progress {
  /** What is being tried, after the load itself; null: the load. */
  readonly trying: Recommendation | null;
  readonly commits: number;
  readonly errors: number;
  readonly elapsedMs: number;
  readonly totalMs: number;
}
