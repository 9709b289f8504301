/** A private copy, byte by byte. */
import { chmodSync, constants, copyFileSync, statfsSync, statSync, truncateSync } from "node:fs";
import { dirname } from "node:path";
import { FILES_WITH_PAGES } from "../../sqlite/roles.ts";
import { sleep } from "../../time.ts";
import type { FileToCopy, Refusal } from "../protocol.ts";
import { statOf } from "./stat.ts";

/**
 * Kernels before 6.13 stamp files in ticks of up to 10 ms: a change within the same tick as the one before cannot be
 * seen.
 */
const TICK_MS = 20;

/**
 * Null when the copies are consistent: nothing was written to any of the files while they were read, and none of the
 * database's files with pages is left out. A -wal or -journal that came after the look has pages that the database
 * lacks: a checkpoint or a commit that pauses in the middle changes no stamp meanwhile. `files`: the database first.
 */
export async function copyFiles(files: readonly FileToCopy[]): Promise<Refusal | null> {
  try {
    await waitForTick(files);
    if (leavesOut(files)) return { kind: "changed" };
    const before = stampsOf(files);
    for (const { from, to, bytes } of files) {
      const refusal = copyOne(from, to);
      if (refusal !== null) return refusal;
      chmodSync(to, 0o600); // the mode was copied as well
      if (bytes !== null) truncateSync(to, bytes);
    }
    return stampsOf(files) === before && !leavesOut(files) ? null : { kind: "changed" };
  } catch (error) {
    return refusalOf(error, files);
  }
}

function copyOne(from: string, to: string): Refusal | null {
  try {
    copyFileSync(from, to, constants.COPYFILE_FICLONE_FORCE);
    return null;
  } catch (error) {
    if (["ENOENT", "EACCES", "EPERM"].includes(codeOf(error))) throw error;
  }
  const room = noSpace([{ from, to, bytes: null }]);
  if (room.neededBytes > room.freeBytes) return room;
  copyFileSync(from, to);
  return null;
}

function noSpace(files: readonly FileToCopy[]): Extract<Refusal, { kind: "no-space" }> {
  const { bavail, bsize } = statfsSync(dirname(files[0]?.to ?? "/"));
  return {
    kind: "no-space",
    neededBytes: files.reduce((sum, { from }) => sum + statSync(from).size, 0),
    freeBytes: bavail * bsize,
  };
}

/** Whether a file with pages lies beside the database that is not to be copied. */
function leavesOut(files: readonly FileToCopy[]): boolean {
  const [database] = files;
  if (database === undefined) return false;
  return FILES_WITH_PAGES.map(({ suffix }) => database.from + suffix).some(
    (path) => files.every(({ from }) => from !== path) && statOf(path) !== null,
  );
}

function stampsOf(files: readonly FileToCopy[]): string {
  return files
    .map(({ from }) => {
      const { ino, size, mtimeNs, ctimeNs } = statSync(from, { bigint: true });
      return [ino, size, mtimeNs, ctimeNs].join(" ");
    })
    .join("\n");
}

/** Until the newest of the files is older than a tick. */
async function waitForTick(files: readonly FileToCopy[]): Promise<void> {
  for (;;) {
    const newest = Math.max(...files.map(({ from }) => statSync(from).mtimeMs));
    const age = Date.now() - newest;
    if (Math.abs(age) >= TICK_MS) return; // a time in the future was set by a program
    await sleep(Math.ceil(TICK_MS - age));
  }
}

function refusalOf(error: unknown, files: readonly FileToCopy[]): Refusal {
  const { path, message } = error as NodeJS.ErrnoException;
  switch (codeOf(error)) {
    case "ENOENT":
      return path === files[0]?.from ? { kind: "gone" } : { kind: "changed" };
    case "EACCES":
    case "EPERM":
      return { kind: "denied", path: path ?? files[0]?.from ?? "" };
    case "ENOSPC":
      return noSpace(files);
    default:
      return { kind: "failed", message };
  }
}

function codeOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  return code;
}
