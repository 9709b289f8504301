/** The files of tracefs. What a failed system call means is in errors.ts. */
import { closeSync, constants, openSync, readFileSync, writeSync } from "node:fs";
import { ParseError } from "../errors.ts";
import { readText, valueOr } from "../proc/read.ts";
import { refusal, TraceError } from "./errors.ts";
import { type EventFormat, parseFormat } from "./format.ts";

/** Whether the kernel is locked down so far that nobody may read trace events. Source: kernel_lockdown(7) */
export function lockedDown(): boolean {
  return valueOr(readText("/sys/kernel/security/lockdown"), "").includes("[confidentiality]");
}

/** @throws TraceError */
export function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof ParseError) throw new TraceError("unknown-format", path);
    throw refusal(error, path, lockedDown());
  }
}

/** @throws TraceError */
export const readTracefs = (path: string): string => attempt(path, () => readFileSync(path, "utf8"));

/** Writes a setting. Neither creates nor truncates. @throws TraceError */
export function writeTracefs(path: string, text: string): void {
  attempt(path, () => writeSetting(path, text));
}

/** As {@link writeTracefs}; errors are those of the system call. */
export function writeSetting(path: string, text: string, flags = constants.O_WRONLY): void {
  const fd = openSync(path, flags);
  try {
    writeSync(fd, text);
  } finally {
    closeSync(fd);
  }
}

/**
 * Adds a line to `uprobe_events`; `-:GROUP/EVENT` removes that event. Opened with O_TRUNC, that file would remove the
 * probes of everybody. Errors are those of the system call.
 */
export function appendProbe(tracefs: string, line: string): void {
  writeSetting(`${tracefs}/uprobe_events`, `${line}\n`, constants.O_WRONLY | constants.O_APPEND);
}

/** @throws TraceError */
export function readFormat(path: string): EventFormat {
  return attempt(path, () => parseFormat(readFileSync(path, "utf8"), path));
}
