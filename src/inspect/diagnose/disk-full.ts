import { count, size } from "../phrases.ts";
import type { Rule } from "./rule.ts";

/** Below this share of the disk it is nearly full, */
const NEARLY_FULL = 0.01;

/** … which on a very large one is still room enough for long: then it is no warning. In bytes. */
const ROOM_ENOUGH = 10 * 2 ** 30;

/** Less room than a checkpoint may need, or nearly none. */
export const diskFull: Rule = ({ database, seen }) => {
  const { space } = seen.target;
  if (space === null || database.fileSystem?.readOnly === true) return [];
  const { wal } = database;
  const toCopy = wal === null || database.pageSize === null ? 0 : Math.max(0, wal.frames - wal.checkpointedFrames) * database.pageSize;
  const tooLittle = space.freeBytes < toCopy;
  const nearlyFull = space.freeBytes < NEARLY_FULL * space.totalBytes;
  const noInodes = space.freeInodes === 0;
  if (!tooLittle && !nearlyFull && !noInodes) return [];
  const full = noInodes || space.freeBytes < (database.pageSize ?? 512);
  const where = database.fileSystem?.mountPoint ?? "its file system";
  return [
    {
      id: "disk-full",
      severity: full ? "error" : tooLittle || space.freeBytes < ROOM_ENOUGH ? "warning" : "info",
      pids: [],
      summary: `${where} ${noInodes ? "has no room for another file (no free inode)" : `has ${size(space.freeBytes)} free of ${size(space.totalBytes)}`}: ${
        full ? "writes fail" : "writes may soon fail"
      } with 'database or disk is full'.`,
      detail: `${tooLittle && wal !== null ? `The WAL has ${count(wal.frames - wal.checkpointedFrames, "frame")} (${size(toCopy)}) still to be copied back, which may need that much. ` : ""}${
        noInodes
          ? `${size(space.freeBytes)} are free, but a -journal or -wal could not be made.`
          : "Free is what ordinary users may use; a transaction needs room for its -journal or -wal besides."
      }`,
      remedy: `Make room on ${where} (other files first: never a -wal, -shm or -journal), or give it more. Then let the WAL be copied back: PRAGMA wal_checkpoint(TRUNCATE).`,
    },
  ];
};
