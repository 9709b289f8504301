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

function refuseOtherFile({ device, inode }: FileIdentity): void {
  const files = openFiles();
  const database = files.map(identity).findIndex((file) => file.device === device && file.inode === inode);
  if (database === -1) throw new OtherFile("another file was opened");
  const pathOf = (index: number) => linkOf(`/proc/self/fd/${files[index]?.fd}`);
  const names = new Set(["", ...COMPANIONS.map(({ suffix }) => suffix)].map((suffix) => pathOf(database) + suffix));
  // What is open for reading alone may be the program of a thread that starts.
  const isOther = files.some(({ fd }, index) => isForWriting(fd) && !names.has(pathOf(index)));
  if (isOther) throw new OtherFile("companion files of another file were opened");
}

function isForWriting(fd: number): boolean {
  const info = valueOr(readFdInfo("/proc/self", String(fd)), null);
  return info !== null && info.access !== "read" && info.access !== "path";
}

/** Node.js reads the inode as a signed number. */
function identity({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): FileIdentity {
  return { device: String(dev), inode: String(BigInt.asUintN(64, ino)) };
}
