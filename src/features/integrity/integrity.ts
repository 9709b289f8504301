/** Databases in, report out: several at once, in the order in which they were given. */
import { statSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { How } from "../../safe-open/situation.ts";
import { VERSION } from "../../version.ts";
import { checkDatabase } from "./check-database.ts";
import { entryOfDenied, entryOfError, entryOfUnnamable } from "./path-reasons.ts";
import { inParallel } from "./pool.ts";
import { startBar } from "./progress/bar.ts";
import { Watched } from "./progress/watched.ts";
import { type DatabaseCheck, INTEGRITY_SCHEMA_VERSION, type IntegrityReport } from "./report.ts";
import type { Watcher } from "./run-worker.ts";

export interface Asked {
  readonly path: string;
  /** It could not even be read, to see whether it is a database. */
  readonly denied?: true;
  /** Its name cannot be given to another process. */
  readonly unnamable?: true;
}

/** `watch`: a bar on stderr tells how far it is. */
export async function checkAll(asked: readonly Asked[], how: How, watch: boolean): Promise<IntegrityReport> {
  const watched = watch ? asked.map(({ path }) => ({ path, bytes: sizeOf(path), watched: new Watched() })) : [];
  const bar = watch ? startBar(watched) : null;
  try {
    const databases = await inParallel(asked, availableParallelism(), async (each, i) => {
      const watcher = watched[i]?.watched ?? null;
      const entry = await entryOf(each, how, watcher);
      watcher?.ended();
      return entry;
    });
    return { schemaVersion: INTEGRITY_SCHEMA_VERSION, sqlock: VERSION, quick: how.quick, databases };
  } finally {
    bar?.stop();
  }
}

async function entryOf({ path, denied, unnamable }: Asked, how: How, watcher: Watcher | null): Promise<DatabaseCheck> {
  if (denied === true) return entryOfDenied(path);
  if (unnamable === true) return entryOfUnnamable(path);
  try {
    return await checkDatabase(path, how, watcher);
  } catch (error) {
    return entryOfError(path, error);
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0; // a URI, or nothing that could be checked
  }
}
