/** What the command explain calls: with all that sqlock knows, loaded by that command alone. */

import { renderListing } from "../../render/explain/listing.ts";
import { renderExplanation } from "../../render/explain/text.ts";
import { ENTRIES } from "./entries/index.ts";
import { exitCodeOf, explain, failedExplanation, type Knowledge, listing } from "./explain.ts";
import { Lines } from "./lines.ts";
import { lookUp } from "./lookup.ts";
import { FINDING_PAGES } from "./pages.ts";
import { Recogniser } from "./recognise.ts";

const KNOWLEDGE: Knowledge = { entries: ENTRIES, pages: FINDING_PAGES };

export {
  ENTRIES,
  exitCodeOf,
  explain,
  FINDING_PAGES,
  failedExplanation,
  KNOWLEDGE,
  Lines,
  listing,
  lookUp,
  Recogniser,
  renderExplanation,
  renderListing,
};
