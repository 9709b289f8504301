/** A database on a mount that does not answer, under whatever name: an error, and no wait. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fuse, holderOn, SOME_SECONDS_MS, within } from "../../support/dead-mount.ts";
import { sqlock } from "../../support/sqlock.ts";

test("a database on the dead mount is a one-line error within some seconds, under whatever name", async (context) => {
  const { space, folder, point, die } = await fuse(context);
  await holderOn(space, join(point, "db.sqlite3"));
  space.run("ln", "-s", join(point, "db.sqlite3"), join(folder, "link"));
  die();
  const database = join(point, "db.sqlite3");
  const paths = [
    database,
    join(folder, "link"),
    `${database}-wal`,
    `file:${database}?mode=ro`,
    `sqlite:///${database}`,
    point,
  ];
  // Side by side: each waits for its time limit.
  const look = (path: string) => sqlock(["who-holds", path], { through: space.through });
  const runs = await within(SOME_SECONDS_MS, () => Promise.all(paths.map(look)));
  for (const [i, { code, stdout, stderr }] of runs.entries()) {
    expect({ code, stdout }, paths[i]).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(
      /^sqlock: the fuse\S* file system at \S+ does not answer, so [^\n]+ cannot be inspected; [^\n]+\n$/,
    );
  }
});

test("a mount that answers stat, but no open", async (context) => {
  // The kernel answers stat itself for so long, in seconds.
  const { space, point, die } = await fuse(context, ["-o", "attr_timeout=600,entry_timeout=600"]);
  const database = join(point, "db.sqlite3");
  space.run("stat", database);
  die();
  space.run("stat", database);
  const commands = [
    ["who-holds", database],
    ["integrity", database],
    ["journal-mode", database],
    ["kill", "--yes", database],
    ["explain", "--db", database, "database is locked"],
  ];
  const run = (args: readonly string[]) => sqlock(args, { through: space.through });
  const runs = await within(SOME_SECONDS_MS, () => Promise.all(commands.map(run)));
  for (const [i, { stdout, stderr }] of runs.entries())
    expect(stdout + stderr, commands[i]?.[0]).toContain("does not answer");
});

test("names that lead onto a dead mount by detours are asked by a child", async (context) => {
  const { space, folder, point, die } = await fuse(context);
  const database = join(point, "db.sqlite3");
  mkdirSync(join(folder, "x"));
  const detour = join(folder, "detour.db");
  symlinkSync(`${join(folder, "x")}/${"../x/".repeat(300)}../data/mnt/db.sqlite3`, detour);
  writeFileSync(join(folder, "app.db-wal"), "");
  symlinkSync(database, join(folder, "app.db")); // the database of a companion file that is there
  symlinkSync(database, join(folder, "file:literal.db"));
  symlinkSync(database, join(folder, ":memory:"));
  die();
  const look = (path: string) => sqlock(["who-holds", path], { through: space.through, cwd: folder });
  const runs = await within(SOME_SECONDS_MS, () =>
    Promise.all([detour, join(folder, "app.db-wal"), "file:literal.db", ":memory:"].map(look)),
  );
  expect(runs.map(({ code }) => code)).toEqual([2, 2, 2, 2]);
  expect(runs.map(({ stderr }) => /does not answer|no file|in-memory/.exec(stderr)?.[0])).toEqual([
    "does not answer",
    "does not answer",
    "no file",
    "in-memory",
  ]);
});
