/** The files of a look, by device and inode: whatever their names lead to later, only these are opened. */

export interface Pin {
  /** "" for the database itself, `-wal` and the like. */
  readonly suffix: string;
  readonly path: string;
  readonly device: bigint;
  readonly inode: bigint;
  readonly uid: number;
  readonly gid: number;
  /** Names of the file (hard links). */
  readonly links: number;
}

export function isPinned(pin: Pin, { dev, ino }: { readonly dev: bigint; readonly ino: bigint }): boolean {
  return pin.device === dev && pin.inode === BigInt.asUintN(64, ino); // Node.js reads it as a signed number
}
