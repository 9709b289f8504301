/** What the command explain calls, with all that sqlock knows. */
import { ENTRIES } from "./entries/index.ts";
import type { Knowledge } from "./explain.ts";
import { FINDING_PAGES } from "./finding-pages/index.ts";

export { tryAccess } from "./access/try.ts";
export { entryAskedFor, exitCodeOf, explain, failedExplanation, listing } from "./explain.ts";
export { topicsOf } from "./find-topics.ts";
export { Lines } from "./lines.ts";
export { lookUp } from "./lookup.ts";
export { Recogniser } from "./recognise.ts";

export const KNOWLEDGE: Knowledge = { entries: ENTRIES, pages: FINDING_PAGES };
