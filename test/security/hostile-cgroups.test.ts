/** A user makes cgroups of any name below a manager of the user's own: they are told as that user's. */
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { folderOf, MALLORY, needRoot, VICTIM } from "../support/attacker.ts";
import { literal } from "../support/connection.ts";
import { startHolder } from "../support/holder.ts";
import { need } from "../support/skip.ts";
import { newDatabase } from "../support/sqlite.ts";
import { holderOf, lookAt, sqlock } from "../support/sqlock.ts";

const ID = "7d5efbc1755b0be1eb84c98435ef7ae17d5efbc1755b0be1eb84c98435ef7ae1";

/** Where cgroups can be made: version 2, or systemd's own hierarchy of version 1. */
function writableHierarchy(): string | null {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  const points = mounts.flatMap((line) => (/ - cgroup2 |name=systemd/.test(line) ? [line.split(" ")[4] ?? ""] : []));
  return points.find((point) => isWritable(point)) ?? null;
}

function isWritable(point: string): boolean {
  const probe = join(point, `sqlock-test-${process.pid}`);
  try {
    mkdirSync(probe);
    rmdirSync(probe);
    return true;
  } catch {
    return false;
  }
}

/** The manager's cgroup as systemd gives it to the user; removed when the test ends, with all that was made below. */
function managerOf(hierarchy: string, uid: number): string {
  const slice = join(hierarchy, "user.slice", `user-${uid}.slice`);
  const made = [join(hierarchy, "user.slice"), slice].filter((folder) => !existsSync(folder));
  const manager = join(slice, `user@${uid}.service`);
  mkdirSync(manager, { recursive: true });
  for (const path of [manager, join(manager, "cgroup.procs")]) chownSync(path, uid, uid);
  onTestFinished(() => {
    const below = readdirSync(manager, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name));
    for (const folder of [...made, manager, ...below.sort()].reverse()) rmdirSync(folder);
  });
  return manager;
}

test("units and containers that a user has made up are that user's", async (context) => {
  needRoot(context);
  const hierarchy = writableHierarchy();
  need(context, hierarchy !== null, "a cgroup hierarchy in which root may make cgroups");
  const manager = managerOf(String(hierarchy), MALLORY);
  const database = newDatabase("delete", folderOf(VICTIM, 0o777));
  const mallory = await startHolder({ uid: MALLORY });
  onTestFinished(() => mallory.end()); // before its cgroups are removed
  writeFileSync(join(manager, "cgroup.procs"), String(mallory.pid));
  await mallory.run(`
def move(*names):
    folder = os.path.join(${literal(manager)}, *names)
    os.makedirs(folder)
    open(os.path.join(folder, "cgroup.procs"), "w").write(str(os.getpid()))
f = os.open(${literal(database)}, os.O_RDONLY)`);
  const places: [string[], object][] = [
    [["app.slice", "sshd.service"], { unit: "sshd.service", unitManager: "user", unitUid: MALLORY, container: null }],
    [
      ["system.slice", "cron.service"],
      { unit: "cron.service", unitManager: "user", unitUid: MALLORY, container: null },
    ],
    [["a", "system.slice", "cron.service"], { unit: null, unitManager: null, container: null }],
    [
      ["user.slice", `docker-${ID}.scope`],
      { unitManager: "user", container: `docker:${ID.slice(0, 12)}`, containerUid: MALLORY },
    ],
    [["docker", ID], { unit: null, container: `docker:${ID.slice(0, 12)}`, containerUid: MALLORY }],
  ];
  for (const [names, expected] of places) {
    await mallory.run(`move(${names.map(literal).join(", ")})`);
    expect(holderOf(await lookAt(database), mallory.pid)).toMatchObject(expected);
  }
  await mallory.run(
    `open(${literal(join(manager, "app.slice", "sshd.service", "cgroup.procs"))}, "w").write(str(os.getpid()))`,
  );
  const { stdout } = await sqlock(["kill", database, "--pid", String(mallory.pid), "--dry-run"]);
  const text = stdout.replace(/\s+/g, " ");
  expect(text).toContain(`sshd.service of user ${MALLORY}'s manager`);
  expect(text).toContain(`systemctl --user --machine=${MALLORY}@.host restart sshd.service`);
  expect(text).not.toContain("systemctl restart");
});
