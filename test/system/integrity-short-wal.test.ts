/** SQLITE_IOERR_SHORT_READ: pages that the wal-index has are no longer in the -wal. */
import { truncateSync } from "node:fs";
import { expect, test } from "vitest";
import { check } from "../support/check.ts";
import { holding, newDatabase } from "../support/sqlite.ts";

test("a -wal that was cut off under its readers is damage, also for --copy", async () => {
  const path = await newDatabase("wal");
  const insert = `c.execute("insert into t values (randomblob(50000))")`;
  await holding(path, [`c.execute("pragma wal_autocheckpoint=0")`, insert, insert].join("\n"));
  truncateSync(`${path}-wal`, 32 + 3 * 4120);
  for (const options of [[], ["--copy"]]) {
    const found = await check(path, options);
    expect(found).toMatchObject({ code: 1, verdict: "corrupt", method: "in-place" });
    expect(found.problems[0]?.message).toContain("a file ends before a page that it should have");
  }
});
