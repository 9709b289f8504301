/** Words that people ask about, and the messages and findings that concern them. Data. */
import type { Topic } from "../topic.ts";
import { FILES } from "./files.ts";
import { INCIDENTS } from "./incidents.ts";
import { JOURNALS } from "./journals.ts";
import { LOCK_NAMES } from "./lock-names.ts";
import { OTHER_LOCKING } from "./other-locking.ts";
import { PLACES } from "./places.ts";
import { PROGRAMS } from "./programs.ts";
import { WAITING } from "./waiting.ts";

/** In the order in which they are listed. */
export const TOPICS: readonly Topic[] = [
  ...WAITING,
  ...JOURNALS,
  ...LOCK_NAMES,
  ...FILES,
  ...PLACES,
  ...PROGRAMS,
  ...INCIDENTS,
  ...OTHER_LOCKING,
];
