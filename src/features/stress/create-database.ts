/** Makes the database of a run: throw-away, a copy, or the given file itself. */
import { writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { makePrivateFolder, releasePrivateFolder, removePrivateFolder } from "../../worker/private-folder.ts";
import { guardOver } from "../../worker/sentinel.ts";
import { becomeOwnerOf } from "./become-owner.ts";
import { copyDatabase } from "./database-copy.ts";
import { noFolderError } from "./errors.ts";
import { useInPlace } from "./in-place.ts";
import type { StressListener } from "./listener.ts";
import { lookAtDatabase } from "./look.ts";
import { TABLE } from "./protocol.ts";
import type { Evidence, EvidenceLocation } from "./result.ts";
import type { Plan } from "./settings.ts";
import type { StressDatabase } from "./stress-database.ts";
import { uniqueTable } from "./unique-table.ts";

/** @throws UserError */
export async function createStressDatabase(
  givenAs: string | null,
  { dir, inPlace, settings }: Plan,
  listener: StressListener,
): Promise<StressDatabase> {
  const seen = givenAs === null ? null : await lookAtDatabase(givenAs);
  if (seen !== null) becomeOwnerOf(seen.database);
  if (inPlace && seen !== null && givenAs !== null)
    return useInPlace(givenAs, seen.database.path, settings.journalMode, listener.onTableLeft);
  const folder = folderIn(dir !== null ? resolve(dir) : seen !== null ? dirname(seen.database.path) : undefined);
  const guard = guardOver(folder, []);
  const remove = async () => {
    removePrivateFolder(folder);
    guard.dismiss();
  };
  const keep = (evidence: Evidence): EvidenceLocation => {
    releasePrivateFolder(folder);
    guard.dismiss();
    writeFileSync(`${evidence.database}.evidence.json`, listener.evidenceText(evidence));
    return { kind: "folder", path: folder };
  };
  try {
    const copy = seen === null || seen.header.length === 0 ? null : await copyDatabase(seen, folder);
    const table = givenAs === null ? TABLE : uniqueTable();
    return { givenAs, copy, inPlace: null, table, folder, guard, remove, keep };
  } catch (error) {
    await remove();
    throw error;
  }
}

function folderIn(parent: string | undefined): string {
  const folder = makePrivateFolder(null, parent);
  if (typeof folder === "string") return folder;
  throw noFolderError(folder.why, "choose a folder with --dir that you may write to");
}
