/** What sqlock knows of each finding. Data: `explain` prints it, and docs/findings.md is made from it. */
import type { FindingId } from "../../model/report.ts";

export interface FindingPage {
  /** In a few words: `A forgotten write transaction`. */
  readonly title: string;
  /** What a look has to show for it, with its thresholds. */
  readonly evidence: string;
  /** What it means for the people who use the database. */
  readonly meaning: string;
  /** What to do, the safest first. */
  readonly remedy: string;
  /** When it is no problem, or what it cannot distinguish. */
  readonly limits: string;
}

export type FindingPages = Readonly<Record<FindingId, FindingPage>>;
