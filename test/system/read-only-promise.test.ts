import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connection, literal, ROLLBACK, WAL, WRITE } from "../support/connection.ts";
import { type Holder, startHolder } from "../support/holder.ts";
import { listing } from "../support/listing.ts";
import { has, need } from "../support/skip.ts";
import { sqlock, whoHolds } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

const SPILL = [
  "pragma cache_size=1",
  "begin immediate",
  "insert into t select randomblob(4000) from (values (1),(2),(3),(4),(5),(6))",
];

/** By name: what makes the state; the process that made it is killed where `dies`. */
const STATES: Record<
  string,
  { readonly make: (database: string) => string; readonly dies: boolean; readonly proves: object }
> = {
  "a hot journal": {
    make: (database) => connection(database, ...ROLLBACK, ...SPILL),
    dies: true,
    proves: { journal: { hot: true } },
  },
  "a rollback writer": {
    make: (database) => connection(database, ...ROLLBACK, ...WRITE),
    dies: false,
    proves: { holders: [{ activity: "writing" }] },
  },
  "a live WAL": {
    make: (database) => connection(database, ...WAL, ...WRITE),
    dies: false,
    proves: { wal: { frames: 2 }, holders: [{ activity: "writing" }] },
  },
  "a leftover WAL": {
    make: (database) => connection(database, ...WAL),
    dies: true,
    proves: { wal: { frames: 2 }, holders: [] },
  },
  "an idle connection": {
    make: (database) => connection(database, ...WAL),
    dies: false,
    proves: { holders: [{ activity: "idle" }] },
  },
};

async function prepare(state: (typeof STATES)[string]): Promise<{ folder: string; database: string; holder: Holder }> {
  const folder = join(tempFolder(), "data");
  mkdirSync(folder);
  const database = join(folder, "db.sqlite3");
  const holder = await startHolder();
  await holder.run(state.make(database));
  if (state.dies) await holder.end();
  return { folder, database, holder };
}

test.each(Object.entries(STATES))("%s: the folder is the same after a look", async (_, state) => {
  const { folder, database } = await prepare(state);
  const before = listing(folder);
  for (const args of [
    [database],
    ["--locks-only", database],
    [folder],
    [`${database}-wal`],
    ["--wait", "1ms", database],
  ]) {
    const { databases } = await whoHolds(args);
    if (args[0] === database) expect(databases).toMatchObject([state.proves]);
    expect(listing(folder)).toEqual(before);
  }
});

/** A system call of strace: its name and the rest of the line. */
const CALL = /^(?:\[pid +\d+\] |\d+ +)?(\w+)\((.*)$/;

const LOCKS = /\b(F_SETLK|F_SETLKW|F_OFD_SETLK|F_OFD_SETLKW|F_SETLEASE)\b/;
const CHANGES = new Set(
  (
    "flock unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat mkdir mkdirat rmdir " +
    "truncate ftruncate fallocate chmod fchmod fchmodat chown fchown fchownat lchown utime utimes utimensat " +
    "futimesat mknod mknodat creat setxattr fsetxattr copy_file_range"
  ).split(" "),
);

test.skipIf(!has("strace")).each(Object.entries(STATES))(
  "%s: strace sees no lock and no open for writing",
  async (_, state) => {
    const { folder, database } = await prepare(state);
    const log = join(folder, "..", "strace.log");
    const { code, stdout } = await sqlock(["who-holds", database], {
      through: ["strace", "-f", "-y", "-s", "4096", "-e", "trace=file,desc", "-o", log],
    });
    expect(code).toBe(0);
    expect(stdout).toContain("db.sqlite3");
    const calls = readFileSync(log, "utf8")
      .split("\n")
      .flatMap((line) => {
        const [, name, rest] = CALL.exec(line) ?? [];
        return name === undefined || rest === undefined ? [] : [{ name, rest, line }];
      });
    const near = calls.filter(({ rest }) => rest.includes(`${folder}/`) || rest.includes(`"${folder}"`));
    const opens = near.filter(({ name }) => name === "open" || name === "openat");
    expect(opens.length).toBeGreaterThan(2); // else the log shows nothing, and proves nothing
    expect(opens.some(({ rest }) => rest.includes("O_RDONLY"))).toBe(true);
    expect(calls.filter(({ rest }) => LOCKS.test(rest)).map(({ line }) => line)).toEqual([]);
    expect(calls.filter(({ name }) => CHANGES.has(name)).map(({ line }) => line)).toEqual([]);
    expect(
      opens.filter(({ rest }) => /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND/.test(rest)).map(({ line }) => line),
    ).toEqual([]);
    expect(
      calls
        .filter(({ name, rest }) => /^p?writev?(64|2)?$/.test(name) && rest.includes(`<${folder}/`))
        .map(({ line }) => line),
    ).toEqual([]);
    // Not even elsewhere is a file made: what is opened for writing is a device or a pipe.
    const written = calls.filter(
      ({ name, rest }) => name === "openat" && /O_WRONLY|O_RDWR|O_CREAT/.test(rest) && !rest.includes('"/dev/'),
    );
    expect(written.map(({ line }) => line)).toEqual([]);
  },
);

test("strace would show a lock", async (context) => {
  need(context, has("strace"), "strace");
  const { folder, database } = await prepare({
    make: (path) => `${connection(path, ...ROLLBACK)}\nc.close()`,
    dies: false,
    proves: {},
  });
  const log = join(folder, "..", "strace.log");
  const other = await startHolder({ through: ["strace", "-f", "-e", "trace=file,desc", "-o", log] });
  await other.run(
    `${connection(database, ...WRITE)}\nos.close(os.open(${literal(join(folder, "new"))}, os.O_RDWR | os.O_CREAT))`,
  );
  const text = readFileSync(log, "utf8");
  expect(text).toMatch(LOCKS);
  expect(text).toMatch(/O_RDWR\|O_CREAT/);
  await other.run("os._exit(0)").catch(() => undefined);
});
