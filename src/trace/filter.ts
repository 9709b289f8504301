/**
 * The kernel's filter of lock events, so that other programs' locks cost nothing. Source:
 * Documentation/trace/events.rst, "Event filtering".
 *
 * A -shm and a database that is made anew have new inodes: no list of inodes would admit them in time. So every lock on
 * SQLite's own bytes is admitted on the devices of the databases: of each -shm and of each database there, also of
 * attached ones, without whose locks their -shm would be taken for that of the database. Whoever interprets the events
 * chooses among them. SQLite locks neither -wal nor -journal nor a super-journal.
 */

export interface LockedFile {
  /** Of the superblock: major << 20 | minor. */
  readonly device: number;
  readonly inode: bigint;
}

/** The names of the fields, which differ between kernels. */
export interface FilterNames {
  readonly pid: string;
  readonly flags: string;
  /** The bit of `flags` for a close. */
  readonly close: number;
}

/** `PENDING_BYTE` and all that follows it; the bytes of -shm from WRITE to DMS. Source: `os_unix.c` */
const DATABASE_BYTES = "fl_start >= 1073741824 && fl_end <= 1073742335";
const SHM_BYTES = "fl_start >= 120 && fl_end <= 128";

/** No file system has this device. */
const NOTHING = "s_dev == 0";

/** The kernel takes less than a page, with the end of the text. */
const LONGEST = 4000;

/**
 * The filter for these files; "0", which removes a filter, where no text that is short enough would admit all of them.
 * A list that is too long becomes its devices alone: more events, and none is missing. `notPid`: sqlock's own process.
 */
export function lockFilter(
  files: readonly LockedFile[],
  names: FilterNames,
  notPid: number,
  further: string | null = null,
): string {
  if (files.length === 0 && further === null) return NOTHING;
  const devices = new Map<number, Set<bigint>>();
  for (const { device, inode } of files) devices.set(device, (devices.get(device) ?? new Set()).add(inode));
  const ownBytes = `(${SHM_BYTES}) || (${DATABASE_BYTES}) || (${names.flags} & ${names.close})`;
  const withInodes = [...devices].map(([device, inodes]) => {
    const each = [...inodes].map((inode) => `i_ino == ${inode} || `).join("");
    return `(s_dev == ${device} && (${each}${ownBytes}))`;
  });
  const withoutInodes = [...devices.keys()].map((device) => `s_dev == ${device}`);
  for (const alternatives of [withInodes, withoutInodes]) {
    const conditions = [`${names.pid} != ${notPid}`, ...(further === null ? [] : [further])];
    if (alternatives.length > 0) conditions.push(`(${alternatives.join(" || ")})`);
    const text = conditions.join(" && ");
    if (text.length <= LONGEST) return text;
  }
  return further ?? "0";
}
