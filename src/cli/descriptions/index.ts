import type { CommandDescription } from "../description.ts";
import { COMPLETION } from "./completion.ts";
import { DEMO } from "./demo.ts";
import { EXPLAIN } from "./explain.ts";
import { INTEGRITY } from "./integrity.ts";
import { JOURNAL_MODE } from "./journal-mode.ts";
import { KILL } from "./kill.ts";
import { RECORD } from "./record.ts";
import { REPORT } from "./report.ts";
import { STRESS } from "./stress.ts";
import { WATCH } from "./watch.ts";
import { WHO_HOLDS } from "./who-holds.ts";

/** In the order of the help. */
export const COMMANDS: readonly CommandDescription[] = [
  WHO_HOLDS,
  WATCH,
  RECORD,
  REPORT,
  EXPLAIN,
  INTEGRITY,
  JOURNAL_MODE,
  KILL,
  STRESS,
  DEMO,
  COMPLETION,
];
