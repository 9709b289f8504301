/** Runs `sqlock kill` for one process at the same terminal. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { writeErr, writeOut } from "../../terminal.ts";
import { escapeText } from "../../text/escape.ts";

const BIN = join(import.meta.dirname, "../../bin/sqlock.js");

/**
 * The screen must have been left. Waits for a key after the command, so that its output can be read. @returns false for
 * Ctrl-C, which ends watch
 */
export async function killSelected({ path, pid }: { readonly path: string; readonly pid: number }): Promise<boolean> {
  await new Promise<void>((resolve) => {
    const child = spawn(process.execPath, [BIN, "kill", path, "--pid", String(pid)], { stdio: "inherit" });
    child.once("error", (error) => {
      writeErr(`sqlock: kill could not be started: ${escapeText(error.message)}\n`);
      resolve();
    });
    child.once("close", () => resolve());
  });
  writeOut("\nPress a key to continue watching ");
  return (await nextKey()) !== "\x03";
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
