/** What the way to open a database depends on. */
import { dirname } from "node:path";
import { separateLocks } from "../findings/separate-locks.ts";
import { mayMakeFilesIn } from "../user/access.ts";
import type { Situation } from "./decide.ts";
import { isWalMode } from "./header.ts";
import type { DatabaseLook } from "./look.ts";
import type { Opener } from "./pins.ts";

export interface OpenSettings {
  /** Open a copy that the backup API makes, where it would be opened in place. */
  readonly copy: boolean;
  /** SQLite may make a -wal and a -shm beside a database in WAL mode. */
  readonly allowCompanions: boolean;
}

export function situationOf(
  { database, header, partialView }: DatabaseLook,
  { copy, allowCompanions }: OpenSettings,
  { actor, user, readsInPlace }: Extract<Opener, { kind: "opener" }>,
): Omit<Situation, "refused" | "noRoom"> {
  return {
    database,
    walMode: isWalMode(header),
    folderWritable: actor.kind !== "isolated" && mayMakeFilesIn(dirname(database.path), user),
    asRoot: actor.kind === "caller" && process.geteuid?.() === 0,
    isolation: actor.kind === "isolated" && readsInPlace !== true ? actor.why : null,
    copy,
    allowCompanions,
    separateLocks: separateLocksOf(database),
    partialView,
  };
}

function separateLocksOf({ findings, views = [] }: DatabaseLook["database"]): Situation["separateLocks"] {
  if (views.some(({ reachedAt }) => reachedAt === null)) return "unseen";
  return findings.some(({ id }) => id === separateLocks.id) ? "seen" : "none";
}
