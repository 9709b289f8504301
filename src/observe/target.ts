/** The files of a database, as they are now. */
import { readdirSync, statfsSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { DatabaseFile, FreeSpace, Rights, Target } from "../model/snapshot.ts";
import type { Mount } from "../proc/mountinfo.ts";
import { failure } from "../proc/read.ts";
import { COMPANIONS, type Role, roleOfPath } from "../sqlite/roles.ts";
import { uptimeMs } from "../time.ts";
import { fileSystemOf, type IdentifiedFile, identifyBeside, rightsOf, toDatabaseFile } from "./identify.ts";

/** The database, its companion files as they are now, its file system. */
export function describeTarget(givenAs: string, path: string, file: IdentifiedFile, mounts: readonly Mount[]): Target {
  const files: DatabaseFile[] = [toDatabaseFile("database", path, file, mounts)];
  const add = (role: Role, companion: string) => {
    const found = identifyBeside(companion, file, mounts);
    if (found?.stats.isFile() === true) files.push(toDatabaseFile(role, companion, found, mounts));
  };
  for (const { role, suffix } of COMPANIONS) add(role, path + suffix);
  for (const name of superJournalsBeside(path)) add("super-journal", join(dirname(path), name));
  const lock = identifyBeside(`${path}.lock`, file, mounts);
  return {
    givenAs,
    path,
    files,
    fileSystem: fileSystemOf(file.mountId, mounts),
    space: spaceOf(path),
    mountOptions: mounts.find((mount) => mount.id === file.mountId)?.superOptions.split(",") ?? [],
    folder: rightsOfFolder(dirname(path)),
    lockDirectorySince: lock?.stats.isDirectory() === true ? lock.stats.mtime : null,
  };
}

/** Null where it cannot be asked, or the file system has no such numbers (it says 0 blocks in all). */
function spaceOf(path: string): FreeSpace | null {
  try {
    const { bsize, blocks, bavail, files, ffree } = statfsSync(path);
    return blocks === 0
      ? null
      : { freeBytes: bsize * bavail, totalBytes: bsize * blocks, freeInodes: files === 0 ? null : ffree };
  } catch (error) {
    failure(error);
    return null;
  }
}

function rightsOfFolder(path: string): Rights | null {
  try {
    return rightsOf(statSync(path, { bigint: true }));
  } catch (error) {
    failure(error);
    return null;
  }
}

/** None where the folder cannot be listed. */
function superJournalsBeside(path: string): string[] {
  const name = basename(path);
  return namesIn(dirname(path)).filter(
    (each) => each.startsWith(`${name}-mj`) && roleOfPath(name, each) === "super-journal",
  );
}

/** The last folder that was listed, for the databases of one folder that are looked at one after the other. */
let listed: { readonly folder: string; readonly at: number; readonly names: string[] } | null = null;

const LISTED_MS = 20;

function namesIn(folder: string): string[] {
  const now = uptimeMs();
  if (listed?.folder === folder && now - listed.at < LISTED_MS) return listed.names;
  let names: string[] = [];
  try {
    names = readdirSync(folder);
  } catch (error) {
    failure(error);
  }
  listed = { folder, at: now, names };
  return names;
}
