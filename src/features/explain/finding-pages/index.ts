/** A page for each finding. */
import type { FindingPages } from "../finding-page.ts";
import { DATA_AT_RISK } from "./data-at-risk.ts";
import { HOLDERS } from "./holders.ts";
import { SURROUNDINGS } from "./surroundings.ts";

export const FINDING_PAGES: FindingPages = { ...DATA_AT_RISK, ...HOLDERS, ...SURROUNDINGS };
