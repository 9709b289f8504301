/** The size of the -wal of a database, and the room on its disk, at a look. Pure: the room is asked by a function. */
import type { DatabaseReport } from "../../model/report.ts";
import type { FreeSpace } from "../../model/snapshot.ts";
import type { WalSample } from "./wal-growth.ts";

type Looked = Pick<DatabaseReport, "path" | "files" | "fileSystem" | "holders">;

/** `spaceOf`: of the file system of a path; null if it does not say. */
export function walSample(
  { path, files, fileSystem, holders }: Looked,
  atMs: number,
  spaceOf: (path: string) => FreeSpace | null,
): WalSample {
  const wal = files.find(({ role }) => role === "wal");
  if (wal === undefined) return { atMs, sizeBytes: 0, disk: null };
  // the other side of a network may not answer
  const space = fileSystem === null || fileSystem.network ? null : spaceOf(path);
  if (space === null) return { atMs, sizeBytes: wal.sizeBytes, disk: null };
  const writers = holders.filter(({ handles }) =>
    handles.some(({ role, access }) => role === "wal" && access !== "read"),
  );
  const mayUseReserve = writers.length > 0 && writers.every(({ uid }) => uid === 0);
  const availableBytes = space.freeBytes + (mayUseReserve ? space.reservedBytes : 0);
  return { atMs, sizeBytes: wal.sizeBytes, disk: { device: wal.device, availableBytes } };
}
