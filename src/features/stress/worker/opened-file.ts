/**
 * Opens the very file that is meant, and checks that by the descriptors of this process: a name may lead to another
 * file, and back, between two looks.
 */
import Database from "better-sqlite3";
import { readFdInfo } from "../../../proc/fdinfo.ts";
import { linkOf, valueOr } from "../../../proc/read.ts";
import { statOf } from "../../../safe-open/worker/stat.ts";
import { COMPANIONS } from "../../../sqlite/roles.ts";
import { openFiles } from "../../../worker/descriptors.ts";
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
 * Another thread may have closed a journal, and have its descriptor used again, in the middle of a look; and one that
 * opens and removes journals all the time may do so in several looks, with the same inode. A file that stays open is in
 * each.
 */
const LOOKS = 8;

function refuseOtherFile(database: FileIdentity): void {
  let others = otherFiles(database);
  for (let looks = 1; looks < LOOKS && others.length > 0; looks += 1) {
    const now = otherFiles(database);
    others = others.filter((key) => now.includes(key));
  }
  if (others.length > 0) throw new OtherFile("companion files of another file were opened");
}

/**
 * What this process has open to write beside the database and its companion files: descriptor, device and inode.
 * What is open to read alone may be the program of a thread that starts. @throws OtherFile where the database is not
 * open
 */
function otherFiles({ device, inode }: FileIdentity): string[] {
  const files = openFiles();
  const database = files.find((file) => identity(file).device === device && identity(file).inode === inode);
  if (database === undefined) throw new OtherFile("another file was opened");
  const path = linkOf(`/proc/self/fd/${database.fd}`);
  const names = new Set(["", ...COMPANIONS.map(({ suffix }) => suffix)].map((suffix) => path + suffix));
  return files
    .filter(({ fd }) => isForWriting(fd) && !names.has(linkOf(`/proc/self/fd/${fd}`)))
    .map(({ fd, dev, ino }) => `${fd} ${dev} ${ino}`);
}

function isForWriting(fd: number): boolean {
  const info = valueOr(readFdInfo("/proc/self", String(fd)), null);
  return info !== null && info.access !== "read" && info.access !== "path";
}

/** Node.js reads the inode as a signed number. */
function identity({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): FileIdentity {
  return { device: String(dev), inode: String(BigInt.asUintN(64, ino)) };
}
