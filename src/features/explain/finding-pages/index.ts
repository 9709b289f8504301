/** A page for each finding, in the order in which the rules run. */
import type { FindingId } from "../../../model/report.ts";
import type { FindingPages } from "../finding-page.ts";
import { DATA_AT_RISK } from "./data-at-risk.ts";
import { HOLDERS } from "./holders.ts";
import { SURROUNDINGS } from "./surroundings.ts";

export const FINDING_PAGES: FindingPages = { ...DATA_AT_RISK, ...HOLDERS, ...SURROUNDINGS };

/** In the order in which the rules run; last what integrity alone finds. */
export const FINDING_IDS = Object.keys(FINDING_PAGES) as readonly FindingId[];
