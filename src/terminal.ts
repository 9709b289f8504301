/**
 * stdout and stderr: written at once, so that a pipe loses nothing and nothing is loaded that plain text does not need.
 */
import { fstatSync, writeSync } from "node:fs";
import { UserError } from "./errors.ts";
import type { Style } from "./render/style.ts";

export function writeOut(text: string): void {
  write(1, text);
}

/** @returns false when the reader of stdout has gone (`| head`): nothing that is written from now on reaches anybody */
export function offerOut(text: string): boolean {
  return write(1, text);
}

export function writeErr(text: string): void {
  write(2, text);
}

const PAUSE = new Int32Array(new SharedArrayBuffer(4));

/** A reader that has gone (`| head`) ends the output without a word; one that is slow is waited for. */
function write(fd: 1 | 2, text: string): boolean {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE") return false;
      if (code !== "EAGAIN") {
        if (fd === 2) return false; // nowhere is left to say it
        throw new UserError("cannot-write", `the answer cannot be written to stdout (${code})`, "is the disk full?");
      }
      Atomics.wait(PAUSE, 0, 0, 5); // a non-blocking pipe is full
    }
  }
  return true;
}

/** `color` false: --no-color. Honours NO_COLOR, FORCE_COLOR, a pipe and COLUMNS. */
export async function styleOf(color: boolean | undefined): Promise<Style> {
  const { env } = process;
  const terminal = isTerminal(1);
  const forced = env["FORCE_COLOR"] !== undefined && env["FORCE_COLOR"] !== "0" && env["FORCE_COLOR"] !== "false";
  const plain = color === false || (env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "") || !(terminal || forced);
  const chalk = plain ? null : new (await import("chalk")).Chalk({ level: 1 });
  const utf8 = /utf-?8/i.test(env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "");
  return { width: widthOfTerminal(terminal), ellipsis: utf8 ? "…" : "...", chalk };
}

/** The major number of /dev/null and its like. Source: Documentation/admin-guide/devices.txt. */
const MEMORY_DEVICES = 1;

/** A pipe, a file or a socket: not a terminal, which would wait for a person, and not /dev/null. */
export function hasInput(): boolean {
  try {
    return !fstatSync(0).isCharacterDevice();
  } catch {
    return false; // it is closed
  }
}

/**
 * Only a character device can be one: node:tty, which loads the network with it, is asked of no pipe, no file and not
 * of /dev/null.
 */
export function isTerminal(fd: 1 | 2): boolean {
  try {
    const stats = fstatSync(fd);
    if (!stats.isCharacterDevice() || stats.rdev >> 8 === MEMORY_DEVICES) return false;
  } catch {
    return false; // it is closed
  }
  return process.getBuiltinModule("node:tty").isatty(fd);
}

/** Longest lines of help that are easy to read. */
const HELP_WIDTH = 100;

/** Of the help: 80 columns through a pipe. */
export function widthOfHelp(): number {
  const width = widthOfTerminal(isTerminal(1));
  return width === Number.POSITIVE_INFINITY ? 80 : Math.min(width, HELP_WIDTH);
}

function widthOfTerminal(terminal: boolean): number {
  const told = Number(process.env["COLUMNS"]);
  if (Number.isInteger(told) && told > 0) return told;
  if (!terminal) return Number.POSITIVE_INFINITY;
  return process.stdout.columns > 0 ? process.stdout.columns : 80;
}
