/** --in-place: the load writes to the given file, in a new table, which is dropped however the run ends. */
import { spawnSync } from "node:child_process";
import { UserError } from "../../errors.ts";
import { separateLocks } from "../../findings/separate-locks.ts";
import type { DatabaseReport } from "../../model/report.ts";
import type { PinnedDatabase } from "../../observe/pinned.ts";
import { ANOTHER_FILE } from "../../observe/same-file.ts";
import { viewerHere } from "../../observe/viewer.ts";
import { sqlite3As } from "../../text/as-root.ts";
import { asClause } from "../../text/sentence.ts";
import { ownSession } from "../../user/as-user.ts";
import { nameFor, needsLink } from "../../worker/name.ts";
import { makePrivateFolder, releasePrivateFolder, removePrivateFolder } from "../../worker/private-folder.ts";
import { guardOver } from "../../worker/sentinel.ts";
import { becomeOwnerOf } from "./become-owner.ts";
import { reserveBeside } from "./disk-reserve.ts";
import { refusalError } from "./errors.ts";
import { runJob } from "./jobs.ts";
import { folderLeftError, tableLeftError } from "./left-errors.ts";
import type { StressListener } from "./listener.ts";
import { WORKER } from "./load-process.ts";
import { noFolderError } from "./owner-errors.ts";
import type { FileIdentity } from "./protocol.ts";
import type { Plan } from "./settings.ts";
import type { StressDatabase } from "./stress-database.ts";
import { uniqueTable } from "./unique-table.ts";

/** How long a locked database is waited for: before the load, and by each way to drop the table. */
const PREPARE_BUSY_MS = 5000;
const DROP_BUSY_MS = 15_000;
const DROP_LIMIT_MS = 600_000;
/** On Ctrl-C a person waits. */
const EXIT_DROP_BUSY_MS = 3000;
const EXIT_DROP_LIMIT_MS = 15_000;
/** No person waits for the guard. */
const GUARD_DROP_BUSY_MS = 60_000;

/** The database is first opened without a change. @throws UserError */
export async function useInPlace(
  database: DatabaseReport,
  pinned: PinnedDatabase,
  plan: Plan,
  { onLeft }: StressListener,
): Promise<StressDatabase> {
  const { givenAs, path } = database;
  const { timeoutMs } = plan;
  const elsewhere = database.findings.find(({ id }) => id === separateLocks.id);
  if (elsewhere !== undefined) throw new UserError(elsewhere.id, asClause(elsewhere.summary), elsewhere.remedy);
  const viewer = viewerHere();
  const { openedAs, file } = becomeOwnerOf(database, "in-place");
  if (file.device !== String(pinned.file?.device) || file.inode !== String(pinned.file?.inode))
    throw refusalError({ kind: "other-file" }, givenAs);
  const folder = needsLink(path) ? folderForLink(openedAs?.uid ?? null) : null;
  const name = nameFor(path, folder);
  const table = uniqueTable();
  /** For whoever called sqlock: this process may have become the owner. */
  const command = (ofFile: string, word: string) => sqlite3As(openedAs?.uid ?? viewer.uid ?? 0, ofFile, word, viewer);
  const left = { path, table, command };
  await checkFirst({ name, path, file }, table, plan).catch((error: unknown) => {
    if (folder !== null) removePrivateFolder(folder);
    throw error;
  });
  const reserve = reserveBeside(path);
  const dropArgs = (busyMs: number) => [
    ...[WORKER, "drop", name, file.device, file.inode],
    ...[table, String(busyMs), reserve ?? ""],
  ];
  const guard = guardOver(folder, [process.execPath, ...dropArgs(GUARD_DROP_BUSY_MS)]);
  /** On exit (Ctrl-C): must be synchronous. */
  const dropOnExit = () => {
    const { status } = spawnSync(process.execPath, dropArgs(EXIT_DROP_BUSY_MS), {
      stdio: "ignore",
      timeout: EXIT_DROP_LIMIT_MS,
      cwd: "/",
      ...ownSession(),
    });
    if (status === 0) guard.dismiss();
    else onLeft(tableLeftError(left, "it is locked, or cannot be written"));
  };
  process.on("exit", dropOnExit);
  const remove = async () => {
    process.off("exit", dropOnExit);
    const reserveLeft = reserve === null ? null : removePrivateFolder(reserve);
    try {
      const options = { givenAs: path, timeoutMs: DROP_LIMIT_MS };
      await runJob({ kind: "drop", path: name, file, table, busyMs: DROP_BUSY_MS }, options);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (folder !== null) releasePrivateFolder(folder); // the guard drops the table, and then removes the folder
      throw tableLeftError(left, error.message, error.code === ANOTHER_FILE);
    }
    guard.dismiss();
    if (folder !== null) removePrivateFolder(folder);
    if (reserve !== null && reserveLeft !== null) throw folderLeftError(reserve, reserveLeft);
  };
  const keep = () => {
    process.off("exit", dropOnExit);
    guard.dismiss();
    for (const each of [reserve, folder]) if (each !== null) removePrivateFolder(each);
    return { kind: "table", table, path } as const;
  };
  const onNetwork = database.fileSystem?.network === true;
  const where = { copy: null, inPlace: { name, file }, table, folder };
  return { givenAs, onNetwork, openedAs, timeoutMs, ...where, guard, remove, keep };
}

function checkFirst(
  { name, path, file }: { readonly name: string; readonly path: string; readonly file: FileIdentity },
  table: string,
  { settings: { journalMode }, timeoutMs }: Plan,
) {
  return runJob(
    {
      kind: "prepare",
      path: name,
      file,
      from: null,
      table,
      journalMode,
      inPlace: true,
      createTable: false,
      busyMs: PREPARE_BUSY_MS,
    },
    { givenAs: path, timeoutMs },
  );
}

function folderForLink(uid: number | null): string {
  const folder = makePrivateFolder(null);
  if (typeof folder === "string") return folder;
  throw noFolderError(folder.why, "TMPDIR", uid);
}
