/**
 * Opens the very file that is meant, and checks that by the descriptors of this process: a name may lead to another
 * file, and back, between two looks.
 */
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { basename, dirname } from "node:path";
import Database from "better-sqlite3";
import { O_PATH, readFdInfo } from "../../../proc/fdinfo.ts";
import { linkOf, valueOr } from "../../../proc/read.ts";
import { statOf } from "../../../safe-open/worker/stat.ts";
import { COMPANIONS } from "../../../sqlite/roles.ts";
import { type OpenFile, openFiles } from "../../../worker/descriptors.ts";
import { type FileIdentity, OTHER_FILE } from "../protocol.ts";

export class OtherFile extends Error {
  readonly code = OTHER_FILE;
}

/** Of the file that the name leads to. @throws OtherFile where there is none */
function identityOf(path: string): FileIdentity {
  const stats = statOf(path);
  if (stats === null) throw new OtherFile("it is gone");
  return identity(stats);
}

/**
 * Opens the database, and reads it. `file`: null: whatever `path` leads to. @throws OtherFile before anything is
 * written; and errors of SQLite
 */
export function openFile(
  path: string,
  file: FileIdentity | null,
  options: Database.Options,
): { readonly db: Database.Database; readonly file: FileIdentity } {
  const db = new Database(path, options);
  try {
    const opened = file ?? identityOf(path);
    refuseOtherFile(opened); // the first read may roll a journal back
    db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get();
    refuseOtherFile(opened); // it has opened the companion files
    return { db, file: opened };
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Other threads of this process open and remove journals all the time, so that a descriptor may be another file's
 * between two system calls. What stays open is seen in each look; what one look does not show has been closed.
 */
const LOOKS = 8;

function refuseOtherFile(database: FileIdentity): void {
  let others = otherFiles(database, openFiles());
  for (let looks = 1; looks < LOOKS && others.length > 0; looks += 1) others = otherFiles(database, others);
  if (others.length > 0) throw new OtherFile("companion files of another file were opened");
}

/**
 * Those of these files that this process still has open to write, and that are neither the database nor a companion
 * file in its folder. What is open to read alone may be the program of a thread that starts. @throws OtherFile where
 * the database is not open
 */
function otherFiles(database: FileIdentity, files: readonly OpenFile[]): OpenFile[] {
  const open = openFiles().find((file) => isSame(identity(file), database));
  if (open === undefined) throw new OtherFile("another file was opened");
  const written = files.filter((file) => !isSame(identity(file), database) && isForWriting(file.fd));
  if (written.length === 0) return [];
  const companions = companionsOf(database, linkOf(`/proc/self/fd/${open.fd}`));
  return written.filter(
    (file) => !companions.some((companion) => isSame(identity(file), companion)) && isStillOpen(file),
  );
}

/**
 * By identity, in the folder that has the database. The folder is opened: whatever takes its name, or has taken it,
 * is another one. Opening it opens no file (the close trap).
 */
function companionsOf(database: FileIdentity, path: string): FileIdentity[] {
  let folder: number;
  try {
    folder = openSync(dirname(path), O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch {
    return []; // it was moved meanwhile
  }
  try {
    const inFolder = (name: string): FileIdentity | null => {
      const stats = statOf(`/proc/self/fd/${folder}/${name}`);
      return stats === null ? null : identity(stats);
    };
    const name = basename(path);
    const found = inFolder(name);
    if (found === null || !isSame(found, database)) return [];
    return COMPANIONS.flatMap(({ suffix }) => inFolder(name + suffix) ?? []);
  } finally {
    closeSync(folder);
  }
}

function isForWriting(fd: number): boolean {
  const info = valueOr(readFdInfo("/proc/self", String(fd)), null);
  return info !== null && info.access !== "read" && info.access !== "path";
}

function isStillOpen(file: OpenFile): boolean {
  try {
    return isSame(identity(fstatSync(file.fd, { bigint: true })), identity(file));
  } catch {
    return false;
  }
}

function isSame(one: FileIdentity, other: FileIdentity): boolean {
  return one.device === other.device && one.inode === other.inode;
}

/** Node.js reads the inode as a signed number. */
function identity({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): FileIdentity {
  return { device: String(dev), inode: String(BigInt.asUintN(64, ino)) };
}
