/** What became of a process that a look does not list any more. */
import { statSync } from "node:fs";
import type { DatabaseReport, Holder } from "../../model/report.ts";
import { isSameFile } from "../../observe/same-file.ts";
import { readFdInfo } from "../../proc/fdinfo.ts";
import { mayHang, readMountinfo } from "../../proc/mountinfo.ts";
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
  return handles.some(({ fd, role }) =>
    isOpenOn(
      pid,
      fd,
      report.files.find((each) => each.role === role),
    ),
  )
    ? "open"
    : "closed";
}

/**
 * The process chooses what the descriptor leads to by now: stat(2) may hang on its mount, so it is asked only on one
 * that is known not to. Of others, the number of the inode has to be enough.
 */
function isOpenOn(pid: number, fd: number, file: DatabaseReport["files"][number] | undefined): boolean {
  const info = valueOr(readFdInfo(`/proc/${pid}`, String(fd)), null);
  if (info === null || file === undefined) return false;
  const mounts = valueOr(readMountinfo(`/proc/${pid}`), []);
  const mount = mounts.find(({ id }) => id === info.mountId);
  return mount === undefined || mayHang(mount.type)
    ? info.inode === file.inode
    : isSameFile(fileAt(`/proc/${pid}/fd/${fd}`), file);
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
