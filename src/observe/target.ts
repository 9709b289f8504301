/** Describes a database with its companion files, folder and file system, as they are now. */
import { type BigIntStats, readdirSync, statfsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { DatabaseFile, FreeSpace, OddCompanion, OtherName, Target } from "../model/snapshot.ts";
import type { Mount } from "../proc/mountinfo.ts";
import { failure, valueOr } from "../proc/read.ts";
import { COMPANIONS, type Role, roleOfPath } from "../sqlite/roles.ts";
import { uptimeMs } from "../time.ts";
import { asUser } from "../user/as-user.ts";
import type { User } from "../user/user.ts";
import { entriesOf } from "./folder.ts";
import {
  fileSystemOf,
  type IdentifiedFile,
  identifyBeside,
  inodeOf,
  rightsOf,
  statIfPresent,
  toDatabaseFile,
} from "./identify.ts";
import { hasValidJournal } from "./journal-facts.ts";
import { readBytes } from "./open-file.ts";

/** `user`: who looks, where root may not; null: this process. */
export function describeTarget(
  givenAs: string,
  path: string,
  file: IdentifiedFile,
  mounts: readonly Mount[],
  user: User | null = null,
): Target {
  const files: DatabaseFile[] = [toDatabaseFile("database", path, file, mounts)];
  const oddCompanions: OddCompanion[] = [];
  /** What is there if it is no regular file. */
  const add = (role: Role, companion: string): BigIntStats | null => {
    const found = identifyBeside(companion, file, mounts, user);
    if (found?.stats.isFile() !== true) return found?.stats ?? null;
    files.push(toDatabaseFile(role, companion, found, mounts));
    return null;
  };
  for (const { role, suffix } of COMPANIONS) {
    const odd = add(role, path + suffix);
    if (odd !== null) oddCompanions.push({ role, path: path + suffix, type: typeOf(odd) });
  }
  const folder = asUser(user, () => statIfPresent(dirname(path))) ?? null;
  const fileSystem = fileSystemOf(file.mountId, mounts);
  const mount = mounts.find(({ id }) => id === file.mountId);
  const isSmall = folder !== null && folder.size <= SMALL_FOLDER_BYTES && fileSystem?.network === false;
  for (const name of superJournalsBeside(path, isSmall, user)) add("super-journal", join(dirname(path), name));
  const otherNames = file.stats.nlink > 1n ? otherNamesOf(path, file, isSmall, user) : [];
  const lock = identifyBeside(`${path}.lock`, file, mounts, user);
  const lockFile = lock === null ? null : lockFileOf(`${path}.lock`, lock, user);
  return {
    givenAs,
    path,
    files,
    oddCompanions,
    fileSystem,
    space: asUser(user, () => spaceOf(path)),
    wentReadOnly: mount?.wentReadOnly ?? null,
    mountOptions: mount?.superOptions.split(",") ?? [],
    folder: folder === null ? null : rightsOf(folder),
    lookAs: user,
    lockDirectorySince: lock?.stats.isDirectory() === true || lockFile !== null ? (lock?.stats.mtime ?? null) : null,
    ...(lockFile === null ? {} : { lockFile }),
    ...(otherNames.length === 0 ? {} : { otherNames }),
  };
}

/** Of so many names in the folder of a database with several names it is asked which file they are. */
const MAX_NAMES = 2000;

/** In its own folder, with a -journal or -wal of their own. */
function otherNamesOf(path: string, { stats }: IdentifiedFile, isSmall: boolean, user: User | null): OtherName[] {
  const folder = dirname(path);
  const names = listFolder(folder, isSmall, user);
  const known = new Set(names);
  return names.slice(0, MAX_NAMES).flatMap((name) => {
    if (name === basename(path) || !(known.has(`${name}-journal`) || known.has(`${name}-wal`))) return [];
    const other = join(folder, name);
    const found = asUser(user, () => statIfPresent(other));
    if (found === undefined || found.dev !== stats.dev || found.ino !== stats.ino) return [];
    const wal = asUser(user, () => statIfPresent(`${other}-wal`));
    const has = {
      journal: hasValidJournal(other, user),
      wal: wal?.isFile() === true && wal.size > 0n,
    };
    return has.journal || has.wal ? [{ path: other, ...has }] : [];
  });
}

const MAX_PID_DIGITS = 10n;

/**
 * Of a file whose whole text is a pid. Many programs have a file of that name for themselves: those that lock SQLite by
 * one write the number alone (ncruces/go-sqlite3, `internal/dotlk`). Null for every other file.
 */
function lockFileOf(
  path: string,
  { stats }: IdentifiedFile,
  user: User | null,
): NonNullable<Target["lockFile"]> | null {
  if (!stats.isFile() || stats.size === 0n || stats.size > MAX_PID_DIGITS) return null;
  const bytes = valueOr(
    readBytes(path, 0, Number(stats.size), { device: stats.dev, inode: inodeOf(stats) }, user),
    null,
  );
  const text = bytes === null ? "" : Buffer.from(bytes).toString("latin1");
  return /^[1-9]\d*$/.test(text) ? { pid: Number(text), runs: runs(Number(text)) } : null;
}

/** Asks by a signal that is none: that sees processes which /proc hides (hidepid). Source: kill(2) */
function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function typeOf(stats: BigIntStats): OddCompanion["type"] {
  if (stats.isSymbolicLink()) return "link";
  return stats.isDirectory() ? "folder" : stats.isFIFO() ? "pipe" : "other";
}

/** Null where statfs(2) fails, or where the file system reports no sizes (0 blocks in total). */
export function spaceOf(path: string): FreeSpace | null {
  try {
    const { bsize, blocks, bfree, bavail, files, ffree } = statfsSync(path);
    return blocks === 0
      ? null
      : {
          freeBytes: bsize * bavail,
          reservedBytes: bsize * Math.max(0, bfree - bavail),
          totalBytes: bsize * blocks,
          freeInodes: files === 0 ? null : ffree,
        };
  } catch (error) {
    failure(error);
    return null;
  }
}

/** [] where the folder cannot be listed. */
function superJournalsBeside(path: string, isSmall: boolean, user: User | null): string[] {
  const name = basename(path);
  return listFolder(dirname(path), isSmall, user)
    .filter((each) => each.startsWith(`${name}-mj`) && roleOfPath(name, each) === "super-journal")
    .slice(0, MAX_SUPER_JOURNALS);
}

/** A commit makes one; a crash leaves one. */
const MAX_SUPER_JOURNALS = 100;

/** A folder of this size has some thousands of names, which are best read in one go. */
const SMALL_FOLDER_BYTES = 1n << 16n;

/** The folder that was listed last: databases of one folder are described one after the other. */
let lastListing: { readonly folder: string; readonly at: number; readonly names: string[] } | null = null;

const MAX_LISTING_AGE_MS = 20;

/** How long a folder may take to be listed, in ms. One with more names may have super-journals that are not shown. */
const MAX_LISTING_MS = 100;

function listFolder(folder: string, isSmall: boolean, user: User | null): string[] {
  const now = uptimeMs();
  if (lastListing?.folder === folder && now - lastListing.at < MAX_LISTING_AGE_MS) return lastListing.names;
  let names: string[] = [];
  try {
    if (isSmall) names = asUser(user, () => readdirSync(folder));
    else names = firstNames(folder, user);
  } catch (error) {
    failure(error);
  }
  lastListing = { folder, at: uptimeMs(), names };
  return names;
}

function firstNames(folder: string, user: User | null): string[] {
  const until = uptimeMs() + MAX_LISTING_MS;
  const names: string[] = [];
  for (const { name } of entriesOf(folder, user)) {
    names.push(name);
    if (names.length % 1000 === 0 && uptimeMs() > until) break;
  }
  return names;
}
