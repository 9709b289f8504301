/**
 * `/proc/PID/fdinfo/FD`: how a descriptor was opened, and the locks taken through it. Source: proc_pid_fdinfo(5),
 * `fs/proc/fd.c`.
 */
import { constants } from "node:fs";
import { ParseError } from "../errors.ts";
import { type KernelLock, parseLockLine } from "./locks.ts";
import { type Reading, readText, valueOr } from "./read.ts";

export type Access = "read" | "write" | "read-write" | "path";

export interface FdInfo {
  readonly access: Access;
  /**
   * Opened with O_NOFOLLOW, as SQLite 3.31 and later opens its files; null where that is not known. Source: unixOpen
   * (os_unix.c)
   */
  readonly noFollow: boolean | null;
  readonly mountId: number;
  /** The inode number as /proc/locks has it; null before Linux 5.14. */
  readonly inode: bigint | null;
  readonly locks: readonly KernelLock[];
}

const O_ACCMODE = 0o3;

/** Linux's number: a descriptor that opens nothing. Source: open(2) */
export const O_PATH = 0o10000000;

/** @throws ParseError when `flags:` or `mnt_id:` is missing or a `lock:` line is not in the form of /proc/locks. */
export function parseFdInfo(text: string, file = "/proc/PID/fdinfo/FD"): FdInfo {
  let flags: number | null = null;
  let mountId: number | null = null;
  let inode: bigint | null = null;
  const locks: KernelLock[] = [];
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    const value = line.slice(colon + 1).trim();
    switch (line.slice(0, colon)) {
      case "flags":
        if (/^[0-7]+$/.test(value)) flags = Number.parseInt(value, 8);
        break;
      case "mnt_id":
        if (/^\d+$/.test(value)) mountId = Number(value);
        break;
      case "ino":
        if (/^\d+$/.test(value)) inode = BigInt(value);
        break;
      case "lock": {
        const lock = parseLockLine(value, file);
        if (lock !== null) locks.push(lock);
        break;
      }
    }
  }
  if (flags === null || mountId === null) throw new ParseError(file, text);
  return { access: accessOfFlags(flags), noFollow: (flags & constants.O_NOFOLLOW) !== 0, mountId, inode, locks };
}

function accessOfFlags(flags: number): Access {
  if ((flags & O_PATH) !== 0) return "path";
  return (["read", "write", "read-write"] as const)[flags & O_ACCMODE] ?? "read-write";
}

/** `directory` is /proc/PID or /proc/PID/task/TID. */
export function readFdInfo(directory: string, fd: string): Reading<FdInfo> {
  const file = `${directory}/fdinfo/${fd}`;
  const reading = readText(file);
  return reading.kind === "ok" ? { kind: "ok", value: parseFdInfo(reading.value, file) } : reading;
}

const O_CLOEXEC = 0o2000000;

/** Whether a program that this process starts gets the descriptor. Pure. */
export function staysOpen(text: string): boolean {
  const flags = /^flags:\s*([0-7]+)$/m.exec(text)?.[1];
  return flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
}

/** False for a descriptor that is closed by now. */
export function readStaysOpen(directory: string, fd: string): boolean {
  return staysOpen(valueOr(readText(`${directory}/fdinfo/${fd}`), ""));
}
