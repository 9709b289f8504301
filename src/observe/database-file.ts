/** Which files are SQLite databases, by their first bytes. */
import { type Dirent, readdirSync } from "node:fs";
import { join } from "node:path";
import { failure } from "../proc/read.ts";
import { hasDatabaseMagic } from "../sqlite/header.ts";
import { readBytes } from "./identify.ts";
import { permissionError } from "./path-errors.ts";

/** Whether a regular file starts as an SQLite database does. */
export function isDatabaseFile(path: string | Buffer): boolean {
  const bytes = readBytes(path, 0, 16);
  return bytes.kind === "ok" && hasDatabaseMagic(bytes.value);
}

export interface DatabasesInFolder {
  /** Sorted. */
  readonly paths: readonly string[];
  /** Those whose names are not UTF-8, with replacement characters: no text names these files. */
  readonly notUtf8: readonly string[];
}

/** The databases directly in a folder. @throws UserError */
export function databasesInFolder(folder: string): DatabasesInFolder {
  let entries: Dirent[];
  try {
    // no stat(2) of its folders: one may be a mount that does not answer
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    failure(error);
    throw permissionError(folder);
  }
  const names = entries.flatMap((entry) => (entry.isFile() ? entry.name : [])).sort();
  return {
    paths: names.map((name) => join(folder, name)).filter(isDatabaseFile),
    notUtf8: notUtf8Names(folder, names),
  };
}

function notUtf8Names(folder: string, names: readonly string[]): string[] {
  if (!names.some((name) => name.includes("\ufffd"))) return [];
  return readdirSync(folder, { encoding: "buffer" }).flatMap((name) => {
    const text = name.toString("utf8");
    const path = Buffer.concat([Buffer.from(`${folder}/`), name]);
    return !Buffer.from(text).equals(name) && isDatabaseFile(path) ? [join(folder, text)] : [];
  });
}
