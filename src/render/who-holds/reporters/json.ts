/** The report as its JSON document (docs/json.md), in which a path that could not be looked at has its error. */
import { renderJson } from "../../json.ts";
import type { Reporter } from "./index.ts";

export const reportJson: Reporter = async (report) => ({ out: renderJson(report), err: "" });
