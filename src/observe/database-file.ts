/** Which files are SQLite databases, by their first bytes. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { failure } from "../proc/read.ts";
import { hasDatabaseMagic } from "../sqlite/header.ts";
import { asUser } from "../user/as-user.ts";
import type { User } from "../user/user.ts";
import { entriesOf } from "./folder.ts";
import { readBytes } from "./open-file.ts";
import { Turns } from "./pace.ts";
import { deniedError, permissionError } from "./path-errors.ts";

/** Whether a regular file starts as a SQLite database does. */
export function isDatabaseFile(path: string | Buffer, user: User | null = null): boolean {
  const bytes = readBytes(path, 0, 16, null, user);
  return bytes.kind === "ok" && hasDatabaseMagic(bytes.value);
}

export interface DatabasesInFolder {
  /** Sorted. */
  readonly paths: readonly string[];
  /** Those whose names are not UTF-8, with replacement characters: no text names these files. */
  readonly notUtf8: readonly string[];
}

/** A folder on FUSE may have names without end. */
const MAX_NAMES = 1_000_000;

/** The databases directly in a folder. @throws UserError */
export async function databasesInFolder(folder: string, user: User | null): Promise<DatabasesInFolder> {
  const turns = new Turns();
  const names: string[] = [];
  try {
    // no stat(2) of its folders: one may be a mount that does not answer
    let seen = 0;
    for (const entry of entriesOf(folder, user)) {
      if (entry.isFile()) names.push(entry.name);
      if (++seen > MAX_NAMES) throw tooManyNames(folder);
      await turns.giveWay();
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    const why = failure(error);
    throw why.kind === "denied" ? deniedError(folder, why) : permissionError(folder);
  }
  const paths: string[] = [];
  for (const name of names.sort()) {
    const path = join(folder, name);
    if (isDatabaseFile(path, user)) paths.push(path);
    await turns.giveWay();
  }
  return { paths, notUtf8: notUtf8Names(folder, names, user) };
}

function tooManyNames(folder: string): UserError {
  return new UserError(
    "folder-too-large",
    `${folder} has more than a million names, too many to search for databases`,
    "give the path of a database file",
  );
}

function notUtf8Names(folder: string, names: readonly string[], user: User | null): string[] {
  if (!names.some((name) => name.includes("\ufffd"))) return [];
  return asUser(user, () => readdirSync(folder, { encoding: "buffer" })).flatMap((name) => {
    const text = name.toString("utf8");
    const path = Buffer.concat([Buffer.from(`${folder}/`), name]);
    return !Buffer.from(text).equals(name) && isDatabaseFile(path, user) ? [join(folder, text)] : [];
  });
}
