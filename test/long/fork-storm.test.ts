import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import type { WhoHoldsDocument } from "../../src/index.ts";
import { connection, WAL, WRITE } from "../support/connection.ts";
import { pythonPath, startHolder } from "../support/holder.ts";
import { repetitions } from "../support/soak.ts";
import { holderOf, lockNames, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

/**
 * Keeps sixty children alive for some milliseconds each; each opens the database, some lock it and some exec another
 * program. They are one process group, and each dies of itself.
 */
const STORM = `
import fcntl, os, random, sys, time
children = 0
forked = 0
while True:
    if os.getppid() == 1: os._exit(0)
    if children >= 60:
        os.wait()
        children -= 1
        continue
    if os.fork() == 0:
        fd = os.open(sys.argv[1], os.O_RDWR)
        if random.random() < 0.3: fcntl.lockf(fd, fcntl.LOCK_SH | fcntl.LOCK_NB, 510, 1073741826)
        if random.random() < 0.1: os.execv("/bin/sleep", ["sleep", "0.02"])
        time.sleep(random.random() * 0.04)
        os._exit(0)
    children += 1
    forked += 1
    if forked % 500 == 0: print(forked, flush=True)
`;

const LOOKS = repetitions(60, 8);

test(`hundreds of processes that come and go during ${LOOKS} looks`, async () => {
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder();
  await holder.run(connection(database, ...WAL, ...WRITE));
  const storm = spawn(pythonPath(), ["-S", "-c", STORM, database], {
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  onTestFinished(async () => {
    const exited = once(storm, "exit");
    if (storm.pid !== undefined) process.kill(-storm.pid, "SIGKILL");
    await exited;
  });
  let forked = 0;
  createInterface({ input: storm.stdout }).on("line", (line) => {
    forked = Number(line);
  });
  await once(storm.stdout, "readable");
  const seen = new Set<number>();
  for (let i = 0; i < LOOKS; i++) {
    const args = ["who-holds", ...(i % 3 === 0 ? ["--locks-only"] : []), database];
    if (i % 4 === 3) {
      const { stdout, stderr, code } = await sqlock(args);
      expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
      expect(stdout).toMatch(new RegExp(`^ *${holder.pid} .*WRITE`, "m"));
      continue;
    }
    const { stdout, stderr, code } = await sqlock([...args, "--json"]);
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    const [report] = (JSON.parse(stdout) as WhoHoldsDocument).databases;
    if (report === undefined || "error" in report) throw new Error(stdout);
    const found = holderOf(report, holder.pid);
    expect(lockNames(found)).toEqual(["DMS:read", "READ1:read", "SHARED:read", "WRITE:write"]);
    expect(found).toMatchObject({ complete: true, activity: "writing" });
    // A fork that has not opened the database yet, or has dropped its lock, is no finding; that one sleeps between two
    // tries may be.
    expect(report.findings.filter(({ id, pids }) => id !== "likely-waiting" && !pids.includes(holder.pid))).toEqual([]);
    for (const { pid } of report.holders) seen.add(pid);
  }
  expect(forked).toBeGreaterThan(repetitions(1000, 0));
  expect(seen.size).toBeGreaterThan(repetitions(10, 2)); // the storm did go through the looks
});
