/** Whether a path on a mount that may be dead answers at all: asked in a child, which may hang in our place. */

/** How long a network or FUSE mount has for an answer, in ms. */
const PROBE_MS = 3000;

/** False when a stat(2) of `path` has not come back in time. An error (no such file) is an answer too. */
export async function answersInTime(path: string): Promise<boolean> {
  const { spawn } = process.getBuiltinModule("node:child_process");
  return new Promise((resolve) => {
    const child = spawn("stat", ["-L", "--", path], { stdio: "ignore" });
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      child.unref(); // in the worst case it cannot even be killed until the mount answers
      resolve(false);
    }, PROBE_MS);
    child.on("error", () => {
      clearTimeout(timer);
      resolve(true); // no stat(1) here: then the risk is taken
    });
    child.on("exit", () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
