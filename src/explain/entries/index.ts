/** All that explain knows: one entry a file. */
import type { Entry } from "../entry.ts";
import { closedDatabase } from "./closed-database.ts";
import { databaseIsLocked } from "./database-is-locked.ts";

export const ENTRIES: readonly Entry[] = [databaseIsLocked, closedDatabase];
