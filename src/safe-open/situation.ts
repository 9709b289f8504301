/** What is asked for, and what the way to look depends on. */
import { constants } from "node:fs";
import { dirname } from "node:path";
import { hasAccess } from "../observe/access.ts";
import type { Situation } from "./decide.ts";
import { isWalMode } from "./header.ts";
import type { Seen } from "./look.ts";

export interface How {
  readonly quick: boolean;
  readonly foreignKeys: boolean;
  readonly maxProblems: number;
  /** Check a copy that the backup API makes, where it would be checked in place. */
  readonly copy: boolean;
  /** A -wal and a -shm may be made beside a database in WAL mode. */
  readonly allowCompanions: boolean;
  /** How long to wait for a lock, for each database. */
  readonly waitMs: number;
  /** How long to take, for each database. */
  readonly timeoutMs: number;
}

export function situationOf(
  { database, header }: Seen,
  { copy, allowCompanions }: How,
): Omit<Situation, "refused" | "noRoom"> {
  return {
    database,
    walMode: isWalMode(header),
    folderWritable: hasAccess(dirname(database.path), constants.W_OK | constants.X_OK),
    asRoot: process.geteuid?.() === 0,
    copy,
    allowCompanions,
  };
}
