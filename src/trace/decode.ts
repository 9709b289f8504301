/** Records of a page as events. A decoder is made once from each format; it only adds offsets later. Pure. */

import { keyOf64 } from "../recording/source-event.ts";
import type { LockApi } from "../sqlite/locks.ts";
import type { DecodedEvent } from "./events.ts";
import { type EventFormat, type Field, fieldIfAny, fieldOf } from "./format.ts";

/** The page in words, as it is aligned, and in bytes. */
export interface Page {
  readonly words: Uint32Array;
  readonly bytes: Buffer;
}

/** One kind of event. */
export interface Decoder {
  /** Bytes that a record has at least; a shorter one is torn. */
  readonly length: number;
  /** `at`: offset of the record in the page, a multiple of 4. Null: an event that nobody asked for. */
  decode(page: Page, at: number, atMs: number): DecodedEvent | null;
}

/** Source: include/linux/filelock.h. The kernel's own numbers are in `print fmt`. */
const FLAGS = { FL_FLOCK: 2, FL_CLOSE: 64, FL_OFDLCK: 1024 } as const;
const TYPES = { F_RDLCK: 0, F_WRLCK: 1, F_UNLCK: 2 } as const;
export function flagOf(format: EventFormat, name: keyof typeof FLAGS): number {
  return format.symbols.get(name) ?? FLAGS[name];
}

/** FILE_LOCK_DEFERRED: F_SETLKW begins to wait. ERESTARTSYS: a signal has ended its wait. */
const DEFERRED = 1;
export const INTERRUPTED = -512;

/** The offset of a field in words. */
const wordOf = (field: Field): number => field.offset >> 2;
const endOf = (fields: readonly Field[]): number => Math.max(...fields.map(({ offset, size }) => offset + size));

const HIGH = 2 ** 32;
const LONG = [8, 4];

/** The names of fields up to Linux 6.8, and since. */
const NAMES = {
  owner: ["owner", "fl_owner"],
  pid: ["pid", "fl_pid"],
  flags: ["flags", "fl_flags"],
  type: ["type", "fl_type"],
};

/** The name of a field as this kernel has it, for filters. */
export function nameIn(format: EventFormat, field: keyof typeof NAMES): string {
  return NAMES[field].find((name) => format.fields.has(name)) ?? field;
}

/**
 * posix_lock_inode, flock_lock_inode, fcntl_setlk. Of the last one only interrupted waits are of use: all else it says
 * again. @throws ParseError
 */
export function lockDecoder(format: EventFormat): Decoder {
  const inode = fieldOf(format, ["i_ino"], LONG);
  const device = fieldOf(format, ["s_dev"], [4]);
  const owner = fieldOf(format, NAMES.owner, LONG);
  const pid = fieldOf(format, NAMES.pid, [4]);
  const flags = fieldOf(format, NAMES.flags, [4]);
  const type = fieldOf(format, NAMES.type, [1]);
  const start = fieldOf(format, ["fl_start"], [8]);
  const end = fieldOf(format, ["fl_end"], [8]);
  const ret = fieldOf(format, ["ret"], [4]);
  const [deviceAt, pidAt, flagsAt, startAt, endAt, retAt] = [device, pid, flags, start, end, ret].map(wordOf) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const { FL_FLOCK, FL_CLOSE, FL_OFDLCK } = {
    FL_FLOCK: flagOf(format, "FL_FLOCK"),
    FL_CLOSE: flagOf(format, "FL_CLOSE"),
    FL_OFDLCK: flagOf(format, "FL_OFDLCK"),
  };
  const read = format.symbols.get("F_RDLCK") ?? TYPES.F_RDLCK;
  const write = format.symbols.get("F_WRLCK") ?? TYPES.F_WRLCK;
  const unlock = format.symbols.get("F_UNLCK") ?? TYPES.F_UNLCK;
  const onlyInterrupted = format.name === "fcntl_setlk";
  const openFiles = new OpenFiles();
  return {
    length: endOf([inode, device, owner, pid, flags, type, start, end, ret]),
    decode({ words, bytes }, at, atMs) {
      const base = at >> 2;
      const result = (words[base + retAt] ?? 0) | 0;
      if (onlyInterrupted && result !== INTERRUPTED) return null;
      const bits = words[base + flagsAt] ?? 0;
      const kind = bytes[at + type.offset];
      if (kind !== read && kind !== write && kind !== unlock) return null;
      const by = keyAt(words, base, owner);
      const closes = (bits & FL_CLOSE) !== 0;
      const api: LockApi =
        (bits & FL_FLOCK) !== 0 ? "flock" : openFiles.isOwner(by, (bits & FL_OFDLCK) !== 0, closes) ? "ofd" : "posix";
      return {
        kind: "lock",
        atMs,
        tid: tidAt(words, at),
        pid: words[base + pidAt] ?? 0,
        device: words[base + deviceAt] ?? 0,
        inode: keyAt(words, base, inode),
        owner: by,
        operation: kind === read ? "read" : kind === write ? "write" : "unlock",
        start: (words[base + startAt + 1] ?? 0) * HIGH + (words[base + startAt] ?? 0),
        end: lastByte(words[base + endAt] ?? 0, words[base + endAt + 1] ?? 0),
        api,
        closes,
        outcome: result === 0 ? "granted" : result === DEFERRED ? "waits" : onlyInterrupted ? "killed" : "refused",
      };
    },
  };
}

/**
 * Owners that are open files. The close of a file that has OFD locks comes without FL_OFDLCK, as if they were POSIX
 * locks (locks_remove_posix, called by locks_remove_file with the file as the owner).
 */
class OpenFiles {
  readonly #owners = new Set<number>();

  isOwner(owner: number, flagged: boolean, closes: boolean): boolean {
    if (flagged) {
      this.#owners.add(owner);
      return true;
    }
    // a POSIX lock of this owner: the pointer was reused
    return this.#owners.size > 0 && this.#owners.delete(owner) && closes;
  }
}

/** Every record begins with the number of its format; its second word is the thread. Source: struct trace_entry */
export function tidAt(words: Uint32Array, at: number): number {
  return (words[(at >> 2) + 1] ?? 0) | 0;
}

/** OFFSET_MAX is "to the end of the file". */
function lastByte(low: number, high: number): number {
  return high === 0x7fffffff && low === 0xffffffff ? Number.POSITIVE_INFINITY : high * HIGH + low;
}

/** A number of 4 or 8 bytes as a key: `keyOf64`. */
function keyAt(words: Uint32Array, base: number, field: Field): number {
  const low = words[base + (field.offset >> 2)] ?? 0;
  return field.size === 4 ? low : keyOf64(low, words[base + (field.offset >> 2) + 1] ?? 0);
}

/** sched_process_exit. @throws ParseError */
export function exitDecoder(format: EventFormat): Decoder {
  const pid = fieldOf(format, ["pid"], [4]);
  const group = fieldIfAny(format, "group_dead", [1]); // since Linux 6.16
  return {
    length: endOf(group === null ? [pid] : [pid, group]),
    decode({ words, bytes }, at, atMs) {
      const tid = words[(at + pid.offset) >> 2] ?? 0;
      return { kind: "exit", atMs, tid, last: group === null ? null : bytes[at + group.offset] !== 0 };
    },
  };
}
