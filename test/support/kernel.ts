/** The record locks of a kernel in short: the bytes that SQLite locks, one unit each. */
import type { HeldSeen, LockEvent } from "../../src/recording/source-event.ts";

type Type = "read" | "write";

/** PENDING, RESERVED, SHARED; WRITE to DMS. */
const UNITS: readonly (readonly [number, number])[] = [
  [0x40000000, 0x40000000],
  [0x40000001, 0x40000001],
  [0x40000002, 0x400001ff],
  ...Array.from({ length: 9 }, (_, i) => [120 + i, 120 + i] as const),
];

interface Entry {
  readonly inode: number;
  readonly unit: readonly [number, number];
  readonly owner: number;
  readonly pid: number;
  readonly type: Type;
}

export class Kernel {
  private entries: Entry[] = [];

  /** Who keeps this lock from being granted. */
  blockers(inode: number, start: number, end: number, owner: number, type: Type): number[] {
    return this.entries
      .filter((each) => each.inode === inode && each.unit[0] <= end && each.unit[1] >= start && each.owner !== owner)
      .filter((each) => type === "write" || each.type === "write")
      .map(({ pid }) => pid);
  }

  apply({ inode, start, end, owner, pid, operation, outcome }: LockEvent): void {
    if (outcome !== "granted") return;
    const covered = (unit: readonly [number, number]) => unit[0] <= end && unit[1] >= start;
    this.entries = this.entries.filter((each) => each.inode !== inode || each.owner !== owner || !covered(each.unit));
    if (operation === "unlock") return;
    for (const unit of UNITS.filter(covered)) this.entries.push({ inode, unit, owner, pid, type: operation });
  }

  has(inode: number, owner: number, start: number): boolean {
    return this.entries.some((each) => each.inode === inode && each.owner === owner && each.unit[0] === start);
  }

  /** As /proc/locks shows them. */
  seen(device: number): HeldSeen[] {
    return this.entries.map(({ inode, unit: [start, end], pid, type }) => {
      return { pid, device, inode, start, end, type, api: "posix" };
    });
  }
}
