/** A -wal or -journal of another user beside a database: what a command has left that was run as root. */
import { chmodSync, chownSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type TestContext, test } from "vitest";
import { check } from "../../support/check.ts";
import { connection, ROLLBACK, WAL } from "../../support/connection.ts";
import { followRemedy, theFinding } from "../../support/findings.ts";
import { startHolder } from "../../support/holder.ts";
import { AS_NOBODY, NOBODY } from "../../support/namespace.ts";
import { isRoot, need } from "../../support/skip.ts";
import { findingIds, lookAt, sqlock } from "../../support/sqlock.ts";
import { tempFolder } from "../../support/temp.ts";

const ID = "foreign-companion";

/** A database of nobody's whose program was killed, with companion files that are root's by now. */
async function leftovers(context: TestContext, mode: "wal" | "rollback") {
  need(context, isRoot, "root");
  const folder = tempFolder();
  chmodSync(folder, 0o755);
  const database = join(folder, "app.db");
  chownSync(folder, NOBODY, NOBODY);
  const holder = await startHolder({ through: AS_NOBODY });
  await holder.run(connection(database, ...(mode === "wal" ? [...WAL, "insert into t values (1)"] : ROLLBACK)));
  process.kill(holder.pid, "SIGKILL");
  await holder.end().catch(() => undefined);
  const files = mode === "wal" ? [`${database}-wal`, `${database}-shm`] : [`${database}-journal`];
  if (mode === "rollback") writeFileSync(`${database}-journal`, Buffer.alloc(512));
  for (const file of files) {
    chownSync(file, 0, 0);
    chmodSync(file, 0o644);
  }
  return database;
}

/** What the owner gets who opens it to write. */
async function errorOfOwner(database: string): Promise<string> {
  const owner = await startHolder({ through: AS_NOBODY });
  const error = await owner.run(connection(database, "insert into t values (2)")).then(
    () => "none",
    (each: Error) => each.message,
  );
  await owner.end();
  return error;
}

test("a -wal and -shm of root's: told to that user and to root; the remedy mends it", async (context) => {
  const database = await leftovers(context, "wal");
  expect(await errorOfOwner(database)).toContain("attempt to write a readonly database");
  for (const through of [AS_NOBODY, []]) {
    const seen = await lookAt(database, [], { through });
    expect(findingIds(seen)).toEqual([ID, "leftover-wal"]);
    expect(theFinding(seen, ID).summary).toContain("'attempt to write a readonly database' (8)");
    expect(await check(database, [], { through })).toMatchObject({ verdict: "ok", method: "private-copy" });
  }
  const explained = await sqlock(["explain", "attempt to write a readonly database", "--db", database, "--json"], {
    through: AS_NOBODY,
  });
  expect(JSON.parse(explained.stdout).causes[0]).toMatchObject({ id: "wal-files", standing: "this-time" });
  const finding = theFinding(await lookAt(database), ID);
  followRemedy({ ...finding, remedy: finding.remedy.replace("sudo ", "") }, /chown .*/);
  expect(findingIds(await lookAt(database))).toEqual(["leftover-wal"]);
  expect(await errorOfOwner(database)).toBe("none");
});

test("a -journal of root's", async (context) => {
  const database = await leftovers(context, "rollback");
  expect(theFinding(await lookAt(database, [], { through: AS_NOBODY }), ID).summary).toContain("'disk I/O error' (10)");
  expect(await errorOfOwner(database)).toContain("disk I/O error");
});

test("in a user namespace, whose root has no rights on the file of a user outside of it", async (context) => {
  const database = await leftovers(context, "wal");
  const through = [...AS_NOBODY, "unshare", "--user", "--map-root-user"];
  need(context, (await sqlock(["--version"], { through })).code === 0, "user namespaces");
  const finding = theFinding(await lookAt(database, [], { through }), ID);
  expect(finding.summary).toContain("-wal and -shm belong to uid 65534, and the owner of the database (uid 0)");
  expect(finding.remedy).toContain("do it on the host");
});
