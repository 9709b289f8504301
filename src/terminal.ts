/**
 * stdout and stderr: written synchronously, so that a pipe loses nothing, and without streams, which take time to load.
 */
import { fstatSync, writeSync } from "node:fs";
import { UserError } from "./errors.ts";
import type { Style } from "./render/style.ts";

export function writeOut(text: string): void {
  write(1, text);
}

/** @returns false when the reader of stdout has gone (`| head`): what is written from then on is lost */
export function offerOut(text: string): boolean {
  return write(1, text);
}

export function writeErr(text: string): void {
  write(2, text);
}

const PAUSE = new Int32Array(new SharedArrayBuffer(4));

/**
 * A reader that has gone (`| head`) ends the output silently; a slow one is waited for. @returns false where it has
 * gone
 */
function write(fd: 1 | 2, text: string): boolean {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE") return false;
      if (code !== "EAGAIN") {
        if (fd === 2) return false; // there is no stream left for the error
        throw new UserError("cannot-write", `the answer cannot be written to stdout (${code})`, "is the disk full?");
      }
      Atomics.wait(PAUSE, 0, 0, 5); // a non-blocking pipe is full
    }
  }
  return true;
}

/** `color` false: --no-color. Honours NO_COLOR, FORCE_COLOR, a pipe and COLUMNS. `fd`: where the text goes. */
export async function styleOf(color: boolean | undefined, fd: 1 | 2 = 1): Promise<Style> {
  const { env } = process;
  const terminal = isTerminal(fd);
  const forced = env["FORCE_COLOR"] !== undefined && env["FORCE_COLOR"] !== "0" && env["FORCE_COLOR"] !== "false";
  const plain = color === false || (env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "") || !(terminal || forced);
  const chalk = plain ? null : new (await import("chalk")).Chalk({ level: 1 });
  const utf8 = /utf-?8/i.test(env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "");
  return { width: widthOfTerminal(terminal, fd), ellipsis: utf8 ? "…" : "...", chalk };
}

/** The major number of /dev/null and its like. Source: Documentation/admin-guide/devices.txt. */
const MEMORY_DEVICES = 1;

/** Whether stdin is a pipe, a file or a socket: neither a terminal, which would wait for a person, nor /dev/null. */
export function hasInput(): boolean {
  try {
    return !fstatSync(0).isCharacterDevice();
  } catch {
    return false; // it is closed
  }
}

/**
 * Only a character device can be one. For pipes, files and /dev/null node:tty is not loaded: it loads node:net, which
 * takes time.
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

/** Longer lines are hard to read. */
const MAX_HELP_WIDTH = 100;

/** For the help: 80 columns through a pipe. */
export function widthOfHelp(): number {
  const width = widthOfTerminal(isTerminal(1));
  return width === Number.POSITIVE_INFINITY ? 80 : Math.min(width, MAX_HELP_WIDTH);
}

/** Of what goes to stdout; infinite through a pipe, unless COLUMNS says more. */
export function widthOfOutput(): number {
  return widthOfTerminal(isTerminal(1));
}

function widthOfTerminal(terminal: boolean, fd: 1 | 2 = 1): number {
  const columns = Number(process.env["COLUMNS"]);
  if (Number.isInteger(columns) && columns > 0) return columns;
  if (!terminal) return Number.POSITIVE_INFINITY;
  const stream = fd === 1 ? process.stdout : process.stderr;
  return stream.columns > 0 ? stream.columns : 80;
}
