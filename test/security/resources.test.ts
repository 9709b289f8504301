/** A database that asks for memory or disk without end gets a bounded part of it. */
import { truncateSync } from "node:fs";
import Database from "better-sqlite3";
import { expect, it } from "vitest";
import { check, temporaryFiles } from "../support/check.ts";
import { isRoot, need } from "../support/skip.ts";
import { newDatabase } from "../support/sqlite.ts";

it("a CHECK that takes gigabytes of memory is not checked, and says why", async () => {
  const database = newDatabase();
  const db = new Database(database);
  db.unsafeMode(true);
  db.pragma("writable_schema = ON");
  db.exec("UPDATE sqlite_schema SET sql = 'CREATE TABLE t(a, CHECK (length(hex(zeroblob(4e8))) > 0))'");
  db.close();
  expect(await check(database)).toMatchObject({
    code: 2,
    verdict: "not-checked",
    reasonCode: "no-memory",
    reason: expect.stringContaining("needs more memory than the limit of 1 GiB"),
  });
});

it("the copy of a sparse database is sparse, and leaves a part of the disk free", async (context) => {
  need(context, isRoot, "root, to mount a small file system");
  const temporary = temporaryFiles();
  const options = (size: string) => ({
    env: temporary.env,
    through: [
      "unshare",
      "-m",
      "sh",
      "-c",
      `mount -t tmpfs -o size=${size} tmpfs '${temporary.folder}' && exec "$@"`,
      "sh",
    ],
  });
  const database = newDatabase("wal");
  truncateSync(database, 2 ** 28);
  const copied = await check(database, [], options("2M"));
  expect(copied).toMatchObject({ method: "private-copy" });
  expect(copied.reasonCode).not.toBe("no-space");
  // It would fit, but for the twentieth that stays free.
  const kib = Math.ceil(108 / 0.97);
  expect(await check(database, [], options(`${kib}k`))).toMatchObject({ reasonCode: "no-space" });
});
