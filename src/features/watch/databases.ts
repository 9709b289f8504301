/** Which databases are watched, or recorded. */
import { UserError } from "../../errors.ts";
import { DEFAULT_STALE_AFTER_MS, inspect } from "../../inspect/inspect.ts";
import { isPathError } from "../../model/report.ts";
import { linkRefusal } from "../../observe/pinned.ts";
import { resolveArgument } from "../../observe/resolve.ts";
import { databaseFile, type FileIdentity } from "../../observe/same-file.ts";
import { readMountinfo } from "../../proc/mountinfo.ts";
import { readTextStart, valueOr } from "../../proc/read.ts";

export interface WatchedDatabase {
  /** The real path. */
  readonly path: string;
  readonly givenAs: string;
  /** As it was when the watching began; null if there was none. */
  readonly file: FileIdentity | null;
  /** Why root must not end a holder of it from here: a link of another user led to it. */
  readonly refusal: UserError | null;
}

/**
 * The databases that the paths name. One that does not exist yet is waited for. @throws UserError for what cannot be a
 * database, or cannot be inspected
 */
export async function databasesToWatch(paths: readonly string[], command = "watch"): Promise<WatchedDatabase[]> {
  if (readTextStart("/proc/locks", 1).kind !== "ok") {
    throw new UserError(
      "no-proc",
      `/proc/locks cannot be read, and ${command} needs it`,
      "run it outside this container, or use sqlock who-holds, which reads the descriptors",
    );
  }
  const report = await inspect(paths, { locksOnly: true, brief: true, staleAfterMs: DEFAULT_STALE_AFTER_MS });
  for (const database of report.databases) {
    if (isPathError(database) && database.error.code !== "no-such-file")
      throw new UserError(database.error.code, database.error.message, database.error.hint);
  }
  const mounts = valueOr(readMountinfo("/proc/self"), []);
  const resolutions = (await Promise.all(paths.map((path) => resolveArgument(path, mounts)))).flat();
  const found = new Map<string, WatchedDatabase>();
  for (const resolution of resolutions) {
    if (resolution.kind === "error") throw resolution.error;
    const { target } = resolution;
    const refusal = await linkRefusal(target.givenAs, target, mounts);
    const earlier = found.get(target.path)?.refusal ?? null;
    found.set(target.path, {
      path: target.path,
      givenAs: target.givenAs,
      file: databaseFile(target),
      refusal: refusal ?? earlier,
    });
  }
  return [...found.values()];
}
