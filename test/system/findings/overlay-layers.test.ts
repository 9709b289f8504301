/** A database in a layer of an overlay: for the kernel it is another file than what the overlay shows. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type TestContext, test } from "vitest";
import { check } from "../../support/check.ts";
import { connection, literal, ROLLBACK, WAL, WRITE } from "../../support/connection.ts";
import { theFinding } from "../../support/findings.ts";
import { startHolder } from "../../support/holder.ts";
import { journalMode } from "../../support/journal-mode.ts";
import { AS_NOBODY, type MountNamespace, mountNamespace } from "../../support/namespace.ts";
import { isRoot, need } from "../../support/skip.ts";
import { findingIds, holderOf, lockNames, lookAt, sqlock } from "../../support/sqlock.ts";
import { tempFolder } from "../../support/temp.ts";

const ID = "separate-locks";

/**
 * As Docker has it: the layers lie where everybody sees them, and the overlay is mounted in a namespace of its own. A
 * comma, a colon and a space in the names of the layers are written in other ways in mountinfo.
 */
async function container(context: TestContext) {
  need(context, isRoot, "root");
  const folder = tempFolder();
  const layers = { upper: join(folder, "up, per:1"), lower: join(folder, "low er"), merged: join(folder, "merged") };
  const space = await mountNamespace();
  space.run("mkdir", ...Object.values(layers), join(folder, "work"));
  await space.keeper.run(`${connection(join(layers.lower, "image.db"), ...ROLLBACK)}\nc.close()`);
  const escaped = layers.upper.replace(/[:,\\]/g, "\\$&");
  const options = `lowerdir=${layers.lower},upperdir=${escaped},workdir=${join(folder, "work")}`;
  space.run("mount", "-t", "overlay", "overlay", "-o", options, layers.merged);
  return { space, ...layers };
}

async function writer(space: MountNamespace, database: string, ...sql: readonly string[]) {
  const holder = await startHolder({ through: space.through });
  await holder.run(connection(database, ...sql));
  return holder;
}

test.for([
  ["rollback", ROLLBACK, ["RESERVED:write", "SHARED:read"]],
  ["wal", WAL, ["DMS:read", "READ1:read", "SHARED:read", "WRITE:write"]],
] as const)("the upper directory, from outside: the holders of what the overlay shows (%s)", async (row, context) => {
  const [, mode, locks] = row;
  const { space, upper, merged } = await container(context);
  const database = join(upper, "app.db");
  const holder = await writer(space, join(merged, "app.db"), ...mode, ...WRITE);
  const seen = await lookAt(database);
  expect(lockNames(holderOf(seen, holder.pid))).toEqual(locks);
  expect(seen.views).toMatchObject([{ kind: "merged", path: join(merged, "app.db"), mountPoint: merged }]);
  expect(holderOf(seen, holder.pid).handles.map(({ view }) => view)).toContain(join(merged, "app.db"));
  expect(theFinding(seen, ID)).toMatchObject({ severity: "warning", pids: [holder.pid] });
  expect(findingIds(seen)).not.toContain("leftover-wal");
  // the path that the remedy gives shows the same, and no more of it
  const [{ reachedAt = null } = {}] = seen.views ?? [];
  const there = await lookAt(reachedAt ?? "");
  expect(lockNames(holderOf(there, holder.pid))).toEqual(locks);
  expect(findingIds(there)).not.toContain(ID);

  // nothing is changed this way, forced or not
  const other = row[0] === "wal" ? "delete" : "wal";
  for (const force of [[], ["--force"]]) {
    const change = await journalMode([database, other, ...force]);
    expect(change.code).not.toBe(0);
    expect(change.obstacles).toContainEqual(expect.objectContaining({ code: ID, forced: false }));
  }
  const stress = await sqlock(["stress", database, "--in-place", "--yes", "--duration", "1s"]);
  expect(stress.code).toBe(2);
  expect(stress.stderr).toContain("layer of the overlay");
  await holder.run(`c.execute("commit")`);
  expect(await holder.run(`answer = c.execute("select count(*) from t").fetchone()[0]`)).toBe(1);

  // the check is of a copy: locks that are taken here would not keep the writer out
  expect(await check(database)).toMatchObject({ verdict: "ok", method: "private-copy" });

  const here = await startHolder();
  await here.run(connection(database));
  expect(theFinding(await lookAt(database), ID)).toMatchObject({ severity: "error", pids: [holder.pid] });
  const [{ reachedAt: merge = null } = {}] = (await lookAt(database)).views ?? [];
  expect(theFinding(await lookAt(merge ?? ""), ID)).toMatchObject({ severity: "error", pids: [here.pid] });
});

