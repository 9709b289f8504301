/** `-r FOLDER`: databases below a folder, by their first bytes and not by their names. */
import { type Dirent, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../errors.ts";
import { readBytes } from "../../observe/identify.ts";
import { failure } from "../../proc/read.ts";
import { hasDatabaseMagic } from "../../sqlite/header.ts";

/** A database, or what could not be looked into for some. */
export interface Found {
  readonly path: string;
  readonly denied?: true;
  /** Of a name that is not UTF-8, which Node.js cannot give to another process: the path is what can be shown of it. */
  readonly unnamable?: true;
}

/**
 * In the order of their names. Links are not followed, other file systems not entered. @throws UserError where there is
 * no such folder, or none in it.
 */
export function databasesBelow(folder: string): Found[] {
  const stats = statOf(folder);
  if (stats === null)
    throw new UserError(
      "no-such-file",
      `there is no folder ${folder}`,
      "check the path; a relative one starts at the current folder",
    );
  if (!stats.isDirectory()) throw new UserError("usage", `${folder} is not a folder`, "give a file without -r");
  const found = [...search(folder, stats.dev)];
  if (found.length > 0) return found;
  throw new UserError(
    "no-databases-in-folder",
    `there is no SQLite database below ${folder}`,
    "check the path; databases are found by their first bytes, whatever their names",
  );
}

function statOf(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (failure(error).kind === "denied")
      throw new UserError(
        "permission-denied",
        `no permission to look at ${path}`,
        "run with sudo, or as the user that owns it",
      );
    return null;
  }
}

function* search(folder: string, device: number): Generator<Found> {
  let entries: Dirent[];
  try {
    yield* unnamable(folder);
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (failure(error).kind === "denied") yield { path: folder, denied: true };
    return;
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const names = new Set(entries.map(({ name }) => name));
  for (const entry of entries) {
    if (entry.name.includes("\ufffd")) continue; // told by unnamable(), or a name with that character
    const path = folder === "." ? `./${entry.name}` : join(folder, entry.name); // the name alone may be a URI, or ":memory:"
    if (entry.isDirectory()) {
      if (sameDevice(path, device)) yield* search(path, device);
    } else if (entry.isFile()) {
      const bytes = readBytes(path, 0, 16);
      if (bytes.kind === "denied" && !isCompanion(entry.name, names)) yield { path, denied: true };
      else if (bytes.kind === "ok" && hasDatabaseMagic(bytes.value)) yield { path };
    }
  }
}

/** Databases and folders in a folder whose names are not UTF-8. */
function* unnamable(folder: string): Generator<Found> {
  for (const entry of readdirSync(folder, { withFileTypes: true, encoding: "buffer" })) {
    const name = String(entry.name);
    if (!name.includes("\ufffd")) continue;
    const path = Buffer.concat([Buffer.from(`${folder}/`), entry.name]);
    const bytes = entry.isFile() ? readBytes(path, 0, 16) : null;
    if (entry.isDirectory() || (bytes?.kind === "ok" && hasDatabaseMagic(bytes.value)))
      yield { path: join(folder, name), unnamable: true };
  }
}

/** It goes with the database that lies beside it. */
function isCompanion(name: string, names: ReadonlySet<string>): boolean {
  const suffix = /-(?:wal|shm|journal)$/.exec(name)?.[0];
  return suffix !== undefined && names.has(name.slice(0, -suffix.length));
}

function sameDevice(path: string, device: number): boolean {
  try {
    return statSync(path).dev === device;
  } catch (error) {
    return failure(error).kind === "denied"; // it is told when it is listed
  }
}
