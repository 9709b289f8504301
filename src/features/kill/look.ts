/** Who holds the pinned database at this moment, and what ending each holder does. */
import { unsafeToOpen } from "../../findings/unsafe-to-open.ts";
import { inspectOne } from "../../inspect/one.ts";
import { type DatabaseReport, isPathError, type PathError, type Report } from "../../model/report.ts";
import type { PinnedDatabase } from "../../observe/pinned.ts";
import { userNames } from "../../observe/sources/proc/users.ts";
import { readText, valueOr } from "../../proc/read.ts";
import { sleep } from "../../time.ts";
import { type Candidate, candidatesOf } from "./candidates.ts";
import type { Parties } from "./claims.ts";
import { isStillBlocked, stillBlocking } from "./exit-code.ts";
import type { KillReport } from "./result.ts";

export interface LookResult {
  readonly report: Report;
  readonly database: DatabaseReport & Pick<Report, "viewer">;
  readonly candidates: readonly Candidate[];
}

/** An error with the code `another-file` where the path leads to another file than the pinned one. */
export async function look(pinned: PinnedDatabase, staleAfterMs?: number): Promise<LookResult | PathError> {
  const { report, database: found } = await inspectOne(pinned.path, staleAfterMs, pinned.file);
  const { givenAs } = pinned;
  if (isPathError(found)) return { ...found, givenAs };
  const database = { ...found, givenAs, viewer: report.viewer };
  const statuses = new Map(database.holders.map(({ pid }) => [pid, valueOr(readText(`/proc/${pid}/status`), "")]));
  const containerInits = new Set([...statuses].filter(([, status]) => isContainerInit(status)).map(([pid]) => pid));
  const userIds = new Map([...statuses].map(([pid, status]) => [pid, userIdsOf(status)]));
  const names = await namesOf([...[...userIds.values()].flat(), ...(pinned.owner === null ? [] : [pinned.owner])]);
  const parties: Parties = {
    callerUid: process.geteuid?.() ?? -1,
    owner: pinned.owner === null ? null : { uid: pinned.owner, name: names.get(pinned.owner) ?? null },
    userIds,
    names,
  };
  return {
    report: { ...report, databases: [{ ...found, givenAs }] },
    database,
    candidates: candidatesOf(database, containerInits, parties),
  };
}

/**
 * After so many more looks, a process that blocks counts as one that continues to block; the time between them, in
 * ms.
 */
const MORE_LOOKS = 8;
const NEXT_LOOK_MS = 60;

/**
 * A look in which no process keeps others out, if there is one within half a second: a program at work has its locks
 * for moments. Else the last one.
 */
export async function settledLook(pinned: PinnedDatabase, staleAfterMs: number): Promise<LookResult | PathError> {
  for (let i = 0; ; i++) {
    const result = await look(pinned, staleAfterMs);
    if (isPathError(result) || i === MORE_LOOKS) return result;
    const left = { ...result.database, unsafeToOpen: unsafeToOpen(result.database), unknown: null };
    if (!isStillBlocked(left) || isLasting(left)) return result;
    await sleep(NEXT_LOOK_MS);
  }
}

/** It has kept others out for so long, in ms, that it will in the next looks. */
const LASTING_MS = 1000;

/** What makes it unsafe to open was there in several looks. */
function isLasting({
  blockers,
  lockDirectory,
  unsafeToOpen,
}: Pick<KillReport, "blockers" | "lockDirectory" | "unsafeToOpen">): boolean {
  return (
    lockDirectory !== null ||
    unsafeToOpen.length > 0 ||
    stillBlocking({ blockers }).some(({ heldAtLeastMs }) => Number(heldAtLeastMs) >= LASTING_MS)
  );
}

export function isOtherFile(result: LookResult | PathError): boolean {
  return isPathError(result) && result.error.code === "another-file";
}

/** Pid 1 of a pid namespace below this one: a container's first process. Source: proc_pid_status(5), NSpid. */
function isContainerInit(status: string): boolean {
  const pids = /^NSpid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/) ?? [];
  return pids.length > 1 && pids.at(-1) === "1";
}

/** Real, effective, saved and file system user id. Source: proc_pid_status(5), Uid. */
function userIdsOf(status: string): number[] {
  return /^Uid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/).map(Number) ?? [];
}

const knownNames = new Map<number, string | null>();

/** Asked for once: a name that is not in /etc/passwd takes a process. */
async function namesOf(uids: readonly number[]): Promise<ReadonlyMap<number, string | null>> {
  const asked = uids.filter((uid) => !knownNames.has(uid));
  if (asked.length > 0) for (const [uid, name] of userNames(new Set(asked))) knownNames.set(uid, name);
  return knownNames;
}
