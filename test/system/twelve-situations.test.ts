/**
 * The situations that users meet, all made by real processes: the first line of who-holds has the cause, in at most two
 * lines of 80 columns, and the table of docs/guide.md shows these lines.
 */
import { copyFileSync, readFileSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { HOLD } from "../support/hold.ts";
import { startHolder } from "../support/holder.ts";
import { ROOT } from "../support/root.ts";
import { insertRows } from "../support/sqlite.ts";
import { sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { until } from "../support/until.ts";

const SETUP = `
def connect(name, mode=None, timeout=0.05):
    c = sqlite3.connect(name, isolation_level=None, timeout=timeout)
    c.execute("pragma synchronous=off")
    if mode is not None:
        c.execute("pragma journal_mode=" + mode)
        c.execute("create table if not exists t(a)")
        c.execute("insert into t values (0), (1), (2)")
    return c
def read(name):
    cursor = connect(name).execute("select * from t")
    cursor.fetchone()
    return cursor
`;

/** By the name of the database. */
const EXPECTED: readonly (readonly [string, RegExp])[] = [
  ["unfinished", /^Locked for writers: P has held the write lock for at least T and is idle\.$/],
  ["forgotten", /^Locked for writers: P has held the write lock for at least T and is idle\.$/],
  ["old-read", /^Not locked\. P has had a read open for at least T; it keeps 300 WAL frames from being copied back\.$/],
  ["open-read", /^Locked for commits: P has had a read open for at least T and is idle\.$/],
  ["commit", /^Locked for readers and writers: the read of P, open for at least T, keeps P from committing\.$/],
  ["turns", /^Busy, not stuck: N processes take turns \(at least N commits? within T\)\.$/],
  ["exclusive", /^Locked for readers and writers: P has held the EXCLUSIVE lock for at least T and is idle\.$/],
  ["suspended", /^Locked for writers: P has held the write lock for at least T and is stopped\.$/],
  ["deleted", /^Not locked, but P uses a file that was deleted: commits there are not in this database\.$/],
  ["hot", /^Not locked, but a writer died in the middle of a transaction \(hot journal\)\.$/],
  ["own", /^Locked for writers: P has likely held the write lock for T and likely waits for itself\.$/],
  ["idle", /^Not locked\. P has it open and is idle\.$/],
];

/** Pids, names, times and counts differ each time; where init is closed to root, a dead writer is only likely. */
function normal(line: string): string {
  return line
    .replace(/\d+ processes \([^)]*\)/, "N processes")
    .replace(/ \d+ \([^),]*\)/g, " P")
    .replace(/(\d+ (d|h|m|s|ms)\b ?)+/g, "T ")
    .replace(/T (?=[.;,)])/g, "T")
    .replace(/\d+ commits?/, "N commits")
    .replace("but likely a writer", "but a writer");
}

test("the cause stands in the first two lines, and in the table of the guide", async () => {
  const cwd = tempFolder();
  const start = (name: string) => {
    copyFileSync(HOLD, join(cwd, name));
    return startHolder({ cwd, script: name, plain: true });
  };
  const [shell, app, editor, importer, ...writers] = await Promise.all(
    ["shell.py", "app.py", "editor.py", "import.py", "worker.py", "worker.py", "worker.py"].map(start),
  );
  if (shell === undefined || app === undefined || editor === undefined || importer === undefined) return;
  await Promise.all([shell, app, editor, importer, ...writers].map((each) => each.run(SETUP)));
  await shell.run(`
forgotten_wal = connect("unfinished", "wal"); forgotten_wal.execute("begin immediate")
forgotten = connect("forgotten", "delete"); forgotten.execute("begin immediate")
old = connect("old-read", "wal"); old_read = read("old-read")
for i in range(300): old.execute("insert into t values (1)")
connect("open-read", "delete"); open_read = read("open-read")
connect("commit", "delete"); commit_read = read("commit")
exclusive = connect("exclusive"); exclusive.execute("pragma locking_mode=exclusive")
exclusive.execute("create table t(a)")
deleted = connect("deleted", "delete")
connect("turns", "delete"); idle = connect("idle", "wal")`);
  unlinkSync(join(cwd, "deleted"));
  await editor.run(`c = connect("suspended", "wal"); c.execute("begin immediate")`);
  editor.kill("SIGSTOP");
  await importer.run(
    `c = connect("hot", "delete"); c.execute("pragma cache_size=1"); c.execute("begin"); ${insertRows(500)}`,
  );
  await importer.end();
  await app.run(`c = connect("commit"); c.execute("begin immediate"); c.execute("insert into t values (1)")`);
  await expect(app.run(`c.execute("commit")`)).rejects.toThrow("database is locked");
  await app.run(`
own = connect("own", "delete"); other = connect("own", timeout=600)
other.execute("select 1 from t").fetchall(); own.execute("begin immediate"); own.execute("insert into t values (1)")`);
  app.begin(`other.execute("insert into t values (2)")`);
  for (const writer of writers)
    writer.begin(`
c = connect("turns", timeout=600)
while True:
    c.execute("begin immediate"); c.execute("insert into t values (1)"); time.sleep(0.005); c.execute("commit")
    time.sleep(0.02)`); // SQLite is not fair: without it, one of them has the lock all the time

  const names = EXPECTED.map(([name]) => name);
  // One after the other: on a busy machine not every process is idle, or takes its turn, in one and the same look.
  const shownOf = new Map<string, string>();
  let last: string[] = [];
  const all = until(
    "all of them show",
    async () => {
      const { stdout } = await sqlock(["who-holds", "--stale-after", "1s", ...names], { cwd, env: { COLUMNS: "80" } });
      last = names.map((name) => firstLines(stdout, join(cwd, name)));
      for (const [i, [name, expected]] of EXPECTED.entries())
        if (expected.test(normal(last[i] ?? ""))) shownOf.set(name, normal(last[i] ?? ""));
      return shownOf.size === EXPECTED.length;
    },
    200,
  );
  await all.catch(() => {
    const missing = names.flatMap((name, i) => (shownOf.has(name) ? [] : `${name}: ${last[i]}`));
    throw new Error(`these never showed as expected:\n${missing.join("\n")}`);
  });
  const guide = readFileSync(join(ROOT, "docs/guide.md"), "utf8");
  const shown = [...guide.matchAll(/^\| [^|]+ \| `sqlock who-holds db\.sqlite3` +\| (.+?) *\|$/gm)].map(
    ([, line = ""]) => line,
  );
  expect(shown.map(normal)).toEqual(names.map((name) => shownOf.get(name)));
});

/** What stands above the line of a database: at most two lines, as one. */
function firstLines(stdout: string, path: string): string {
  const [head = ""] = stdout.split(`\n${path}: `);
  const lines = (head.split("\n\n").at(-1) ?? "").split("\n");
  expect(lines.length).toBeLessThanOrEqual(2);
  return lines.map((line) => line.trim()).join(" ");
}
