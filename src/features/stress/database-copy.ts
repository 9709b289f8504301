/**
 * A consistent copy of the given database, made in the way in which integrity makes its own: a hot journal, and a WAL
 * that no process has open, are not touched.
 */
import { chownSync, rmSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Decision, decide } from "../../safe-open/decide.ts";
import { isReadOnce } from "../../safe-open/header.ts";
import { lookAgain, type Seen } from "../../safe-open/look.ts";
import { filesToCopy } from "../../safe-open/private-copy.ts";
import { situationOf } from "../../safe-open/situation.ts";
import { sleep } from "../../time.ts";
import { userToBe } from "../../worker/owner.ts";
import { refusalError } from "./errors.ts";
import { NO_LIMIT_MS, tryJob } from "./jobs.ts";
import { blockingHolders, lookAtDatabase } from "./look.ts";
import type { CopyJob, Refusal } from "./protocol.ts";

/** How long a locked database is waited for, and how often it is looked at meanwhile. */
const BUSY_MS = 5000;
const POLL_MS = 100;

/** A database that changes while it is copied is copied again. */
const MAX_TRIES = 5;

const OPTIONS = {
  quick: false,
  foreignKeys: false,
  maxProblems: 1,
  copy: true,
  allowCompanions: false,
  waitMs: BUSY_MS,
  timeoutMs: NO_LIMIT_MS,
};

type LookDecision = Extract<Decision, { kind: "look" }>;

/** @returns the path of the copy in `folder`. @throws UserError */
export async function copyDatabase(first: Seen, folder: string): Promise<string> {
  const copy = join(folder, "copy");
  const { givenAs } = first.database;
  let seen = first;
  for (let tries = 1; ; tries++) {
    const unlocked = await whenReadable(seen);
    seen = unlocked.seen;
    refuseIfDatabaseDoesNotFit(seen, folder);
    const refusal = await copyOnce(seen, unlocked.decision, folder);
    if (refusal === null) return copy;
    if (!isChanged(refusal) || tries === MAX_TRIES)
      throw refusalError(refusal, givenAs, refusal.kind === "busy" ? blockingHolders(await lookAgain(seen)) : []);
    for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(copy + suffix, { force: true });
    seen = await lookAtDatabase(givenAs);
  }
}

/** Waits while a process keeps readers out. @throws UserError */
async function whenReadable(first: Seen): Promise<{ readonly seen: Seen; readonly decision: LookDecision }> {
  const started = performance.now();
  let seen = first;
  for (;;) {
    const decision = decide({ ...situationOf(seen, OPTIONS), refused: null, noRoom: false });
    if (decision.kind === "look") return { seen, decision };
    if (performance.now() - started >= BUSY_MS)
      throw refusalError({ kind: "busy" }, seen.database.givenAs, blockingHolders(seen.database));
    await sleep(POLL_MS);
    seen = { ...seen, database: await lookAgain(seen) };
  }
}

/** @returns why there is no copy; null where there is one */
async function copyOnce(
  { database, header }: Seen,
  { method, wal }: LookDecision,
  folder: string,
): Promise<Refusal | null> {
  const user = wal === "kept-by-others" ? userToBe(database.path) : null;
  if (user !== null) chownSync(folder, user.uid, user.gid);
  const job: CopyJob = {
    ...OPTIONS,
    path: database.path,
    method,
    folder,
    files: method === "private-copy" ? filesToCopy(database.files, folder) : [],
    user,
    wal,
    watched: false,
    schemaOnce: isReadOnce(header),
    busyMs: BUSY_MS,
  };
  const result = await tryJob({ kind: "copy", copy: job });
  return "refusal" in result ? result.refusal : null;
}

function isChanged({ kind }: Refusal): boolean {
  return kind === "changed" || kind === "unkept";
}

function refuseIfDatabaseDoesNotFit({ database }: Seen, folder: string): void {
  const neededBytes = database.files
    .filter(({ role }) => role !== "shm")
    .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  refuseIfFull(neededBytes, folder, database.givenAs);
}

/** @throws UserError */
export function refuseIfFileDoesNotFit(file: string, folder: string, givenAs: string): void {
  refuseIfFull(statSync(file).size, folder, givenAs);
}

function refuseIfFull(neededBytes: number, folder: string, givenAs: string): void {
  const { bavail, bsize } = statfsSync(folder);
  const freeBytes = bavail * bsize;
  if (neededBytes > freeBytes) throw refusalError({ kind: "no-space", neededBytes, freeBytes }, givenAs);
}
