import { linkSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { followRemedy, theFinding } from "../../support/findings.ts";
import { holding, newDatabase } from "../../support/sqlite.ts";
import { lookAt } from "../../support/sqlock.ts";

test("a second name: who uses it, what that costs, and how to find it", async () => {
  const database = await newDatabase("wal");
  const other = join(dirname(database), "other name.db");
  linkSync(database, other);
  const seen = await lookAt(database);
  const finding = theFinding(seen, "hard-linked");
  expect(finding).toMatchObject({ severity: "warning", pids: [] });
  // Only in the folder of the test: the whole file system takes too long.
  const found = followRemedy(
    { ...finding, remedy: finding.remedy.replace(/find \S+ /, `find ${dirname(database)} `) },
    /find .*-samefile \S+(?=\.)/,
  );
  expect(found.trim().split("\n").sort()).toEqual([database, other].sort());

  const writer = await holding(other, `c.execute("insert into t values (1)")`);
  const used = theFinding(await lookAt(database), "hard-linked");
  expect(used).toMatchObject({
    pids: [writer.pid],
    detail: expect.stringContaining(`In use under another name: ${other}.`),
  });
  const count = `answer = c.execute("select count(*) from t").fetchone()[0]`;
  const reader = await holding(database);
  expect(await writer.run(count)).toBe(101);
  expect(await reader.run(count)).toBe(100); // the row lies in the -wal of the other name

  await writer.end();
  await reader.end();
  rmSync(other);
  expect((await lookAt(database)).findings.map((each) => each.id)).not.toContain("hard-linked");
});
