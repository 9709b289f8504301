/** Opens what is to be checked, in place or as a copy, so that nothing about it changes. */
import { constants, statSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { Job, Message, Refusal } from "../../features/integrity/protocol.ts";
import { hasAccess } from "../../observe/access.ts";
import { companionsOfMode } from "../../sqlite/roles.ts";
import { nameFor } from "../../worker/name.ts";
import { become } from "../../worker/owner.ts";
import { codeOf, messageOf } from "../../worker/sqlite-error.ts";
import { type Connection, connect } from "./connection.ts";
import { copyFiles } from "./copy.ts";

export interface Opened extends Connection {
  readonly close: () => void;
}

type Refused = { readonly refusal: Refusal };
type Send = (message: Message) => void;

export async function open(job: Job, send: Send): Promise<Opened | Refused> {
  if (job.user !== null) become(job.user);
  if (job.method !== "private-copy") return openOriginal(job, send);
  send({ kind: "stage", stage: "copying", done: 0, total: null });
  const refusal = await copyFiles(job.files);
  return refusal === null ? openCopy(job) : { refusal };
}

function openCopy(job: Job): Opened | Refused {
  const connection = connect(copyOf(job), { readonly: false, busyMs: 0 });
  return "refusal" in connection ? connection : { ...connection, close: () => connection.db.close() };
}

function copyOf(job: Job): string {
  return join(job.folder ?? "", "copy");
}

/**
 * First by a connection that may only read: it rolls no journal back, and while it reads, no other connection of this
 * process can.
 */
function openOriginal(job: Job, send: Send): Opened | Refused | Promise<Opened | Refused> {
  const before = companionsOf(job.path);
  if (job.wal === "kept-by-others" && !(before.has("-wal") && before.has("-shm")))
    return { refusal: { kind: "unkept" } };
  const name = nameFor(job.path, job.folder);
  const guard = connect(name, { readonly: true, busyMs: job.busyMs });
  if ("refusal" in guard) return guard;
  send({ kind: "lock", held: true });
  const close = () => {
    guard.db.close();
    if (job.wal === "may-be-made" && !before.has("-wal")) removeCompanions(job.path);
  };
  if (
    job.wal !== "may-be-made" &&
    [...companionsOf(job.path)].some(([suffix, inode]) => before.get(suffix) !== inode)
  ) {
    guard.db.close();
    removeCompanions(job.path);
    return { refusal: { kind: "unkept" } };
  }
  if (job.method === "backup") return backUp({ ...guard, close }, job, send);
  const opened = guard.reads ? withChecks(guard, name, job, close) : { ...guard, close };
  if ("refusal" in opened) close();
  return opened;
}

/**
 * SQLite leaves the CHECK constraints out of a connection that may only read (`build.c`, sqlite3AddCheckConstraint),
 * and so does integrity_check. A second connection, which may write but does not, has them. It is closed first: then it
 * is not the last one, which would copy the WAL back.
 */
function withChecks(guard: Connection, name: string, job: Job, close: () => void): Opened | Refused {
  if (!hasAccess(job.path, constants.W_OK)) {
    return hasChecks(guard.db) ? { refusal: { kind: "needs-copy", reason: CHECKS_LEFT_OUT } } : { ...guard, close };
  }
  const connection = connect(name, { readonly: false, busyMs: job.busyMs });
  if ("refusal" in connection) return connection;
  return {
    ...connection,
    close: () => {
      connection.db.close();
      close();
    },
  };
}

const CHECKS_LEFT_OUT = "it leaves CHECK constraints out of a database that may not be written";

function hasChecks(db: Database.Database): boolean {
  try {
    return (
      db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%check%' LIMIT 1").get() !== undefined
    );
  } catch (error) {
    if (codeOf(error) === "") throw error;
    return false;
  }
}

/** By suffix: which file lies beside the database, of those that a reader in WAL mode makes. */
function companionsOf(path: string): Map<string, bigint> {
  return new Map(
    companionsOfMode("wal").flatMap(({ suffix }): [string, bigint][] => {
      const stats = statOf(path + suffix);
      return stats === null ? [] : [[suffix, stats.ino]];
    }),
  );
}

/** Null where there is none, or no file can have such a long name. */
function statOf(path: string) {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENAMETOOLONG") throw error;
    return null;
  }
}

/**
 * Takes away an empty -wal and its -shm, which a connection that may only read has made and cannot take away. The way
 * is SQLite's own: the last connection that closes does it, and when there is another one, nothing happens.
 */
function removeCompanions(path: string): void {
  if (statOf(`${path}-wal`)?.size !== 0n) return;
  try {
    const db = new Database(path, { fileMustExist: true, timeout: 0 });
    db.pragma("schema_version");
    db.close();
  } catch (error) {
    if (codeOf(error) === "") throw error;
  }
}

/** All pages in one step, under one lock. */
async function backUp(source: Opened, job: Job, send: Send): Promise<Opened | Refused> {
  send({ kind: "stage", stage: "copying", done: 0, total: null });
  try {
    await source.db.backup(copyOf(job), { progress: () => 0x7fffffff });
  } catch (error) {
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
