/** Whether a database may have been restored over while a -wal or -journal of the one before lay beside it. */

import type { DatabaseSnapshot } from "../../model/snapshot.ts";
import { duration } from "../../text/duration.ts";
import { shellQuoted } from "../../text/shell.ts";

/** Writes of one crash lie closer together, in ms. */
const ONE_MOMENT_MS = 1000;

/**
 * How long after the last write to its companion file the database itself was changed, in ms; null: not noticeably. A
 * checkpoint or a commit does so as well.
 */
export function changedAfter({ target }: DatabaseSnapshot, role: "wal" | "journal"): number | null {
  const database = target.files.find((file) => file.role === "database");
  const companion = target.files.find((file) => file.role === role);
  if (database === undefined || companion === undefined) return null;
  const ms = database.changedMs - companion.writtenMs;
  return ms > ONE_MOMENT_MS ? ms : null;
}

/** The evidence in a sentence, with a space before it; "" where there is none. */
export function restoredText(seen: DatabaseSnapshot, role: "wal" | "journal"): string {
  const ms = changedAfter(seen, role);
  return ms === null
    ? ""
    : ` The database file was changed ${duration(ms)} after the last write to its -${role}: either by SQLite, or ` +
        "because it was restored.";
}

/** Where a remedy puts copies: not in the current folder, which may be that of another user. */
export const SAFE_FOLDER = "/a/safe/folder/";

/**
 * `cp -a DATABASE DATABASE-wal /a/safe/folder/`. With -a: by then the owner of the folder may have put a link or a pipe
 * there, which is copied as such, neither followed nor waited for.
 */
export function copyAside(path: string, role: "wal" | "journal"): string {
  return copyFiles([path, `${path}-${role}`]);
}

export function copyFiles(paths: readonly string[]): string {
  return `cp -a ${paths.map(shellQuoted).join(" ")} ${SAFE_FOLDER}`;
}
