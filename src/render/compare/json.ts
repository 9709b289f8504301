/** The comparison as a document: docs/compare.schema.json. Pure. */
import type { ComparisonResult } from "../../features/report/compare.ts";
import { LEVEL } from "../../features/report/comparison/compare.ts";
import { documentHead } from "../report/json.ts";
import { verdictText } from "./text.ts";

export function comparisonDocument({ before, after, databases }: ComparisonResult): object {
  return {
    ...documentHead(),
    ...{ before, after, level: LEVEL },
    databases: databases.map((each) => ({ ...each, verdict: verdictText(each.metrics) })),
  };
}
