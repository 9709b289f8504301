import { join } from "node:path";
import { expect, test } from "vitest";
import { startHolder } from "../support/holder.ts";
import { holderOf, lockNames, lookAt } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

test("WAL: a writer with an open transaction", async () => {
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder();
  await holder.run(`
c = sqlite3.connect(${JSON.stringify(database)}, isolation_level=None)
c.execute("pragma journal_mode=wal")
c.execute("create table t(a)")
c.execute("begin immediate")
c.execute("insert into t values (1)")`);
  const found = holderOf(await lookAt(database), holder.pid);
  expect(found).toMatchObject({ activity: "writing", blocks: ["writers", "checkpoints", "journal-mode"], state: "sleeping", complete: true });
  expect(lockNames(found)).toEqual(["DMS:read", "READ1:read", "SHARED:read", "WRITE:write"]);
  expect(found.handles.map((handle) => handle.role).sort()).toEqual(["database", "shm", "wal"]);
});
