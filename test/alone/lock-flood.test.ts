import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, type TestContext, test } from "vitest";
import { databaseOf, folderOf, MALLORY, needRoot, VICTIM } from "../support/attacker.ts";
import { bareReserved } from "../support/connection.ts";
import { pythonOf } from "../support/hold.ts";
import { startHolder } from "../support/holder.ts";
import { sqlock, whoHolds } from "../support/sqlock.ts";

/** A pass over so many locks takes the kernel ten seconds, since its time grows with their square. */
const LOCKS = 100_000;
const FILES = 100;

/** Three seconds for the pass that is given up, and room for a busy machine. */
const SOME_SECONDS_MS = 8000;

const FLOOD = `import fcntl, os, sys
folder, files, locks = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
for i in range(files):
    fd = os.open(f"{folder}/{i}", os.O_RDWR | os.O_CREAT)
    for j in range(locks // files): fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 2 * j)
print("locked", flush=True)
sys.stdin.read()`;

/** The hostile user takes locks on his own files, until the test ends. */
async function flood(context: TestContext): Promise<void> {
  needRoot(context);
  const args = ["-c", FLOOD, folderOf(MALLORY), String(FILES), String(LOCKS)];
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
