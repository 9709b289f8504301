/** The person's own file as the database of a run: a table of its own in it, which is dropped whatever ends the run. */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { UserError } from "../../errors.ts";
import { writeErr } from "../../terminal.ts";
import { escapeText } from "../../text/escape.ts";
import { shellQuoted } from "../../text/shell.ts";
import { nameFor, needsLink } from "../../worker/name.ts";
import { keepPrivateFolder, makePrivateFolder, removePrivateFolder } from "../../worker/private-folder.ts";
import { guardOver } from "../../worker/sentinel.ts";
import { runJob } from "./job.ts";
import { WORKER } from "./load-process.ts";
import { TABLE } from "./protocol.ts";
import type { JournalMode } from "./settings.ts";
import type { Site } from "./site.ts";

/**
 * How long a locked database is waited for: before the load, after it, on Ctrl-C, and by the guard, which nobody waits
 * for.
 */
const WAIT_MS = 5000;
const DROP_MS = 15_000;
const DROP_NOW_MS = 3000;
const GUARD_MS = 60_000;

/**
 * Where less than this is free, a file of our own keeps room for the end: a full disk has none for DROP TABLE, nor to
 * copy the -wal back. Half of what is free is as much as the other half can fill.
 */
const SCARCE_BYTES = 2 ** 32;
const MOST_RESERVED_BYTES = 2 ** 24;

/** No table of the person's, and none of another run. */
export function newTable(): string {
  return `${TABLE}_${randomBytes(4).toString("hex")}`;
}

/** First it is looked at without a change. @throws UserError */
export async function siteInPlace(givenAs: string, path: string, journalMode: JournalMode | null): Promise<Site> {
  const folder = needsLink(path) ? folderForLink() : null;
  const name = nameFor(path, folder);
  const table = newTable();
  const prepare = {
    kind: "prepare",
    path: name,
    from: null,
    table,
    journalMode,
    inPlace: true,
    create: false,
    busyMs: WAIT_MS,
  } as const;
  await runJob(prepare, path).catch((error: unknown) => {
    if (folder !== null) removePrivateFolder(folder);
    throw error;
  });
  const reserve = reserveBeside(path);
  const command = [process.execPath, WORKER, "drop", name, table];
  const guard = guardOver(folder, [...command, String(GUARD_MS), reserve ?? ""]);
  /** Ctrl-C: this process ends when it returns. */
  const dropNow = () => {
    const { status } = spawnSync(process.execPath, [...command.slice(1), String(DROP_NOW_MS), reserve ?? ""], {
      stdio: "ignore",
      timeout: DROP_MS,
    });
    if (status === 0) guard.dismiss();
    else writeErr(`sqlock: ${escapeText(left(path, table, "it is locked, or cannot be written"))}\n`);
  };
  process.on("exit", dropNow);
  const remove = async () => {
    process.off("exit", dropNow);
    if (reserve !== null) removePrivateFolder(reserve);
    try {
      await runJob({ kind: "drop", path: name, table, busyMs: DROP_MS }, path);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (folder !== null) keepPrivateFolder(folder); // the guard removes it, when it has dropped the table
      throw new UserError(
        "table-left",
        `the table ${table} could not be dropped: ${error.message}`,
        `${TRIED_ON}; later: ${dropIt(path, table)}`,
      );
    }
    guard.dismiss();
    if (folder !== null) removePrivateFolder(folder);
  };
  const keep = () => {
    process.off("exit", dropNow);
    guard.dismiss();
    for (const each of [reserve, folder]) if (each !== null) removePrivateFolder(each);
    return `the table ${table} of ${path}`;
  };
  return { givenAs, copy: null, inPlace: name, table, folder, guard, remove, keep };
}

const TRIED_ON = "it is tried for a minute more";

function left(path: string, table: string, why: string): string {
  return `the table ${table} could not be dropped (${why}); ${TRIED_ON}; later: ${dropIt(path, table)}`;
}

function dropIt(path: string, table: string): string {
  return `sqlite3 ${shellQuoted(path)} 'DROP TABLE IF EXISTS ${table}'`;
}

function folderForLink(): string {
  const folder = makePrivateFolder();
  if (typeof folder === "string") return folder;
  throw new UserError("cannot-write", folder.why, "set TMPDIR to a folder that you may write to");
}

/** @returns the folder that it is in; null where there is room enough, or none can be made */
function reserveBeside(path: string): string | null {
  const { bavail, bsize } = statfsSync(dirname(path));
  const free = bavail * bsize;
  if (free > SCARCE_BYTES) return null;
  const folder = makePrivateFolder(dirname(path));
  if (typeof folder !== "string") return null;
  try {
    writeFileSync(join(folder, "reserve"), Buffer.alloc(Math.min(MOST_RESERVED_BYTES, Math.floor(free / 2))));
  } catch {
    rmSync(join(folder, "reserve"), { force: true }); // a quota, or a disk that fills up now
  }
  return folder;
}
