/** Root without rights of its own, as on NFS with root_squash: it looks as the owner, and as nobody else. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderOf, give, needRoot, VICTIM } from "../support/attacker.ts";
import { has, need } from "../support/skip.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { lookAt, sqlock } from "../support/sqlock.ts";

const WITHOUT_RIGHTS = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"];

test("a folder and files that only their owner may read", async (context) => {
  needRoot(context);
  need(context, has("setpriv"), "setpriv");
  const folder = folderOf(VICTIM, 0o700);
  const database = newDatabase("wal", folder);
  give(database, VICTIM, 0o600);
  const holder = await holding(database, `c.execute("select * from t").fetchone()`);
  for (const suffix of ["-wal", "-shm"]) give(database + suffix, VICTIM, 0o600);
  const through = { through: WITHOUT_RIGHTS };
  const seen = await lookAt(database, [], through);
  expect(seen).toMatchObject({ journalMode: "wal", pageSize: 4096 });
  expect(seen.files.map(({ role }) => role)).toEqual(["database", "wal", "shm"]);
  expect(seen.holders.map(({ pid }) => pid)).toEqual([holder.pid]);
  expect((await lookAt(folder, [], through)).path).toBe(database);
  // what nobody has is missing for the owner, too
  expect(await sqlock(["who-holds", join(folder, "other.db")], through)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("no file"),
  });
});
