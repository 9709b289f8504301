import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, type TestContext, test } from "vitest";
import { databaseOf, folderOf, MALLORY, needRoot, VICTIM } from "../support/attacker.ts";
import { bareReserved } from "../support/connection.ts";
import { pythonOf } from "../support/hold.ts";
import { startHolder } from "../support/holder.ts";
import { sqlock, whoHolds } from "../support/sqlock.ts";

/** The time of a pass of the kernel over all locks grows with the square of their number, and is the machine's own. */
const PASS_SECONDS = 5;

/** Three seconds for the pass that is given up, and room for a busy machine. */
const SOME_SECONDS_MS = 8000;

/** 1,000 locks a file, until a pass takes PASS_SECONDS. */
const FLOOD = `import fcntl, os, subprocess, sys
folder, seconds = sys.argv[1], sys.argv[2]
files, wanted = 0, 50
while files < 1000:
    for i in range(files, wanted):
        fd = os.open(f"{folder}/{i}", os.O_RDWR | os.O_CREAT)
        for j in range(1000): fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 2 * j)
    files, wanted = wanted, wanted * 3 // 2
    # 124: ended by timeout
    if subprocess.run(["timeout", seconds, "cat", "/proc/locks"], stdout=subprocess.DEVNULL).returncode == 124: break
print("locked", flush=True)
sys.stdin.read()`;

/** The hostile user takes locks on his own files, until the test ends. */
async function flood(context: TestContext): Promise<void> {
  needRoot(context);
  const args = ["-c", FLOOD, folderOf(MALLORY), String(PASS_SECONDS)];
  const child = spawn(pythonOf(MALLORY), args, { uid: MALLORY, gid: MALLORY, stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(async () => {
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  });
  await once(child.stdout, "data");
}

test("a user with very many locks stalls no look at another's database", async (context) => {
  const database = databaseOf(VICTIM);
  const holder = await startHolder();
  await holder.run(bareReserved(database));
  await flood(context);
  const started = performance.now();
  const { databases, unseen } = await whoHolds([database]);
  expect(performance.now() - started).toBeLessThan(SOME_SECONDS_MS);
  // What descriptors show is known all the same; what was not read is told as that.
  expect(databases).toMatchObject([{ holders: [{ pid: holder.pid, locks: [{ name: "RESERVED" }] }] }]);
  expect(unseen).toMatchObject({ processes: null, reason: expect.stringContaining("not read in time") });
  // SIGINT after a second, in the middle of the pass
  const interrupted = performance.now();
  expect((await sqlock(["who-holds", database], { through: ["timeout", "-s", "INT", "1"] })).code).toBe(124);
  expect(performance.now() - interrupted).toBeLessThan(2500);
});