test("an ordinary user, who may not look into that namespace: nothing is changed, nor called ok", async (context) => {
  const { space, upper, merged } = await container(context);
  space.run("chmod", "777", upper);
  const database = join(upper, "app.db");
  await writer(space, join(merged, "app.db"), ...ROLLBACK);
  space.run("chown", "65534:65534", join(merged, "app.db"));
  space.run("chmod", "755", join(upper, ".."));
  const asNobody = { through: AS_NOBODY };
  const change = await journalMode([database, "wal", "--force"], asNobody);
  expect(change.changed).toBe(false);
  expect(change.obstacles).toContainEqual(expect.objectContaining({ code: ID, forced: false }));
  expect(await check(database, [], asNobody)).toMatchObject({ verdict: "not-checked", reasonCode: "no-permission" });
});

test("one that keeps readers out there is waited for", async (context) => {
  const { space, upper, merged } = await container(context);
  await writer(space, join(merged, "app.db"), "pragma journal_mode=memory", "create table t(a)", "begin exclusive");
  expect(await check(join(upper, "app.db"), ["--wait", "200ms"])).toMatchObject({
    verdict: "not-checked",
    reasonCode: "locked",
  });
});

test("a lower layer: its readers, and after the copy-up another generation", async (context) => {
  const { space, lower, merged } = await container(context);
  const image = join(lower, "image.db");
  const reader = await startHolder({ through: space.through });
  const uri = literal(`file:${join(merged, "image.db")}?mode=ro`);
  await reader.run(`c = sqlite3.connect(${uri}, uri=True, isolation_level=None)
c.execute("begin")
c.execute("select * from t").fetchall()`);
  const before = await lookAt(image);
  expect(lockNames(holderOf(before, reader.pid))).toEqual(["SHARED:read"]);
  expect(theFinding(before, ID)).toMatchObject({ pids: [reader.pid] });
  await reader.run("c.close()");

  const holder = await writer(space, join(merged, "image.db"), ...WRITE);
  const after = await lookAt(image);
  expect(after.holders).toEqual([]);
  expect(theFinding(after, ID).summary).toContain("shows another file in its place");
  expect(lockNames(holderOf(await lookAt(`/proc/${holder.pid}/root${join(merged, "image.db")}`), holder.pid))).toEqual([
    "RESERVED:write",
    "SHARED:read",
  ]);
});

test("silent: a database beside the layers, and one that only has the name", async (context) => {
  const { space, upper, merged } = await container(context);
  const beside = join(upper, "..", "beside.db");
  await space.keeper.run(`${connection(beside, ...ROLLBACK)}\nc.close()`);
  expect(findingIds(await lookAt(beside))).toEqual([]);
  // a volume covers that folder: who uses it there uses another file
  space.run("mkdir", join(merged, "data"));
  await space.keeper.run(`${connection(join(upper, "data", "app.db"), ...ROLLBACK)}\nc.close()`);
  space.run("mount", "-t", "tmpfs", "tmpfs", join(merged, "data"));
  const holder = await writer(space, join(merged, "data", "app.db"), ...ROLLBACK, ...WRITE);
  const seen = await lookAt(join(upper, "data", "app.db"));
  expect(seen.holders.map(({ pid }) => pid)).not.toContain(holder.pid);
  writeFileSync(join(upper, "note"), "");
});
