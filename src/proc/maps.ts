/** `/proc/PID/maps`: what a process has mapped. Source: proc_pid_maps(5), `fs/proc/task_mmu.c`. Pure. */

/** A mapping of a file whose bytes the process may run. */
export interface CodeMapping {
  /** Its name in /proc/PID/map_files, which leads to the file itself. */
  readonly range: string;
  /** `major:minor`, decimal, of the file system as in mountinfo. On btrfs it differs from that of stat(2). */
  readonly device: string;
  readonly inode: bigint;
  /** The file's path when it was mapped, as its process sees it; with ` (deleted)` behind it where it has none now. */
  readonly path: string;
}

const LINE = /^([0-9a-f]+)-([0-9a-f]+) ..x. [0-9a-f]+ ([0-9a-f]+):([0-9a-f]+) (\d+) +(\S.*)$/;

/** Those of each file once. What is no mapping of a file's code is skipped, and so is a last line that was cut. */
export function parseCodeMappings(text: string): CodeMapping[] {
  const files = new Map<string, CodeMapping>();
  for (const line of text.split("\n")) {
    const match = LINE.exec(line);
    if (match === null) continue;
    const [, start = "", end = "", major = "", minor = "", inode = "", path = ""] = match;
    const device = `${Number.parseInt(major, 16)}:${Number.parseInt(minor, 16)}`;
    const key = `${device} ${inode} ${path}`;
    if (inode === "0" || files.has(key)) continue;
    // that of /proc/PID/map_files has no zeros in front of it
    const range = `${withoutZeros(start)}-${withoutZeros(end)}`;
    files.set(key, { range, device, inode: BigInt(inode), path: unescapeNewline(path) });
  }
  return [...files.values()];
}

function withoutZeros(address: string): string {
  return address.replace(/^0+(?=.)/, "");
}

/** The only character that is escaped there. */
function unescapeNewline(path: string): string {
  return path.replaceAll("\\012", "\n");
}
