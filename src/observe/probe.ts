/** Whether a mount that may be dead answers. A child asks, so that only the child may hang. */

import { ownSession } from "../user/as-user.ts";

/** How long a network or FUSE mount may take to answer. */
const PROBE_TIMEOUT_MS = 3000;

/** False where a stat(2) of `path` has not returned in time. An error (no such file) is an answer too. */
export async function answersInTime(path: string): Promise<boolean> {
  const { spawn } = process.getBuiltinModule("node:child_process");
  return new Promise((resolve) => {
    const child = spawn("stat", ["-L", "--", path], { stdio: "ignore", ...ownSession() });
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      child.unref(); // it may be impossible to kill until the mount answers
      resolve(false);
    }, PROBE_TIMEOUT_MS);
    child.on("error", () => {
      clearTimeout(timer);
      resolve(true); // no stat(1) on this system: without a probe, go on
    });
    child.on("exit", () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
