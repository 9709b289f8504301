/** A look before a switch: the report of who-holds, and what this process may do. */
import { constants, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { inspectOne } from "../../inspect/one.ts";
import { type DatabaseReport, isPathError, type PathError, type Report } from "../../model/report.ts";
import { hasAccess } from "../../observe/access.ts";
import { readBytes } from "../../observe/open-file.ts";
import { readFdInfo } from "../../proc/fdinfo.ts";
import { mayHang, readMountinfo } from "../../proc/mountinfo.ts";
import { valueOr } from "../../proc/read.ts";
import { HEADER_BYTES } from "../../sqlite/header.ts";
import type { KeptMode } from "./report.ts";

export interface SwitchLook {
  readonly database: DatabaseReport;
  readonly unseen: Report["unseen"];
  readonly access: SwitchAccess;
}

/** What this process may do, and what room there is. */
export interface SwitchAccess {
  /** Paths of the database and its companion files that it may not write. */
  readonly notWritable: readonly string[];
  readonly folder: string;
  readonly folderWritable: boolean;
  /** Null where the file system does not say. */
  readonly freeBytes: number | null;
  /** Where the file is mounted by itself (docker -v FILE). */
  readonly fileMounts: readonly FileMount[];
}

export interface FileMount {
  /** The holder that has it so; null: this process. */
  readonly pid: number | null;
  readonly mountPoint: string;
}

export async function look(givenAs: string): Promise<SwitchLook | PathError> {
  const {
    report: { unseen },
    database,
  } = await inspectOne(givenAs);
  if (isPathError(database)) return database;
  if (database.sizeBytes === null) {
    const message = `${database.path} was deleted, and somebody still has it open`;
    return { givenAs, error: { code: "no-such-file", message, hint: "see who: sqlock who-holds" } };
  }
  if (database.journalMode === "unknown" && database.sizeBytes > 0) return unreadable(database);
  return { database, unseen, access: accessOf(database) };
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
        hint: "run it as the user that owns it, or with sudo",
      },
    };
  if (bytes.value.length < HEADER_BYTES)
    return {
      givenAs,
      error: {
        code: "not-a-database",
        message: `${path} is cut off in the middle of its header`,
        hint: "restore it from a backup",
      },
    };
  const message =
    `the header of ${path} names no journal mode that SQLite writes (versions ${bytes.value[18]} and ` +
    `${bytes.value[19]}, and neither 1 and 1 nor 2 and 2)`;
  return { givenAs, error: { code: "odd-header", message, hint: "see what else of it is odd: sqlock integrity" } };
}

/** The mode that the file keeps; null for one that has none yet. Source: bytes 18 and 19 of the header. */
export function keptModeOf({ journalMode }: Pick<DatabaseReport, "journalMode">): KeptMode | null {
  return journalMode === "unknown" ? null : journalMode === "wal" ? "wal" : "delete";
}

function accessOf(database: DatabaseReport): SwitchAccess {
  const { path, files } = database;
  const folder = dirname(path);
  return {
    notWritable: files
      .filter((file) => !hasAccess(file.path, constants.R_OK | constants.W_OK))
      .map((file) => file.path),
    folder,
    folderWritable: hasAccess(folder, constants.W_OK | constants.X_OK),
    freeBytes: freeBytesOf(path),
    fileMounts: fileMountsOf(database),
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
    return null; // the database has gone meanwhile, and SQLite will say so
  }
}
