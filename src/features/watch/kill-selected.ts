/** Runs `sqlock kill` for one process at the same terminal. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import type { UserError } from "../../errors.ts";
import type { FileIdentity } from "../../observe/same-file.ts";
import { addOwn } from "../../proc/own.ts";
import { writeErr, writeOut } from "../../terminal.ts";
import { escapeText } from "../../text/escape.ts";

const BIN = join(import.meta.dirname, "../../bin/sqlock.js");

export interface SelectedHolder {
  readonly path: string;
  readonly pid: number;
  /** That it was seen to hold; null where there was none at that path. */
  readonly file: FileIdentity | null;
  /** Why it must not be ended. */
  readonly refusal: UserError | null;
}

/**
 * `leave`: leaves the screen, and starts the program there. Waits for a key after the command, so that its output can
 * be read. @returns false for Ctrl-C, which ends watch
 */
export async function killSelected(
  { path, pid, file, refusal }: SelectedHolder,
  leave: (start: () => void) => void,
): Promise<boolean> {
  let ended: Promise<void> | undefined;
  leave(() => {
    if (refusal === null) ended = runKill(path, pid, file);
  });
  await ended;
  if (refusal !== null) writeErr(`sqlock: ${escapeText(refusal.message)}; ${escapeText(refusal.hint)}\n`);
  writeOut("\nPress a key to continue watching ");
  return (await nextKey()) !== "\x03";
}

function runKill(path: string, pid: number, file: FileIdentity | null): Promise<void> {
  const pinned = file === null ? "none" : `${file.device}:${file.inode}`;
  return new Promise<void>((resolve) => {
    const child = spawn(process.execPath, [BIN, "kill", path, "--pid", String(pid), "--pinned", pinned], {
      stdio: "inherit",
    });
    const own = child.pid === undefined ? null : addOwn(child.pid);
    child.once("error", (error) => {
      writeErr(`sqlock: kill could not be started: ${escapeText(error.message)}\n`);
      resolve();
    });
    child.once("close", () => {
      own?.forget();
      resolve();
    });
  });
}

function nextKey(): Promise<string> {
  return new Promise((resolve) => {
    process.stdin.setRawMode(true).resume();
    process.stdin.once("data", (data: Buffer | string) => {
      process.stdin.pause().setRawMode(false);
      writeOut("\n");
      resolve(data.toString());
    });
  });
}
