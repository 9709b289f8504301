/**
 * A consistent copy of the given database, made in the way in which integrity makes its own: a hot journal, and a WAL
 * that no process has open, are not touched.
 */
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { viewerHere } from "../../observe/viewer.ts";
import { type Decision, decide } from "../../safe-open/decide.ts";
import { type DatabaseLook, lookAgain } from "../../safe-open/look.ts";
import { pinFiles } from "../../safe-open/pins.ts";
import { filesToCopy } from "../../safe-open/private-copy.ts";
import { COPY_NAME, type OpenJob } from "../../safe-open/protocol.ts";
import { roomAt } from "../../safe-open/room.ts";
import { situationOf } from "../../safe-open/situation.ts";
import { COMPANIONS, FILES_WITH_PAGES, type Role } from "../../sqlite/roles.ts";
import { sleep } from "../../time.ts";
import { refusalError } from "./errors.ts";
import { type JobOptions, tryJob } from "./jobs.ts";
import { blockingHolders, lookAtDatabase } from "./look.ts";
import type { Refusal } from "./protocol.ts";

/** How long to wait for a locked database, and how often to inspect it while waiting. */
const BUSY_MS = 5000;
const POLL_MS = 100;

/** A database that changes while it is copied is copied again. */
const MAX_TRIES = 5;

const SETTINGS = { copy: true, allowCompanions: false };

/** This process runs as the database's owner by now. */
const CALLER = { kind: "opener", actor: { kind: "caller" }, user: null } as const;

type OpenDecision = Extract<Decision, { kind: "open" }>;

/** @returns the path of the copy in `folder`. @throws UserError */
export async function copyDatabase(first: DatabaseLook, folder: string, timeoutMs: number): Promise<string> {
  const copy = join(folder, COPY_NAME);
  const { givenAs, path } = first.database;
  const deadline = performance.now() + timeoutMs;
  let seen = first;
  for (let tries = 1; ; tries++) {
    const unlocked = await whenReadable(seen);
    seen = unlocked.seen;
    refuseIfDatabaseDoesNotFit(seen, folder);
    const refusal = await copyOnce(seen, unlocked.decision, folder, { givenAs, timeoutMs, deadline });
    if (refusal === null) return copy;
    if (!isChanged(refusal) || tries === MAX_TRIES)
      throw refusalError(
        refusal,
        givenAs,
        refusal.kind === "busy" ? blockingHolders(await lookAgain(seen)) : [],
        viewerHere(),
      );
    for (const suffix of ["", ...COMPANIONS.map((companion) => companion.suffix)])
      rmSync(copy + suffix, { force: true });
    seen = await lookAtDatabase(path, givenAs); // the same file, wherever a link leads by now
  }
}

/** Waits while a process keeps readers out. @throws UserError */
async function whenReadable(
  first: DatabaseLook,
): Promise<{ readonly seen: DatabaseLook; readonly decision: OpenDecision }> {
  const started = performance.now();
  let seen = first;
  for (;;) {
    const decision = decide({ ...situationOf(seen, SETTINGS, CALLER), refused: null, noRoom: false });
    if (decision.kind === "open") return { seen, decision };
    if (decision.kind === "refuse") throw refusalError(decision.refusal, seen.database.givenAs, [], viewerHere());
    if (performance.now() - started >= BUSY_MS)
      throw refusalError({ kind: "busy" }, seen.database.givenAs, blockingHolders(seen.database));
    await sleep(POLL_MS);
    seen = { ...seen, database: await lookAgain(seen) };
  }
}

/** @returns why there is no copy; null where there is one */
async function copyOnce(
  { database }: DatabaseLook,
  { method, wal }: OpenDecision,
  folder: string,
  options: JobOptions,
): Promise<Refusal | null> {
  const pins = pinFiles(database);
  if (pins === null) return { kind: "changed" };
  const files = method === "private-copy" ? await filesToCopy(pins, database.files, folder) : [];
  const job: OpenJob = {
    path: database.path,
    pins,
    user: null,
    isolated: false,
    method,
    folder,
    files,
    wal,
    busyMs: BUSY_MS,
  };
  const result = await tryJob({ kind: "copy", copy: job }, options);
  return "refusal" in result ? result.refusal : null;
}

function isChanged({ kind }: Refusal): boolean {
  return kind === "changed" || kind === "unkept";
}

function refuseIfDatabaseDoesNotFit({ database }: DatabaseLook, folder: string): void {
  const copied = new Set<Role>(FILES_WITH_PAGES.map(({ role }) => role));
  const neededBytes = database.files
    .filter(({ role }) => copied.has(role))
    .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  refuseIfFull(neededBytes, folder, database.givenAs);
}

/** @throws UserError */
export function refuseIfFileDoesNotFit(file: string, folder: string, givenAs: string): void {
  refuseIfFull(statSync(file).size, folder, givenAs);
}

function refuseIfFull(neededBytes: number, folder: string, givenAs: string): void {
  const room = roomAt(folder);
  if (neededBytes + room.reserveBytes > room.freeBytes)
    throw refusalError({ kind: "no-space", neededBytes, ...room }, givenAs);
}
