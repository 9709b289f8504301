/** Whether a mount that may be dead answers. A child asks, so that only the child may hang. */

import { OWN_SESSION } from "../user/as-user.ts";
import type { User } from "../user/user.ts";

/** How long a network or FUSE mount may take to answer. */
const PROBE_TIMEOUT_MS = 3000;

/**
 * What the child does: as a look does, it opens a regular file through a descriptor that opens nothing (O_PATH), so
 * that a name which is exchanged meanwhile makes it wait for no pipe and wakes no device. Companion files as well.
 */
const PROBE = `const { constants, fstatSync, openSync, opendirSync, readSync } = require("node:fs");
const [path] = process.argv.slice(1);
const READ = constants.O_RDONLY | constants.O_NONBLOCK;
const ask = (name, flags) => {
  try {
    const fd = openSync(name, 0o10000000 | flags);
    const stats = fstatSync(fd);
    const same = "/proc/self/fd/" + fd;
    if (stats.isDirectory()) opendirSync(same).readSync();
    if (stats.isFile()) readSync(openSync(same, READ), Buffer.alloc(100), 0, 100, 0);
  } catch {}
};
ask(path, 0);
for (const suffix of ["-journal", "-wal", "-shm"]) ask(path + suffix, constants.O_NOFOLLOW);`;

/**
 * False where stat(2) of `path`, or opening and reading the file there, has not returned in time. An error (no such
 * file) is an answer too. `user`: who looks, where root may not.
 */
export async function answersInTime(path: string, user: User | null = null): Promise<boolean> {
  const { spawn } = process.getBuiltinModule("node:child_process");
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["-e", PROBE, "--", path], {
      stdio: "ignore",
      cwd: "/",
      env: {},
      ...OWN_SESSION,
      ...(user === null ? {} : { uid: user.uid, gid: user.gid }),
    });
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      child.unref(); // it may be impossible to kill until the mount answers
      resolve(false);
    }, PROBE_TIMEOUT_MS);
    child.on("error", () => {
      clearTimeout(timer);
      resolve(true); // it cannot be started: without a probe, go on
    });
    child.on("exit", () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
