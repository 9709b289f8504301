/** All that explain knows. The build puts it into a file of its own, so that no other command reads it. */
import { ENTRIES } from "./entries/index.ts";
import type { Knowledge } from "./explain.ts";
import { FINDING_PAGES } from "./pages.ts";

export const KNOWLEDGE: Knowledge = { entries: ENTRIES, pages: FINDING_PAGES };
