/** The database of a run: a throw-away one, a copy, or the person's own; and how it goes away again. */
import { chownSync, rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UserError } from "../../errors.ts";
import { databaseReportOf } from "../../render/integrity/document.ts";
import { decide } from "../../safe-open/decide.ts";
import { type DatabaseLook, isLookFailure, look, lookAgain } from "../../safe-open/look.ts";
import { filesToCopy } from "../../safe-open/private-copy.ts";
import type { OpenJob } from "../../safe-open/protocol.ts";
import { situationOf } from "../../safe-open/situation.ts";
import { sleep } from "../../time.ts";
import { userToBe } from "../../worker/owner.ts";
import { keepPrivateFolder, makePrivateFolder, removePrivateFolder } from "../../worker/private-folder.ts";
import { type Guard, guardOver } from "../../worker/sentinel.ts";
import { firstBytesResult } from "../integrity/first-bytes-result.ts";
import { type CheckResult, uncheckedResult } from "../integrity/result.ts";
import { ofRefusal } from "./faults.ts";
import { newTable, siteInPlace } from "./in-place.ts";
import { namesOf, runJob } from "./job.ts";
import { TABLE } from "./protocol.ts";
import type { JournalMode, Plan } from "./settings.ts";
import type { Account } from "./verify.ts";

/** How long a locked database is waited for. */
const WAIT_MS = 5000;
const POLL_MS = 100;
const MOST_TRIES = 5;

export interface Site {
  /** As given; null: a throw-away one. */
  readonly givenAs: string | null;
  /** What a database of the load begins with: a closed copy; null for a new one, and in place. */
  readonly copy: string | null;
  /** The file itself; null where copies are made. */
  readonly inPlace: string | null;
  /** The table of the load. */
  readonly table: string;
  /**
   * For throw-away databases and copies, and for a link to a name that better-sqlite3 would trim. Null where none is
   * needed.
   */
  readonly folder: string | null;
  readonly guard: Guard;
  /** Takes all away. @throws UserError for a table that is left */
  readonly remove: () => Promise<void>;
  /** @returns where the evidence is: nothing is taken away any more. */
  readonly keep: (notes: Notes) => string;
}

/** What the evidence is to be compared with. */
export interface Notes {
  readonly database: string;
  readonly seed: number;
  readonly rows: number;
  readonly accounts: readonly Account[];
  readonly verification: object;
}

export interface Ready {
  readonly path: string;
  readonly journalMode: JournalMode;
  readonly pageSize: number;
}

/** @throws UserError */
export async function siteOf(givenAs: string | null, { dir, inPlace, settings }: Plan): Promise<Site> {
  const seen = givenAs === null ? null : await seenAt(givenAs);
  if (inPlace && seen !== null && givenAs !== null)
    return siteInPlace(givenAs, seen.database.path, settings.journalMode);
  const parent = dir !== null ? resolve(dir) : seen !== null ? dirname(seen.database.path) : undefined;
  const folder = folderIn(parent);
  const guard = guardOver(folder, []);
  const site = { givenAs, table: givenAs === null ? TABLE : newTable(), inPlace: null, folder, guard };
  const remove = async () => {
    removePrivateFolder(folder);
    guard.dismiss();
  };
  const keep = (notes: Notes) => {
    keepPrivateFolder(folder);
    guard.dismiss();
    writeFileSync(`${notes.database}.evidence.json`, `${JSON.stringify(notes, null, 2)}\n`);
    return folder;
  };
  try {
    const copy = seen === null || seen.header.length === 0 ? null : await copyOf(seen, folder);
    return { ...site, copy, remove, keep };
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * A database of the load, with its table in it. `name`: of one of several; null: the only one, for which the copy
 * itself will do. @throws UserError
 */
export async function makeReady(site: Site, name: string | null, journalMode: JournalMode | null): Promise<Ready> {
  const path = site.inPlace ?? (name === null ? site.copy : null) ?? join(site.folder ?? "", name ?? "database");
  const from = name === null ? null : site.copy;
  if (from !== null) refuseWithoutRoom(site, from);
  const inPlace = site.inPlace !== null;
  const prepared = await runJob(
    { kind: "prepare", path, from, table: site.table, journalMode, inPlace, create: true, busyMs: WAIT_MS },
    site.givenAs ?? path,
  );
  if (prepared.kind !== "prepared") throw new Error(`the worker told of ${prepared.kind}`);
  return { path, journalMode: prepared.journalMode, pageSize: prepared.pageSize };
}

/** @throws UserError for what is no database that can be read */
export async function seenAt(givenAs: string): Promise<DatabaseLook> {
  const seen = await look(givenAs);
  if (isLookFailure(seen)) throw unusable(uncheckedResult(seen.path, givenAs, { kind: "look", failure: seen }));
  const { database, header, isDatabase } = seen;
  if (!isDatabase && header.length > 0)
    throw unusable(firstBytesResult({ path: database.path, givenAs, sizeBytes: database.sizeBytes ?? 0 }, header));
  return seen;
}

function unusable(result: CheckResult): UserError {
  const { reasonCode, reason, remedy, path } = databaseReportOf(result);
  const message = reason ?? `${path} is no database that SQLite opens`;
  return new UserError(reasonCode ?? "not-a-database", message, remedy ?? "give the path of a database file");
}

function folderIn(parent: string | undefined): string {
  const folder = makePrivateFolder(parent);
  if (typeof folder === "string") return folder;
  throw new UserError("cannot-write", folder.why, "choose a folder with --dir that you may write to");
}

/** As integrity has its copies made: a WAL that nobody has open, and a hot journal, are not touched. */
async function copyOf(first: DatabaseLook, folder: string): Promise<string> {
  const started = performance.now();
  const { path, givenAs } = first.database;
  const copy = join(folder, "copy");
  let seen = first;
  for (let tries = 1; ; ) {
    const settings = { copy: true, allowCompanions: false };
    const decision = decide({ ...situationOf(seen, settings), refused: null, noRoom: false });
    if (decision.kind === "wait") {
      if (performance.now() - started >= WAIT_MS) throw ofRefusal({ kind: "busy" }, givenAs, namesOf(seen));
      await sleep(POLL_MS);
      seen = { ...seen, database: await lookAgain(seen) };
      continue;
    }
    refuseCopyWithoutRoom(seen, folder);
    const user = decision.wal === "kept-by-others" ? userToBe(path) : null;
    if (user !== null) chownSync(folder, user.uid, user.gid);
    const { method, wal } = decision;
    const files = method === "private-copy" ? filesToCopy(seen.database.files, folder) : [];
    const job: OpenJob = { path, method, folder, files, user, wal, busyMs: WAIT_MS };
    try {
      await runJob({ kind: "copy", look: job }, givenAs);
      return copy;
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== "changed" || ++tries > MOST_TRIES) throw error;
      for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(copy + suffix, { force: true });
      seen = await seenAt(givenAs);
    }
  }
}

function refuseCopyWithoutRoom({ database }: DatabaseLook, folder: string): void {
  const neededBytes = database.files
    .filter(({ role }) => role !== "shm")
    .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  refuseIfFull(neededBytes, folder, database.givenAs);
}

function refuseWithoutRoom({ folder, givenAs }: Site, from: string): void {
  if (folder !== null) refuseIfFull(statSync(from).size, folder, givenAs ?? from);
}

function refuseIfFull(neededBytes: number, folder: string, known: string): void {
  const { bavail, bsize } = statfsSync(folder);
  if (neededBytes > bavail * bsize)
    throw ofRefusal({ kind: "no-space", neededBytes, freeBytes: bavail * bsize }, known, null);
}
