/** `/proc/PID/mountinfo`: the mounts that a process sees. Source: proc_pid_mountinfo(5). */
import { ParseError } from "../errors.ts";
import { type Reading, readText } from "./read.ts";

export interface Mount {
  readonly id: number;
  /**
   * `major:minor`, decimal: the device as in /proc/locks (there hexadecimal). On btrfs it differs from that of stat(2).
   */
  readonly device: string;
  readonly mountPoint: string;
  readonly readOnly: boolean;
  readonly wentReadOnly: WentReadOnly;
  readonly type: string;
  readonly superOptions: string;
}

/**
 * Whether the file system was mounted for writing and refuses it since an error. `proved`: ext4 says so itself
 * (`emergency_ro`, Linux 6.15). `likely`: the file system is read-only, and this mount of it is not: nobody has asked
 * for that here. Null: no sign of it. Source: fs/ext4/super.c, errors=remount-ro; proc_pid_mountinfo(5)
 */
export type WentReadOnly = "proved" | "likely" | null;

/** File systems that are read-only however they are mounted. */
const NEVER_WRITABLE = /^(squashfs|erofs|iso9660|udf|cramfs|romfs)$/;

function wentReadOnlyOf(options: readonly string[], type: string, superOptions: readonly string[]): WentReadOnly {
  if (superOptions.includes("emergency_ro")) return "proved";
  const layers = type === "overlay" && !superOptions.some((option) => option.startsWith("upperdir="));
  return superOptions.includes("ro") && !options.includes("ro") && !NEVER_WRITABLE.test(type) && !layers
    ? "likely"
    : null;
}

// Only the space character separates fields: the kernel does not escape other spaces (U+3000) in a name.
const LINE = /^(\d+) \d+ (\d+:\d+) [^ ]+ ([^ ]+) ([^ ]+)(?: [^ ]+)* - ([^ ]+) [^ ]* ([^ ]*)$/;

/** A line that is not in the documented form is skipped. */
export function parseMountinfo(text: string): { mounts: Mount[]; problems: ParseError[] } {
  const mounts: Mount[] = [];
  const problems: ParseError[] = [];
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const match = LINE.exec(line);
    if (match === null) {
      problems.push(new ParseError("/proc/PID/mountinfo", line));
      continue;
    }
    const [, id = "", device = "", mountPoint = "", options = "", type = "", superOptions = ""] = match;
    const [own, shared] = [options.split(","), superOptions.split(",")];
    mounts.push({
      id: Number(id),
      device,
      mountPoint: unescapeOctal(mountPoint),
      readOnly: own.includes("ro") || shared.includes("ro") || shared.includes("emergency_ro"),
      wentReadOnly: wentReadOnlyOf(own, type, shared),
      type,
      superOptions,
    });
  }
  return { mounts, problems };
}

/** Space, tab, newline, `\\` and `#` are written as three octal digits. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

export function readMountinfo(directory: string): Reading<Mount[]> {
  const reading = readText(`${directory}/mountinfo`);
  return reading.kind === "ok" ? { kind: "ok", value: parseMountinfo(reading.value).mounts } : reading;
}

/** File systems whose files and locks are on another machine, in a hypervisor, or in another program. */
const NETWORK_TYPES = [
  /^(nfs4?|cifs|smb3|smbfs|afs|ceph|coda|lustre|gfs2?|ocfs2|gpfs|pvfs2|orangefs|beegfs)$/,
  /^(9p|virtiofs|vboxsf|prl_fs)$/,
  /^fuse(\.\S+)?$/,
];

export function isNetworkType(type: string): boolean {
  return NETWORK_TYPES.some((types) => types.test(type));
}

/** Whether a system call on an open file of such a mount may wait for a server or daemon, perhaps for ever. */
export function mayHang(type: string): boolean {
  return isNetworkType(type) || type === "fuseblk";
}

/** Whether looking up a path on such a mount may hang: an automounter first waits for what it mounts. */
export function lookUpMayHang(type: string): boolean {
  return mayHang(type) || type === "autofs";
}

/** The innermost mount of an absolute path, by its text alone. Later mounts cover earlier ones. */
export function mountOfPath(mounts: readonly Mount[], path: string): Mount | null {
  let best: Mount | null = null;
  for (const mount of mounts) {
    const point = mount.mountPoint;
    const inside = point === "/" || path === point || path.startsWith(`${point}/`);
    if (inside && (best === null || point.length >= best.mountPoint.length)) best = mount;
  }
  return best;
}

/**
 * The user who has mounted a FUSE file system, and whose program says whose its files are; null: root, or another type.
 * Source: mount.fuse3(8), user_id
 */
export function mounterOf({ type, superOptions }: Pick<Mount, "type" | "superOptions">): number | null {
  if (!/^fuse(blk)?(\.|$)/.test(type)) return null;
  const uid = Number(/(?:^|,)user_id=(\d+)(?:,|$)/.exec(superOptions)?.[1] ?? 0);
  return uid === 0 ? null : uid;
}
