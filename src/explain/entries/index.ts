/** All that explain knows: one entry a file. */
import type { Entry } from "../entry.ts";
import { closedDatabase } from "./closed-database.ts";

export const ENTRIES: readonly Entry[] = [closedDatabase];
