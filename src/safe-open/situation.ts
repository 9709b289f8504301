/** What the way to open a database depends on. */
import { constants } from "node:fs";
import { dirname } from "node:path";
import { hasAccess } from "../observe/access.ts";
import type { Situation } from "./decide.ts";
import { isWalMode } from "./header.ts";
import type { DatabaseLook } from "./look.ts";

export interface OpenSettings {
  /** Open a copy that the backup API makes, where it would be opened in place. */
  readonly copy: boolean;
  /** SQLite may make a -wal and a -shm beside a database in WAL mode. */
  readonly allowCompanions: boolean;
}

export function situationOf(
  { database, header }: DatabaseLook,
  { copy, allowCompanions }: OpenSettings,
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
