/** What cannot be done: one line on stderr, exit code 2, and no file is left. */
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFiles } from "../support/check.ts";
import { listing } from "../support/listing.ts";
import { AS_NOBODY, mountNamespace, NOBODY } from "../support/namespace.ts";
import { expectToFit } from "../support/schema.ts";
import { isRoot, need } from "../support/skip.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { type RunOptions, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

async function refused(args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await sqlock(["stress", ...args], options);
  expect({ code, stdout, lines: stderr.trimEnd().split("\n").length }, stderr).toEqual({
    code: 2,
    stdout: "",
    lines: 1,
  });
  return stderr;
}

test("a wrong option", async () => {
  expect(await refused(["--writers", "5000"])).toBe(
    'sqlock: --writers "5000" is out of range; give a whole number from 1 to 1000\n',
  );
});

test("no database, no such folder", async () => {
  const folder = tempFolder();
  const text = join(folder, "notes.txt");
  writeFileSync(
    text,
    "nothing but text, which is longer than the header of a database would be: a hundred bytes and then some more\n",
  );
  expect(await refused([join(folder, "none.db")])).toContain("none.db");
  expect(await refused([text])).toContain("is not a SQLite database");
  expect(await refused([folder])).toMatch(/folder|no databases/i);
  expect(await refused(["--dir", join(folder, "none")])).toContain("it does not exist");
  expect(readdirSync(folder)).toEqual(["notes.txt"]);
});

test("--json: a document that says why", async () => {
  const none = join(tempFolder(), "none.db");
  const { code, stdout, stderr } = await sqlock(["stress", "--json", none]);
  const report: unknown = JSON.parse(stdout);
  expectToFit("stress", report);
  expect({ code, stderr, report }).toMatchObject({ code: 2, stderr: "", report: { error: { code: "no-such-file" } } });
});

test("a folder that may not be written", async (context) => {
  need(context, isRoot, "root");
  const folder = tempFolder();
  const database = await newDatabase("delete", folder);
  chmodSync(folder, 0o555);
  const before = listing(folder);
  expect(await refused(["--duration", "100ms", database], { uid: NOBODY })).toContain("no permission");
  expect(await refused(["--duration", "100ms", "--dir", folder], { uid: NOBODY })).toContain("no permission");
  expect(await refused(["--duration", "100ms", "--in-place", "--yes", database], { uid: NOBODY })).toMatch(
    /readonly|unable to open/,
  );
  expect(listing(folder)).toEqual(before);
});

test("a database that another process has locked: both ways wait 5 seconds for it, at the same time", async () => {
  const folder = tempFolder();
  const database = await newDatabase("delete", folder);
  const holder = await holding(database, 'c.execute("begin exclusive")');
  const ways = [[database], ["--in-place", "--yes", database]];
  for (const message of await Promise.all(ways.map((args) => refused(["--duration", "100ms", ...args])))) {
    expect(message).toContain(`is locked by ${holder.pid} (`);
    expect(message).toContain("; see which process holds it: sqlock who-holds");
  }
  await holder.end();
  expect(readdirSync(folder)).toEqual(["db.sqlite3"]);
});

test("a disk that becomes full during the run, and one that is too small for the copy", async (context) => {
  need(context, isRoot, "root");
  const space = await mountNamespace();
  const point = join(tempFolder(), "small");
  mkdirSync(point);
  space.run("mount", "-t", "tmpfs", "-o", "size=1M", "tmpfs", point);
  for (const mode of ["wal", "delete"]) {
    const message = await refused(
      ["--dir", point, "--writers", "1", "--rows", "50", "--duration", "60s", "--journal-mode", mode],
      {
        through: space.through,
      },
    );
    expect(message).toContain("there is no disk space left for the load");
    expect(space.run("ls", "-A", point)).toBe("");
  }
  const database = await newDatabase("delete");
  const big = await holding(database, 'c.execute("insert into t values (zeroblob(2000000))")');
  await big.end();
  expect(await refused(["--dir", point, database], { through: space.through })).toMatch(
    /a copy of .* does not fit: it needs \d+ bytes, and \d+ are free/,
  );
  expect(space.run("ls", "-A", point)).toBe("");
  space.run("dd", "if=/dev/zero", `of=${point}/filler`, "bs=1M", "count=1", "status=none");
  expect(await refused(["--dir", point], { through: space.through })).toContain("no disk space");
  expect(space.run("ls", "-A", point)).toBe("filler\n");
});

test("a load that would fill the disk leaves a part of it free", async (context) => {
  need(context, isRoot, "root");
  const space = await mountNamespace();
  const point = join(tempFolder(), "small");
  mkdirSync(point);
  space.run("mount", "-t", "tmpfs", "-o", "size=40M", "tmpfs", point);
  space.run("dd", "if=/dev/zero", `of=${point}/filler`, "bs=1M", "count=37", "status=none");
  const load = ["--writers", "1", "--readers", "0", "--rows", "50", "--think", "1ms", "--duration", "60s"];
  expect(await refused(["--dir", point, ...load], { through: space.through })).toMatch(
    /there is no disk space left for the load \(\d\S* [KM]iB are free, and 2 MiB must stay free\); free disk space/,
  );
  expect(space.run("ls", "-A", point)).toBe("filler\n");
});

test("what takes longer than --timeout", async () => {
  const folder = tempFolder();
  const database = await newDatabase("delete", folder);
  const short = ["--timeout", "1ms", "--duration", "100ms"];
  expect(await refused([...short, database])).toBe(
    `sqlock: copying ${database} took longer than 1ms (--timeout); give it more time: --timeout 1h\n`,
  );
  expect(await refused([...short, "--in-place", "--yes", database])).toContain(`preparing ${database} took longer`);
  expect(readdirSync(folder)).toEqual(["db.sqlite3"]);
});

test("more processes than there are descriptors for", async () => {
  const { folder, env } = temporaryFiles();
  const limited = ["sh", "-c", 'ulimit -n 60; exec "$0" "$@"'];
  expect(await refused(["--writers", "40", "--duration", "500ms"], { env, through: limited })).toContain(
    "not all workers could be started",
  );
  expect(readdirSync(folder)).toEqual([]);
});

test("more processes than the user may have", async (context) => {
  need(context, isRoot, "root, to be another user");
  const { folder, env } = temporaryFiles();
  chmodSync(folder, 0o777);
  const limited = ["prlimit", "--nproc=60", ...AS_NOBODY];
  expect(await refused(["--writers", "40", "--duration", "500ms"], { env, through: limited, open: true })).toContain(
    "could be started",
  );
  expect(readdirSync(folder)).toEqual([]);
});
