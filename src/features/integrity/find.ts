/** `-r FOLDER`: databases below a folder, by their first bytes and not by their names. */
import { type Dirent, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../errors.ts";
import { readBytes } from "../../observe/open-file.ts";
import { viewerHere } from "../../observe/viewer.ts";
import { failure } from "../../proc/read.ts";
import { hasDatabaseMagic } from "../../sqlite/header.ts";
import { databaseOfCompanion } from "../../sqlite/roles.ts";
import { asPermitted } from "../../text/as-root.ts";
import { quotedPath } from "../../text/shell.ts";
import type { Candidate } from "./integrity.ts";

/**
 * Databases, and what could not be searched, in the order of their names. Links are not followed, other file systems
 * not entered. @throws UserError where there is no such folder, or no database in it
 */
export function databasesBelow(folder: string): Candidate[] {
  const stats = statOf(folder);
  if (stats === null)
    throw new UserError(
      "no-such-file",
      `there is no folder ${folder}`,
      "check the path; a relative path starts at the current folder",
    );
  if (!stats.isDirectory()) throw new UserError("usage", `${folder} is not a folder`, "give a file without -r");
  const found = [...search(folder, stats.dev)];
  if (found.length > 0) return found;
  throw new UserError(
    "no-databases-in-folder",
    `there is no SQLite database below ${folder}`,
    "check the path; databases are recognised by their first bytes, whatever their names",
  );
}

function statOf(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (failure(error).kind === "denied")
      throw new UserError(
        "permission-denied",
        `no permission to inspect ${path}`,
        asPermitted(`sqlock integrity -r ${quotedPath(path)}`, viewerHere()),
      );
    return null;
  }
}

function* search(folder: string, device: number): Generator<Candidate> {
  let children: Dirent[];
  try {
    yield* withoutUtf8Name(folder);
    children = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (failure(error).kind === "denied") yield { path: folder, denied: true };
    return;
  }
  children.sort((a, b) => (a.name < b.name ? -1 : 1));
  const names = new Set(children.map(({ name }) => name));
  for (const child of children) {
    if (child.name.includes("\ufffd")) continue; // see withoutUtf8Name(), or a name with that character
    // The name alone may be a URI, or ":memory:".
    const path = folder === "." ? `./${child.name}` : join(folder, child.name);
    if (child.isDirectory()) {
      if (sameDevice(path, device)) yield* search(path, device);
    } else if (child.isFile()) {
      const bytes = readBytes(path, 0, 16);
      if (bytes.kind === "denied" && !isCompanion(child.name, names)) yield { path, denied: true };
      else if (bytes.kind === "ok" && hasDatabaseMagic(bytes.value)) yield { path };
    }
  }
}

/** Databases and folders in a folder whose names are not UTF-8. */
function* withoutUtf8Name(folder: string): Generator<Candidate> {
  for (const child of readdirSync(folder, { withFileTypes: true, encoding: "buffer" })) {
    const name = String(child.name);
    if (!name.includes("\ufffd")) continue;
    const path = Buffer.concat([Buffer.from(`${folder}/`), child.name]);
    const bytes = child.isFile() ? readBytes(path, 0, 16) : null;
    if (child.isDirectory() || (bytes?.kind === "ok" && hasDatabaseMagic(bytes.value)))
      yield { path: join(folder, name), notUtf8: true };
  }
}

/** It belongs to a database in the same folder. */
function isCompanion(name: string, names: ReadonlySet<string>): boolean {
  const companion = databaseOfCompanion(name);
  return companion !== null && names.has(companion.database);
}

function sameDevice(path: string, device: number): boolean {
  try {
    return statSync(path).dev === device;
  } catch (error) {
    return failure(error).kind === "denied"; // reported when it is listed
  }
}
