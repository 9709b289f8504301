/** The size of the -wal of a database, and the room on its disk, at a look. */
import type { DatabaseReport } from "../../model/report.ts";
import { spaceOf } from "../../observe/target.ts";
import type { WalSample } from "./wal-growth.ts";

export function walSample({ path, files, fileSystem, holders }: DatabaseReport, atMs: number): WalSample {
  const wal = files.find(({ role }) => role === "wal");
  if (wal === undefined) return { atMs, sizeBytes: 0, disk: null };
  // on a network the other side may not answer
  const space = fileSystem === null || fileSystem.network ? null : spaceOf(path);
  if (space === null) return { atMs, sizeBytes: wal.sizeBytes, disk: null };
  const writers = holders.filter(({ handles }) =>
    handles.some(({ role, access }) => role === "wal" && access !== "read"),
  );
  const mayUseReserve = writers.length > 0 && writers.every(({ uid }) => uid === 0);
  const availableBytes = space.freeBytes + (mayUseReserve ? space.reservedBytes : 0);
  return { atMs, sizeBytes: wal.sizeBytes, disk: { device: wal.device, availableBytes } };
}
