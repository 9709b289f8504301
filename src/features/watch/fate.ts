/** What became of a process that a look does not list any more. */
import { statSync } from "node:fs";
import type { DatabaseReport, Holder } from "../../model/report.ts";
import { isSameFile } from "../../observe/same-file.ts";
import { failure, valueOr } from "../../proc/read.ts";
import { readStat } from "../../proc/stat.ts";
import type { Fate } from "./look-comparison.ts";

/**
 * `open`: the path leads elsewhere now, but it has the same file open as in that report (the file was moved). `ended`:
 * also where its pid is another process's.
 */
export function fateOf(holder: Holder, report: DatabaseReport): Fate {
  const { pid, startTicks, handles } = holder;
  const stat = valueOr(readStat(`/proc/${pid}`), null);
  if (stat === null || stat.startTicks !== startTicks || stat.state === "zombie") return "ended";
  const isOpen = handles.some(({ fd, role }) => {
    const file = report.files.find((each) => each.role === role);
    return file !== undefined && isSameFile(fileAt(`/proc/${pid}/fd/${fd}`), file);
  });
  return isOpen ? "open" : "closed";
}

function fileAt(path: string) {
  try {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stats === undefined ? null : { device: stats.dev, inode: stats.ino };
  } catch (error) {
    failure(error);
    return null;
  }
}
