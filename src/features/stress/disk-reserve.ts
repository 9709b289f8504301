/**
 * A file that keeps room on a disk that may become full during the load: DROP TABLE needs room at the end, and so does
 * the checkpoint of the -wal.
 */
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makePrivateFolder } from "../../worker/private-folder.ts";

/** Only where less than this is free. */
const SCARCE_BYTES = 2 ** 32;

/** At most this much, and half of what is free: the load cannot fill more than the other half. */
const MAX_RESERVE_BYTES = 2 ** 24;

/** @returns the folder of the file; null where there is room enough, or no folder can be made */
export function reserveBeside(path: string): string | null {
  const { bavail, bsize } = statfsSync(dirname(path));
  const freeBytes = bavail * bsize;
  if (freeBytes > SCARCE_BYTES) return null;
  const folder = makePrivateFolder(null, dirname(path));
  if (typeof folder !== "string") return null;
  const file = join(folder, "reserve");
  try {
    writeFileSync(file, Buffer.alloc(Math.min(MAX_RESERVE_BYTES, Math.floor(freeBytes / 2))), { flag: "wx" });
  } catch {
    rmSync(file, { force: true }); // a quota, or a disk that becomes full at this moment
  }
  return folder;
}
