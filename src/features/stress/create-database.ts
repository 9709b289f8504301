/** Makes the database of a run: throw-away, a copy, or the given file itself. */
import { writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { UserError } from "../../errors.ts";
import type { PinnedDatabase } from "../../observe/pinned.ts";
import type { DatabaseLook } from "../../safe-open/look.ts";
import { makePrivateFolder, releasePrivateFolder, removePrivateFolder } from "../../worker/private-folder.ts";
import { guardOver } from "../../worker/sentinel.ts";
import { becomeOwnerOf } from "./become-owner.ts";
import { copyDatabase } from "./database-copy.ts";
import { useInPlace } from "./in-place.ts";
import { folderLeftError, noEvidenceFileError } from "./left-errors.ts";
import type { StressListener } from "./listener.ts";
import { lookAtDatabase } from "./look.ts";
import { noFolderError } from "./owner-errors.ts";
import { TABLE } from "./protocol.ts";
import type { Evidence, EvidenceLocation } from "./result.ts";
import type { Plan } from "./settings.ts";
import type { StressDatabase } from "./stress-database.ts";
import { uniqueTable } from "./unique-table.ts";

/** What is to be stressed. */
export interface Given {
  readonly givenAs: string;
  /** --in-place: the file that was asked for; null: whatever the path leads to. */
  readonly pinned: PinnedDatabase | null;
}

/** `given`: null for a throw-away database. @throws UserError */
export async function createStressDatabase(
  given: Given | null,
  plan: Plan,
  listener: StressListener,
): Promise<StressDatabase> {
  const dir = plan.dir === null ? undefined : resolve(plan.dir);
  if (given === null) return createBelow(dir, null, plan, listener);
  const { givenAs, pinned } = given;
  const seen = await lookAtDatabase(pinned?.path ?? givenAs, givenAs);
  if (pinned !== null) return useInPlace(seen.database, pinned, plan, listener);
  return createBelow(dir ?? dirname(seen.database.path), seen, plan, listener);
}

/** In a private folder. `seen`: what to copy; null: a throw-away database. */
async function createBelow(
  parent: string | undefined,
  seen: DatabaseLook | null,
  { timeoutMs }: Plan,
  listener: StressListener,
): Promise<StressDatabase> {
  const openedAs = seen === null ? null : becomeOwnerOf(seen.database, "private-copy").openedAs;
  const folder = makePrivateFolder(null, parent);
  if (typeof folder !== "string") throw noFolderError(folder.why, "--dir", openedAs?.uid ?? null);
  const guard = guardOver(folder, []);
  const remove = async () => {
    const why = removePrivateFolder(folder);
    guard.dismiss();
    if (why !== null) throw folderLeftError(folder, why);
  };
  const keep = (evidence: Evidence): EvidenceLocation => {
    releasePrivateFolder(folder);
    guard.dismiss();
    try {
      // "wx": never writes to what another process has put there
      writeFileSync(`${evidence.database}.evidence.json`, listener.evidenceText(evidence), { flag: "wx" });
    } catch (error) {
      listener.onLeft(noEvidenceFileError(folder, error));
    }
    return { kind: "folder", path: folder };
  };
  try {
    const copy = seen === null || seen.header.length === 0 ? null : await copyDatabase(seen, folder, timeoutMs);
    const table = seen === null ? TABLE : uniqueTable();
    const givenAs = seen?.database.givenAs ?? null;
    const onNetwork = seen?.database.fileSystem?.network === true;
    return { givenAs, onNetwork, openedAs, timeoutMs, copy, inPlace: null, table, folder, guard, remove, keep };
  } catch (error) {
    await removeAfterError(remove, listener);
    throw error;
  }
}

/** The error itself is what is reported; what is left beside it is told. */
export async function removeAfterError(remove: StressDatabase["remove"], { onLeft }: StressListener): Promise<void> {
  try {
    await remove();
  } catch (left) {
    if (!(left instanceof UserError)) throw left;
    onLeft(left);
  }
}
