/** An inspection before a switch: the report of who-holds, the user as which SQLite would open it, and its rights. */
import { statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { inspectOne } from "../../inspect/one.ts";
import { type DatabaseReport, isPathError, type PathError, type Report } from "../../model/report.ts";
import { readBytes } from "../../observe/open-file.ts";
import type { PinnedDatabase } from "../../observe/pinned.ts";
import { type FileIdentity, isSameFile } from "../../observe/same-file.ts";
import { viewerHere } from "../../observe/viewer.ts";
import { readFdInfo } from "../../proc/fdinfo.ts";
import { mayHang, readMountinfo } from "../../proc/mountinfo.ts";
import { valueOr } from "../../proc/read.ts";
import { hardLinkedCompanion } from "../../safe-open/hard-links.ts";
import { type Opener, openerOf, pinFiles } from "../../safe-open/pins.ts";
import { HEADER_BYTES } from "../../sqlite/header.ts";
import { asPermitted } from "../../text/as-root.ts";
import { shellQuoted } from "../../text/shell.ts";
import { mayMakeFilesIn, mayWrite } from "../../user/access.ts";
import type { Pin } from "../../worker/pin.ts";
import type { KeptMode } from "./report.ts";

export interface Seen {
  readonly database: DatabaseReport;
  readonly unseen: Report["unseen"];
}

export interface SwitchLook extends Seen {
  /** The files that were found, the database first. */
  readonly pins: readonly Pin[];
  readonly opener: Opener;
  readonly access: SwitchAccess;
}

/** What the user may do who opens it, and what room there is. */
export interface SwitchAccess {
  /** Paths of the database and its companion files that this user may not write. */
  readonly notWritable: readonly string[];
  readonly folder: string;
  readonly folderWritable: boolean;
  /** A companion file with other names, to which SQLite would write; null: none, or all names are the caller's own. */
  readonly hardLinked: { readonly path: string; readonly links: number } | null;
  /** Null where the file system does not say. */
  readonly freeBytes: number | null;
  /** Where the file is mounted without its folder (docker -v FILE). */
  readonly fileMounts: readonly FileMount[];
}

export interface FileMount {
  /** The holder that has it so; null: this process. */
  readonly pid: number | null;
  readonly mountPoint: string;
}

/**
 * `pinned`: another file than this is an error; left out for a look that changes nothing. Null: a name leads to another
 * file than was looked at; another look may tell.
 */
export async function look(givenAs: string, pinned?: PinnedDatabase): Promise<SwitchLook | PathError | null> {
  const seen = await see(pinned?.path ?? givenAs, pinned?.file);
  if (isPathError(seen)) return { ...seen, givenAs };
  const database = { ...seen.database, givenAs };
  const pins = pinFiles(database);
  const opener = pins === null ? null : openerOf(pins, "write");
  const isOther = pinned !== undefined && !isSameFile(pins?.[0] ?? null, pinned.file);
  if (pins === null || opener === null || isOther) return null;
  return { database, unseen: seen.unseen, pins, opener, access: accessOf(database, pins, opener) };
}

/** Null: the path leads to another file than this by now, or to none. */
export async function lookAgain(path: string, file: FileIdentity): Promise<Seen | null> {
  const seen = await see(path, file);
  return isPathError(seen) ? null : seen;
}

async function see(path: string, file: FileIdentity | null | undefined): Promise<Seen | PathError> {
  const {
    report: { unseen },
    database,
  } = await inspectOne(path, undefined, file);
  if (isPathError(database)) return database;
  if (database.sizeBytes === null) {
    const message = `${database.path} was deleted, and a process still has it open`;
    return { givenAs: path, error: { code: "no-such-file", message, hint: "see which process: sqlock who-holds" } };
  }
  if (database.header === "likely-encrypted") return encrypted(database);
  if (database.journalMode === "unknown" && database.sizeBytes > 0) return unreadable(database);
  return { database, unseen };
}

/** Only a program with the key can read or change its header. */
function encrypted({ path, givenAs }: DatabaseReport): PathError {
  const message = `${path} is likely encrypted: it has no SQLite header`;
  const hint = "see or change its mode with the program that has its key: PRAGMA journal_mode, after PRAGMA key";
  return { givenAs, error: { code: "encrypted", message, hint } };
}

/** Its header cannot be read, or names no mode. */
function unreadable({ path, givenAs }: DatabaseReport): PathError {
  const bytes = readBytes(path, 0, HEADER_BYTES);
  if (bytes.kind !== "ok")
    return {
      givenAs,
      error: {
        code: "permission-denied",
        message: `no permission to read ${path}`,
        hint: asPermitted(`sqlock journal-mode ${shellQuoted(path)}`, viewerHere()),
      },
    };
  if (bytes.value.length < HEADER_BYTES)
    return {
      givenAs,
      error: {
        code: "not-a-database",
        message: `${path} is truncated in the middle of its header`,
        hint: "restore it from a backup",
      },
    };
  const message =
    `the header of ${path} names no journal mode that SQLite writes (versions ${bytes.value[18]} and ` +
    `${bytes.value[19]}, instead of 1 and 1, or 2 and 2)`;
  return { givenAs, error: { code: "odd-header", message, hint: "see what else is wrong with it: sqlock integrity" } };
}

/** The mode that the file keeps; null for one that has none yet. Source: bytes 18 and 19 of the header. */
export function keptModeOf({ journalMode }: Pick<DatabaseReport, "journalMode">): KeptMode | null {
  return journalMode === "unknown" ? null : journalMode === "wal" ? "wal" : "delete";
}

function accessOf(database: DatabaseReport, pins: readonly Pin[], opener: Opener): SwitchAccess {
  const { path, files } = database;
  const folder = dirname(path);
  const common = { folder, freeBytes: freeBytesOf(path), fileMounts: fileMountsOf(database) };
  // no user opens it in place: what that user may do means nothing
  if (opener.kind === "no-user" || opener.actor.kind === "isolated")
    return { ...common, notWritable: [], folderWritable: true, hardLinked: null };
  const { actor, user } = opener;
  const linked = hardLinkedCompanion(pins, actor, "in-place");
  return {
    ...common,
    notWritable: files.filter((file) => !mayWrite(file.path, user)).map((file) => file.path),
    folderWritable: mayMakeFilesIn(folder, user),
    hardLinked: linked === null ? null : { path: linked.path, links: linked.links },
  };
}

/**
 * Companion files lie beside the name that a program uses: where the file itself is mounted, that is another folder
 * than the database's.
 */
function fileMountsOf({ path: database, fileSystem, holders }: DatabaseReport): FileMount[] {
  const own = fileSystem?.mountPoint === database ? [{ pid: null, mountPoint: database }] : [];
  const others = holders.flatMap(({ pid, handles }) => {
    const mounts = valueOr(readMountinfo(`/proc/${pid}`), []);
    const points = handles
      .filter(({ role, deleted, moved }) => role === "database" && !deleted && !moved)
      .flatMap(({ fd, path }) => {
        const info = valueOr(readFdInfo(`/proc/${pid}`, String(fd)), null);
        const mount = mounts.find(({ id }) => id === info?.mountId);
        if (mount === undefined) return [];
        // what may hang is not asked: a file that is mounted has the name of its mount point
        const isFileMount = mayHang(mount.type)
          ? path === mount.mountPoint
          : isFile(`/proc/${pid}/root${mount.mountPoint}`);
        return isFileMount ? [mount.mountPoint] : [];
      });
    return [...new Set(points)].map((mountPoint) => ({ pid, mountPoint }));
  });
  return [...own, ...others];
}

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    return false;
  }
}

/** Source: statfs(2). Null where the file system has no such number (it says 0 blocks in all). */
function freeBytesOf(path: string): number | null {
  try {
    const { blocks, bavail, bsize } = statfsSync(path);
    return blocks === 0 ? null : bavail * bsize;
  } catch {
    return null; // the database is gone by now, and SQLite will say so
  }
}
