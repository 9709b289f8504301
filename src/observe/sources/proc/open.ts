/** /proc as a source: whether this system has it, and the first reading of its locks. */
import { existsSync } from "node:fs";
import { UserError } from "../../../errors.ts";
import { LocksFile } from "../../../proc/locks-file.ts";
import type { Collect } from "../source.ts";
import { collect } from "./collect.ts";

/** Starts to read /proc/locks: the kernel takes some 10 ms, while the arguments are resolved. @throws UserError */
export function openProc(proc: string): Collect {
  requireProc(proc);
  const file = new LocksFile(proc);
  let firstReading: ReturnType<LocksFile["read"]> | undefined = file.read();
  return (targets, options) => {
    const early = firstReading ?? file.read();
    firstReading = undefined;
    return collect(targets, options, file, early);
  };
}

function requireProc(proc: string): void {
  if (process.platform !== "linux") {
    throw new UserError(
      "unsupported-platform",
      `this needs Linux: the owners of locks are read from /proc, which ${process.platform} does not have`,
      process.platform === "win32"
        ? "run it on Linux"
        : "run it on Linux; sqlock who-holds and sqlock explain use lsof here",
    );
  }
  if (!existsSync(`${proc}/self/mountinfo`)) {
    throw new UserError(
      "no-proc",
      "/proc is not mounted, so no process can be seen",
      "mount it (mount -t proc proc /proc) and try again",
    );
  }
}
