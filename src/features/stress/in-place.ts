/** --in-place: the load writes to the given file, in a table of its own, which is dropped whatever ends the run. */
import { spawnSync } from "node:child_process";
import { UserError } from "../../errors.ts";
import { nameFor, needsLink } from "../../worker/name.ts";
import { makePrivateFolder, releasePrivateFolder, removePrivateFolder } from "../../worker/private-folder.ts";
import { guardOver } from "../../worker/sentinel.ts";
import { reserveBeside } from "./disk-reserve.ts";
import { noFolderError, tableLeftError } from "./errors.ts";
import { runJob } from "./jobs.ts";
import type { StressListener } from "./listener.ts";
import { WORKER } from "./load-process.ts";
import type { JournalMode } from "./settings.ts";
import type { StressDatabase } from "./stress-database.ts";
import { uniqueTable } from "./unique-table.ts";

/** How long a locked database is waited for: before the load, and by each way to drop the table. */
const PREPARE_BUSY_MS = 5000;
const DROP_BUSY_MS = 15_000;
/** On Ctrl-C a person waits. */
const EXIT_DROP_BUSY_MS = 3000;
const EXIT_DROP_LIMIT_MS = 15_000;
/** No person waits for the guard. */
const GUARD_DROP_BUSY_MS = 60_000;

/** The database is first opened without a change. @throws UserError */
export async function useInPlace(
  givenAs: string,
  path: string,
  journalMode: JournalMode | null,
  onTableLeft: StressListener["onTableLeft"],
): Promise<StressDatabase> {
  const folder = needsLink(path) ? folderForLink() : null;
  const name = nameFor(path, folder);
  const table = uniqueTable();
  await checkFirst(name, path, table, journalMode).catch((error: unknown) => {
    if (folder !== null) removePrivateFolder(folder);
    throw error;
  });
  const reserve = reserveBeside(path);
  const dropArgs = (busyMs: number) => [WORKER, "drop", name, table, String(busyMs), reserve ?? ""];
  const guard = guardOver(folder, [process.execPath, ...dropArgs(GUARD_DROP_BUSY_MS)]);
  /** On exit (Ctrl-C): must be synchronous. */
  const dropOnExit = () => {
    const { status } = spawnSync(process.execPath, dropArgs(EXIT_DROP_BUSY_MS), {
      stdio: "ignore",
      timeout: EXIT_DROP_LIMIT_MS,
    });
    if (status === 0) guard.dismiss();
    else onTableLeft(tableLeftError(path, table, "it is locked, or cannot be written"));
  };
  process.on("exit", dropOnExit);
  const remove = async () => {
    process.off("exit", dropOnExit);
    if (reserve !== null) removePrivateFolder(reserve);
    try {
      await runJob({ kind: "drop", path: name, table, busyMs: DROP_BUSY_MS }, path);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (folder !== null) releasePrivateFolder(folder); // the guard drops the table, and then removes the folder
      throw tableLeftError(path, table, error.message);
    }
    guard.dismiss();
    if (folder !== null) removePrivateFolder(folder);
  };
  const keep = () => {
    process.off("exit", dropOnExit);
    guard.dismiss();
    for (const each of [reserve, folder]) if (each !== null) removePrivateFolder(each);
    return { kind: "table", table, path } as const;
  };
  return { givenAs, copy: null, inPlace: name, table, folder, guard, remove, keep };
}

function checkFirst(name: string, path: string, table: string, journalMode: JournalMode | null) {
  return runJob(
    {
      kind: "prepare",
      path: name,
      from: null,
      table,
      journalMode,
      inPlace: true,
      createTable: false,
      busyMs: PREPARE_BUSY_MS,
    },
    path,
  );
}

function folderForLink(): string {
  const folder = makePrivateFolder(null);
  if (typeof folder === "string") return folder;
  throw noFolderError(folder.why, "set TMPDIR to a folder that you may write to");
}
