/** The locks of Turso (Limbo), taken by hand. The program itself: test/drivers. */
import { expect, test } from "vitest";
import { literal } from "../../support/connection.ts";
import { theFinding } from "../../support/findings.ts";
import { startHolder } from "../../support/holder.ts";
import { killJson } from "../../support/kill.ts";
import { newDatabase } from "../../support/sqlite.ts";
import { findingIds, lookAt } from "../../support/sqlock.ts";

/** Write locks on whole files. */
async function locking(...paths: readonly string[]) {
  const holder = await startHolder();
  for (const [i, path] of paths.entries())
    await holder.run(`f${i} = os.open(${literal(path)}, os.O_RDWR | os.O_CREAT); fcntl.lockf(f${i}, fcntl.LOCK_EX)`);
  return holder;
}

test("the whole database and the whole -wal: likely Turso; kill says what is not known", async () => {
  const database = await newDatabase("wal");
  const turso = await locking(database, `${database}-wal`);
  const seen = await lookAt(database);
  expect(findingIds(seen)).toEqual(["foreign-lock"]);
  const finding = theFinding(seen, "foreign-lock");
  expect(finding).toMatchObject({ severity: "warning", pids: [turso.pid] });
  expect(finding.summary).toContain("likely that of Turso (Limbo)");
  expect(finding.remedy).toContain("Close the database in that program");
  const kill = await killJson([database, "--yes", "--dry-run"]);
  expect(JSON.stringify(kill.outcomes)).toContain("whether it has an open transaction is unknown");
});

test("silent next to it: a lock on the whole database alone is some other program's", async () => {
  const database = await newDatabase("wal");
  await locking(database);
  const finding = theFinding(await lookAt(database), "foreign-lock");
  expect(`${finding.summary} ${finding.detail} ${finding.remedy}`).not.toContain("Turso");
});
