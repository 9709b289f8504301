import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseJournalHeader, parseSuperJournalName } from "../../src/sqlite/journal.ts";
import { roleOfPath } from "../../src/sqlite/roles.ts";
import { check } from "../support/check.ts";
import { python } from "../support/python.ts";
import { findingIds, lookAt, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

/**
 * The journal of a commit over two attached databases whose program is killed in the middle of it: writing behind the
 * size limit of files, as the commit must when its journal is complete, is SIGXFSZ.
 */
function journalOfSuperCommit(folder: string, name: string): Uint8Array {
  python(`
import os, resource, signal, sqlite3
main, other = [os.path.join(${JSON.stringify(folder)}, name) for name in (${JSON.stringify(name)}, "other")]
for path in (main, other):
    c = sqlite3.connect(path)
    c.execute("create table t(a)")
    c.executemany("insert into t values (zeroblob(?))", [(3000,)] * 100)
    c.commit()
    c.close()
child = os.fork()
if child == 0:
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))
    c = sqlite3.connect(main, isolation_level=None)
    c.execute("attach ? as other", (other,))
    c.execute("begin")
    for schema in ("main", "other"): c.execute(f"update {schema}.t set a = 1 where rowid = 100")
    c.execute("commit")
    os._exit(0)
status = os.waitpid(child, 0)[1]
assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXFSZ, status`);
  return readFileSync(join(folder, `${name}-journal`));
}

test.each(["main.db", "mäin-✓.db"])("a commit over two databases names its super-journal (%s)", (name) => {
  const folder = tempFolder();
  const journal = journalOfSuperCommit(folder, name);
  expect(parseJournalHeader(journal)).toBe("valid");
  const named = parseSuperJournalName(journal);
  expect(readdirSync(folder).map((file) => join(folder, file))).toContain(named);
  expect(roleOfPath(join(folder, name), named ?? "")).toBe("super-journal");
});

test("a folder that was moved: half of the commit can be undone by its old name alone", async () => {
  const folder = join(tempFolder(), "old");
  const moved = join(tempFolder(), "new");
  mkdirSync(folder);
  journalOfSuperCommit(folder, "main.db");
  expect(findingIds(await lookAt(join(folder, "main.db")))).toEqual(["hot-journal"]);
  renameSync(folder, moved);
  const database = join(moved, "main.db");
  const seen = await lookAt(database);
  expect(seen.journal).toMatchObject({ hot: null, missingSuperJournal: { beside: expect.stringContaining(moved) } });
  expect(seen.findings).toMatchObject([{ id: "super-journal-elsewhere", severity: "error", pids: [] }]);
  const before = readFileSync(`${database}-journal`);
  expect((await sqlock(["journal-mode", database, "wal", "--force"])).code).toBe(1);
  expect(await check(database)).toMatchObject({
    verdict: "ok",
    method: "private-copy",
    methodReason: expect.stringContaining("super-journal"),
    findings: [{ id: "super-journal-elsewhere" }],
  });
  expect(readFileSync(`${database}-journal`)).toEqual(before);
  // By its old name the super-journal is there.
  symlinkSync(moved, folder);
  expect(findingIds(await lookAt(database))).toEqual(["hot-journal"]);
  expect(findingIds(await lookAt(join(folder, "main.db")))).toEqual(["hot-journal"]);
  // Gone from the database's own folder, whichever path leads there: a commit.
  rmSync(join(moved, readdirSync(moved).find((name) => name.includes("-mj")) ?? ""));
  const committed = await lookAt(database);
  expect(committed.journal).toEqual({ hot: false, header: "valid", sizeBytes: before.length });
  expect(findingIds(committed)).toEqual([]);
});
