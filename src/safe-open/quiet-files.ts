/**
 * One look for many databases, before they are opened one after another. It counts only for a file that no process had
 * open then, that has no companion files, and that has not changed since before that look. A process that wrote to it
 * in the meantime has changed its times; one that only opened it could have done so after a look of its own as well.
 * Any other file needs a look of its own.
 */
import { lstatSync } from "node:fs";
import { resolve } from "node:path";
import { inspect } from "../inspect/inspect.ts";
import { type DatabaseReport, isPathError } from "../model/report.ts";
import { CLOCK_TICK_MS } from "../observe/clock-tick.ts";
import { mayHangOnTheWay } from "../observe/real-path.ts";
import { type Mount, readMountinfo } from "../proc/mountinfo.ts";
import { valueOr } from "../proc/read.ts";
import { COMPANIONS } from "../sqlite/roles.ts";
import { type DatabaseLook, LOOK_OPTIONS, type LookFailure, lookIn } from "./look.ts";

/** How long a look counts, in ms: mounts, and what else it has of the system, may change. */
const MAX_AGE_MS = 2000;

/** A file without companion files, as lstat(2) has it. */
export interface QuietFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly device: bigint;
  readonly inode: bigint;
  readonly stamp: string;
}

/** Null for all that needs a look of its own. Nothing is asked of a mount that may hang. */
export function quietFile(path: string, mounts: readonly Mount[] = mountsNow()): QuietFile | null {
  try {
    return mayHangOnTheWay(resolve(path), mounts) ? null : statQuiet(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return null; // it is not there, or is no path
  }
}

export function mountsNow(): Mount[] {
  return valueOr(readMountinfo("/proc/self"), []);
}

/** @throws the system's error */
function statQuiet(path: string): QuietFile | null {
  const stats = lstatSync(path, { bigint: true });
  const { dev: device, ino: inode, size, mtimeNs, ctimeNs, nlink } = stats;
  const age = Date.now() - Number(ctimeNs / 1_000_000n);
  if (!stats.isFile() || Math.abs(age) < CLOCK_TICK_MS) return null;
  if (COMPANIONS.some(({ suffix }) => lstatSync(path + suffix, { throwIfNoEntry: false }) !== undefined)) return null;
  const stamp = [device, inode, size, mtimeNs, ctimeNs, nlink].join(" ");
  return { path, sizeBytes: Number(size), device, inode: BigInt.asUintN(64, inode), stamp };
}

export class QuietFiles {
  readonly #startedMs: number;
  readonly #files: ReadonlyMap<string, QuietFile>;
  readonly #reports: ReadonlyMap<string, DatabaseReport>;
  readonly #partialView: boolean;

  private constructor(
    files: readonly QuietFile[],
    startedMs: number,
    databases: readonly DatabaseReport[],
    partialView: boolean,
  ) {
    this.#files = new Map(files.map((file) => [file.path, file]));
    this.#startedMs = startedMs;
    this.#reports = new Map(databases.map((database) => [database.givenAs, database]));
    this.#partialView = partialView;
  }

  /** `files`: as they were a moment ago. */
  static async look(files: readonly QuietFile[]): Promise<QuietFiles> {
    const startedMs = performance.now();
    const paths = files.map(({ path }) => path);
    const { databases, unseen } = await inspect(paths, { ...LOOK_OPTIONS, brief: true });
    const quiet = databases.flatMap((each) => (!isPathError(each) && isQuiet(each) ? [each] : []));
    return new QuietFiles(files, startedMs, quiet, unseen !== null);
  }

  /** Null: it needs a look of its own. */
  of(path: string): DatabaseLook | LookFailure | null {
    const file = this.#files.get(path);
    const database = this.#reports.get(path);
    if (file === undefined || database === undefined || performance.now() - this.#startedMs > MAX_AGE_MS) return null;
    const [seen] = database.files;
    if (seen?.inode !== file.inode || seen.device !== file.device) return null; // the argument means another file
    if (quietFile(path)?.stamp !== file.stamp) return null;
    return lookIn(path, { database, partialView: this.#partialView });
  }
}

/** Nobody has it open, and it is all there is of the database. */
function isQuiet(database: DatabaseReport): boolean {
  const { descriptor, sizeBytes, files, holders, unownedLocks, journal, wal, views = [] } = database;
  const { lockDirectory, changesHands, beyondHeader, otherNames } = database;
  return (
    descriptor === undefined &&
    sizeBytes !== null &&
    files.length === 1 &&
    holders.length === 0 &&
    unownedLocks.length === 0 &&
    journal === null &&
    wal === null &&
    views.length === 0 &&
    lockDirectory === null &&
    changesHands.length === 0 &&
    beyondHeader === undefined &&
    otherNames === undefined
  );
}
