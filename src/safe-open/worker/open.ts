/** Opens a database, in place or as a copy, so that nothing about it changes. */
import type { BigIntStats } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { companionsOfMode } from "../../sqlite/roles.ts";
import { mayWrite } from "../../user/access.ts";
import { becomeOpener } from "../../worker/become.ts";
import { nameFor } from "../../worker/name.ts";
import { codeOf, messageOf } from "../../worker/sqlite-error.ts";
import { COPY_NAME, type OpenJob, type OpenMessage, type Refusal } from "../protocol.ts";
import { type Connection, connect } from "./connection.ts";
import { copyFiles } from "./copy.ts";
import { ChangedMeanwhile, type Guarded, guardFile, UNCHANGED } from "./guarded-file.ts";
import { openDescriptors, opensOthers } from "./opened-files.ts";
import { statOf } from "./stat.ts";

export interface Opened extends Connection {
  readonly close: () => void;
  /** Whether what is read is of one state of the database. */
  readonly guarded: Guarded;
}

type Refused = { readonly refusal: Refusal };
type Send = (message: OpenMessage) => void;

export async function open(job: OpenJob, send: Send): Promise<Opened | Refused> {
  // Only root can read what an isolated user is to check.
  if (!job.isolated) becomeOpener(job.user);
  if (job.method !== "private-copy") return openOriginal(job, send);
  send({ kind: "stage", stage: "copying", done: 0, total: null });
  const refusal = await copyFiles(job.files, job.isolated ? job.user : null);
  if (refusal !== null) return { refusal };
  if (job.isolated) becomeOpener(job.user);
  return openCopy(job);
}

function openCopy(job: OpenJob): Opened | Refused {
  const connection = connect(copyOf(job), { readonly: false, busyMs: 0 });
  return "refusal" in connection
    ? connection
    : { ...connection, guarded: UNCHANGED, close: () => connection.db.close() };
}

/** Where the copy is. */
export function copyOf(job: Pick<OpenJob, "folder">): string {
  return join(job.folder ?? "", COPY_NAME);
}

/**
 * First by a connection that may only read: it rolls no journal back, and while it reads, no other connection of this
 * process can.
 */
function openOriginal(job: OpenJob, send: Send): Opened | Refused | Promise<Opened | Refused> {
  const before = companionsOf(job.path);
  const openBefore = openDescriptors();
  if (job.wal === "kept-by-others" && before.size < companionsOfMode("wal").length)
    return { refusal: { kind: "unkept" } };
  const name = nameFor(job.path, job.folder);
  const guard = connect(name, { readonly: true, busyMs: job.busyMs });
  if ("refusal" in guard) return guard;
  if (opensOthers(job, openBefore, isOwnCompanion(job.user))) {
    guard.db.close();
    return { refusal: { kind: "changed" } };
  }
  send({ kind: "lock", held: true });
  const close = () => {
    guard.db.close();
    if (job.wal === "may-be-made" && !hasPages(before)) removeCompanions(job.path);
  };
  if (
    job.wal !== "may-be-made" &&
    [...companionsOf(job.path)].some(([suffix, inode]) => before.get(suffix) !== inode)
  ) {
    guard.db.close();
    removeCompanions(job.path);
    return { refusal: { kind: "unkept" } };
  }
  const first = { ...guard, guarded: guardFile(job, guard.reads), close };
  const opened = !guard.reads ? first : job.method === "backup" ? reader(name, job, first) : checker(name, job, first);
  if ("refusal" in opened) {
    close();
    return opened;
  }
  return job.method === "backup" ? backUp(opened, job, send) : opened;
}

/** A connection that has read nothing before the file was guarded. */
function reader(name: string, job: OpenJob, first: Opened, readonly = true): Opened | Refused {
  const connection = connect(name, { readonly, busyMs: job.busyMs });
  if ("refusal" in connection) return connection;
  return {
    ...connection,
    guarded: first.guarded,
    close: () => {
      connection.db.close();
      first.close();
    },
  };
}

/**
 * SQLite leaves the CHECK constraints out of a connection that may only read (`build.c`, sqlite3AddCheckConstraint),
 * and so does integrity_check. A second connection, which may write but does not, has them. It is closed first: then it
 * is not the last one, which would copy the WAL back.
 */
function checker(name: string, job: OpenJob, first: Opened): Opened | Refused {
  if (mayWrite(job.path, null)) return reader(name, job, first, false);
  return hasCheckConstraints(first.db) ? { refusal: { kind: "ignores-check-constraints" } } : reader(name, job, first);
}

function hasCheckConstraints(db: Database.Database): boolean {
  try {
    return (
      db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%check%' LIMIT 1").get() !== undefined
    );
  } catch (error) {
    if (codeOf(error) === "") throw error;
    return false;
  }
}

/** One that came after the look: where this process is not the caller's, it is its own. */
function isOwnCompanion(user: OpenJob["user"]): (stats: BigIntStats) => boolean {
  return ({ uid, nlink }) => user === null || (uid === BigInt(user.uid) && nlink === 1n);
}

/** By suffix, of the companion files that a reader in WAL mode makes: the inode of the one that is there. */
function companionsOf(path: string): Map<string, bigint> {
  return new Map(
    companionsOfMode("wal").flatMap(({ suffix }): [string, bigint][] => {
      const stats = statOf(path + suffix);
      return stats === null ? [] : [[suffix, stats.ino]];
    }),
  );
}

/** One of them has pages: this connection did not make it. */
function hasPages(companions: ReadonlyMap<string, bigint>): boolean {
  return companionsOfMode("wal").some(({ suffix, hasPages: withPages }) => withPages && companions.has(suffix));
}

/**
 * Deletes an empty -wal and its -shm, which a connection that may only read has made and cannot delete. SQLite does it:
 * the last connection that closes deletes them, and where there is another connection nothing happens.
 */
function removeCompanions(path: string): void {
  const sizes = companionsOfMode("wal").flatMap(({ suffix, hasPages: withPages }) =>
    withPages ? [statOf(path + suffix)?.size] : [],
  );
  if (!sizes.every((size) => size === 0n)) return;
  try {
    const db = new Database(path, { fileMustExist: true, timeout: 0 });
    db.pragma("schema_version");
    db.close();
  } catch (error) {
    if (codeOf(error) === "") throw error;
  }
}

/** All pages in one step, under one lock. */
async function backUp(source: Opened, job: OpenJob, send: Send): Promise<Opened | Refused> {
  send({ kind: "stage", stage: "copying", done: 0, total: null });
  try {
    await source.db.backup(copyOf(job), { progress: () => 0x7fffffff });
    source.guarded.verify();
  } catch (error) {
    if (error instanceof ChangedMeanwhile) return { refusal: error.refusal };
    return {
      refusal: codeOf(error).startsWith("SQLITE_BUSY")
        ? { kind: "busy" }
        : { kind: "backup-failed", message: messageOf(error) },
    };
  } finally {
    source.close();
    send({ kind: "lock", held: false });
  }
  return openCopy(job);
}
