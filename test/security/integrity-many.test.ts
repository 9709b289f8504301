/** Many databases in one call of root's: a process that became a user checks the databases of that user alone. */
import { renameSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { folderOf, give, MALLORY, needRoot, stateOf, stickyFolder, VICTIM } from "../support/attacker.ts";
import { integrity } from "../support/check.ts";
import { newDatabase } from "../support/sqlite.ts";
import { workerLog } from "../support/worker-log.ts";

function databasesIn(folder: string, uid: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const path = join(folder, `${i}.db`);
    renameSync(newDatabase("delete", folder), path);
    give(path, uid);
    return path;
  });
}

it("two owners in turn: as each of them, in few processes", async (context) => {
  needRoot(context);
  const [mallory, victim] = [folderOf(MALLORY), folderOf(VICTIM)];
  const [his, theirs] = [databasesIn(mallory, MALLORY, 12), databasesIn(victim, VICTIM, 12)];
  const before = [stateOf(mallory), stateOf(victim)];
  const log = workerLog();
  const paths = his.flatMap((path, i) => [path, theirs[i] ?? ""]);
  const { code, report } = await integrity(paths, { env: log.env });
  expect(code).toBe(0);
  expect(report.databases.map(({ openedAs }) => openedAs?.uid)).toEqual(
    paths.map((path) => (path.startsWith(mallory) ? MALLORY : VICTIM)),
  );
  expect([stateOf(mallory), stateOf(victim)]).toEqual(before);
  expect(log.count()).toBeGreaterThan(1);
  expect(log.count()).toBeLessThanOrEqual(2 * availableParallelism());
});

it("an unused user id stands for one database: each has a process of its own", async (context) => {
  needRoot(context);
  const folder = stickyFolder(); // of root's databases here, anybody may make a companion file
  const paths = databasesIn(folder, 0, 6);
  const log = workerLog();
  const { report } = await integrity(paths, { env: log.env });
  expect(report.databases.map(({ verdict }) => verdict)).toEqual(paths.map(() => "ok"));
  expect(log.count()).toBe(paths.length);
});
