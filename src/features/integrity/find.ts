/** `-r FOLDER`: the databases below a folder, and what has the name of one or files beside it as one. */
import { type Dirent, readdirSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../errors.ts";
import { readBytes } from "../../observe/open-file.ts";
import { viewerHere } from "../../observe/viewer.ts";
import { type Denied, failure } from "../../proc/read.ts";
import { contentOf } from "../../safe-open/first-bytes.ts";
import { HEADER_BYTES, hasDatabaseMagic } from "../../sqlite/header.ts";
import { asPermitted } from "../../text/as-root.ts";
import { quotedPath } from "../../text/shell.ts";
import { contentAtRisk } from "../output/target.ts";
import { DATABASE_SUFFIXES, hasDatabaseName, type NameFact, nameFact } from "./candidate-names.ts";
import type { Excludes } from "./exclude.ts";
import type { Candidate } from "./integrity.ts";
import type { Reason } from "./reasons.ts";

/**
 * Databases, what may have been one, and what could not be searched, in the order of their names. Links are not
 * followed, other file systems not entered. @throws UserError where there is no such folder, or no database in it
 */
export function databasesBelow(folder: string, excludes: Excludes): Candidate[] {
  const stats = statOf(folder);
  if (stats === null)
    throw new UserError(
      "no-such-file",
      `there is no folder ${folder}`,
      "check the path; a relative path starts at the current folder",
    );
  if (!stats.isDirectory()) throw new UserError("usage", `${folder} is not a folder`, "give a file without -r");
  const real = realPathOf(folder);
  const found = [...search({ path: folder, real, below: "", device: stats.dev }, excludes)];
  if (found.length > 0) return found;
  throw new UserError(
    "no-databases-in-folder",
    `there is no SQLite database below ${folder}${excludes.used ? " that --exclude does not leave out" : ""}`,
    "check the path; what counts: the first bytes of a database, " +
      `a usual name (${DATABASE_SUFFIXES.slice(0, 4).join(", ")} ...), or a -wal, -shm or -journal beside it`,
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

/** Null where a folder on the way cannot be read. */
function realPathOf(folder: string): string | null {
  try {
    return realpathSync(folder);
  } catch (error) {
    failure(error);
    return null;
  }
}

interface Folder {
  readonly path: string;
  /** Without links; null where it is not known. */
  readonly real: string | null;
  /** Relative to the folder of -r, with a `/` at the end; "" for that one itself. */
  readonly below: string;
  readonly device: number;
}

function* search(folder: Folder, excludes: Excludes): Generator<Candidate> {
  let children: Dirent<Buffer>[];
  try {
    children = readdirSync(folder.path, { withFileTypes: true, encoding: "buffer" });
  } catch (error) {
    const why = failure(error);
    if (why.kind === "denied") yield { path: folder.path, unchecked: deniedReason(folder.path, why) };
    return;
  }
  const named = children.map((entry) => ({ entry, name: String(entry.name) }));
  const names = new Set(named.map(({ name }) => name));
  const files = new Set(named.flatMap(({ entry, name }) => (entry.isFile() ? [name] : [])));
  for (const { entry, name } of named.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (excludes.has(folder.below + name)) continue;
    const child = childOf(folder.path, name, entry.name);
    const { path, unnamed } = child;
    if (entry.isDirectory() && unnamed !== null) yield { path, unchecked: unnamed };
    else if (entry.isDirectory() && sameDevice(path, folder.device))
      yield* search(
        { path, real: realBelow(folder, name), below: `${folder.below}${name}/`, device: folder.device },
        excludes,
      );
    else if (entry.isFile())
      for (const candidate of candidateOf(child, nameFact(name, files, names))) {
        const real = realBelow(folder, name);
        yield real === null ? candidate : { ...candidate, realPath: real };
      }
  }
}

function realBelow({ real }: Folder, name: string): string | null {
  return real === null ? null : join(real, name);
}

interface Child {
  readonly path: string;
  readonly bytes: Buffer;
  /** Why it cannot be given to another process by its name; null: it can be. */
  readonly unnamed: Extract<Reason, { kind: "not-utf8" }> | null;
}

function childOf(folder: string, name: string, bytes: Buffer): Child {
  // The name alone may be a URI, or ":memory:".
  const path = folder === "." ? `./${name}` : join(folder, name);
  // Or a name with that very character.
  const unnamed = name.includes("\ufffd") ? ({ kind: "not-utf8", path } as const) : null;
  return { path, bytes: Buffer.concat([Buffer.from(`${folder}/`), bytes]), unnamed };
}

/** By its first bytes, its name and the files beside it. */
function* candidateOf({ path, bytes, unnamed }: Child, fact: NameFact): Generator<Candidate> {
  const start = readBytes(bytes, 0, HEADER_BYTES);
  if (start.kind === "gone") return;
  if (start.kind === "denied") {
    if (fact.kind !== "companion") yield { path, unchecked: unnamed ?? deniedReason(path, start) };
    return;
  }
  const content = start.value;
  const isFound =
    hasDatabaseMagic(content) || contentOf(content).kind === "damaged-magic" || isExpected(path, fact, content);
  if (!isFound) return;
  const isEmpty = content.length === 0 && fact.kind === "file" && !fact.hasCompanion;
  const unchecked = unnamed ?? (isEmpty ? ({ kind: "empty", path, companions: [] } as const) : null);
  yield unchecked === null ? { path } : { path, unchecked };
}

/** There is, or was, a database of this name; of a companion file without it: beside this file. */
function isExpected(path: string, fact: NameFact, content: Uint8Array): boolean {
  switch (fact.kind) {
    case "companion":
      return false;
    case "orphan":
      return hasDatabaseName(fact.database) || contentAtRisk(content) !== null;
    case "file":
      return fact.hasCompanion || hasDatabaseName(path);
  }
}

function deniedReason(path: string, why: Denied): Reason {
  return { kind: "look", failure: { ...why, path } };
}

function sameDevice(path: string, device: number): boolean {
  try {
    return statSync(path).dev === device;
  } catch (error) {
    return failure(error).kind === "denied"; // reported when it is listed
  }
}
