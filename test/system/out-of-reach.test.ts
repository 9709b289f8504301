/** Holders that no signal reaches: in a frozen cgroup (docker pause), or waiting in the kernel (state D). */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startHolder } from "../support/holder.ts";
import { killJson } from "../support/kill.ts";
import { has, isRoot, need } from "../support/skip.ts";
import { connect, holding, newDatabase } from "../support/sqlite.ts";
import { findingIds, holderOf, lookAt, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { SELDOM_MS, until } from "../support/until.ts";

const WRITE = `c.execute("begin immediate"); c.execute("insert into t values (1)")`;

/** A cgroup for this process alone; null where none can be made. */
function cgroupOf(pid: number, version: 1 | 2): string | null {
  const type = version === 2 ? /^\S+ (\S+) cgroup2 /m : /^\S+ (\S+) cgroup \S*\bfreezer\b/m;
  const root = type.exec(readFileSync("/proc/self/mounts", "utf8"))?.[1];
  if (root === undefined) return null;
  const path = join(root, `sqlock-test-${pid}`);
  try {
    mkdirSync(path);
    onTestFinished(async () => {
      thaw(path, version);
      process.kill(pid, "SIGKILL");
      await until("it is empty", () => readFileSync(`${path}/cgroup.procs`, "utf8") === "");
      rmdirSync(path);
    });
    writeFileSync(`${path}/cgroup.procs`, String(pid));
    return path;
  } catch {
    return null; // a container's, which is read-only
  }
}

function thaw(path: string, version: 1 | 2): void {
  if (version === 2) writeFileSync(`${path}/cgroup.freeze`, "0");
  else writeFileSync(`${path}/freezer.state`, "THAWED");
}

test.for([1, 2] as const)(
  "a frozen cgroup, version %i: told like a stopped process, with its own cure",
  async (version, context) => {
    need(context, isRoot, "root");
    const database = newDatabase("wal");
    const writer = await holding(database, WRITE);
    const path = cgroupOf(writer.pid, version);
    if (path === null) return context.skip(`needs a cgroup of version ${version} that can be made`);
    expect(holderOf(await lookAt(database), writer.pid)).toMatchObject({ frozen: null, stale: [] });
    if (version === 2) writeFileSync(`${path}/cgroup.freeze`, "1");
    else writeFileSync(`${path}/freezer.state`, "FROZEN");
    const seen = await until("it is frozen", async () => {
      const look = await lookAt(database);
      return holderOf(look, writer.pid).frozen !== null && look;
    });
    expect(holderOf(seen, writer.pid)).toMatchObject({
      frozen: { path, version },
      uninterruptible: null,
      activity: "writing",
      stale: ["stopped"],
    });
    expect(seen.findings).toMatchObject([{ id: "suspended-holder", severity: "error", pids: [writer.pid] }]);
    const command = version === 2 ? `echo 0 > ${path}/cgroup.freeze` : `echo THAWED > ${path}/freezer.state`;
    expect(seen.findings[0]?.remedy).toContain(command);
    expect(seen.findings[0]?.remedy).not.toContain("CONT");
    expect((await sqlock(["who-holds", database])).stdout).toMatch(/ frozen +writing/);

    const kill = [database, "--pid", String(writer.pid), "--yes", "--grace", "300ms"];
    const before = await killJson([...kill, "--dry-run"]);
    expect(before.outcomes[0]?.consequences.join(" ")).toContain(command);
    if (version === 1) {
      expect(await killJson(kill)).toMatchObject({
        code: 1,
        stillBlocked: true,
        outcomes: [{ result: "survived", signal: "SIGKILL", reasonKind: "frozen" }],
      });
      return;
    }
    execFileSync("sh", ["-c", command]); // as the remedy says
    const after = await until("it goes on", async () => {
      const look = await lookAt(database);
      return holderOf(look, writer.pid).frozen === null && look;
    });
    expect(findingIds(after)).toEqual([]);
  },
);

test("state D: a file system that is frozen while the holder writes to it", async (context) => {
  need(context, isRoot && has("fsfreeze") && has("mkfs.ext4") && has("losetup"), "root, fsfreeze and mkfs.ext4");
  const folder = tempFolder();
  const [image, mount] = [join(folder, "image"), join(folder, "mnt")];
  mkdirSync(mount);
  execFileSync("truncate", ["-s", "16M", image]);
  execFileSync("mkfs.ext4", ["-q", image]);
  try {
    execFileSync("mount", ["-o", "loop", image, mount], { stdio: "ignore" });
  } catch {
    context.skip("needs a loop device");
  }
  onTestFinished(() => void execFileSync("umount", ["-l", mount]));
  const database = newDatabase("delete", mount);
  const writer = await startHolder();
  onTestFinished(() => writer.end()); // before the mount is taken away
  await writer.run(`${connect(database)}\n${WRITE}`);
  expect(holderOf(await lookAt(database), writer.pid).uninterruptible).toBeNull();
  execFileSync("fsfreeze", ["--freeze", mount]);
  let frozen = true;
  const unfreeze = () => {
    if (frozen) execFileSync("fsfreeze", ["--unfreeze", mount]);
    frozen = false;
  };
  onTestFinished(unfreeze);
  writer.begin(`c.execute("commit")`);
  const committed = writer.answer().catch(() => null);
  const seen = await until(
    "it waits in the kernel",
    async () => {
      const look = await lookAt(database, ["--stale-after", "1s"]);
      return (holderOf(look, writer.pid).uninterruptible?.idleMs ?? 0) >= 1000 && look;
    },
    SELDOM_MS,
  );
  expect(holderOf(seen, writer.pid)).toMatchObject({ state: "disk-sleep", frozen: null });
  expect(seen.findings).toMatchObject([{ id: "uninterruptible-holder", severity: "error", pids: [writer.pid] }]);
  expect(seen.summary[0]).toContain("waiting in the kernel (D state) for ");

  const kill = [database, "--pid", String(writer.pid), "--yes", "--force", "--grace", "300ms"];
  expect((await killJson([...kill, "--dry-run"])).outcomes[0]?.consequences.join(" ")).toContain("in state D");
  expect(await killJson(kill)).toMatchObject({
    code: 1,
    outcomes: [{ result: "survived", signal: "SIGKILL", reasonKind: "uninterruptible" }],
  });
  unfreeze();
  await committed;
  await until("SIGKILL has reached it", () => !writer.runs);
});
