/** What sqlock says of a process beside what ps(1) says, by way of ps-list. */
import { join } from "node:path";
import psList from "ps-list";
import { expect, test } from "vitest";
import { startHolder } from "../support/holder.ts";
import { holderOf, lookAt } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

test("pid, parent, user and command line are those of ps", async () => {
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder({ argv0: "some program" });
  await holder.run(`c = sqlite3.connect(${JSON.stringify(database)}); c.execute("create table t(a)")`);
  const found = holderOf(await lookAt(database), holder.pid);
  const told = (await psList()).find((process) => process.pid === holder.pid);
  expect({ ppid: found.parentPid, uid: found.uid, cmd: found.commandLine.join(" ") }).toEqual({
    ppid: told?.ppid,
    uid: told?.uid,
    cmd: told?.cmd,
  });
});
