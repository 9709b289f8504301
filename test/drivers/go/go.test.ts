/** Drivers of Go. The first test builds all of them: a minute of two cores, where nothing is built yet. */
import { expect, test } from "vitest";
import { startHolder } from "../../support/holder.ts";
import { journalMode } from "../../support/journal-mode.ts";
import { startProgram } from "../../support/program.ts";
import { connect, newDatabase } from "../../support/sqlite.ts";
import { findingIds, holderOf, lockNames, lookAt } from "../../support/sqlock.ts";
import { testDrivers } from "../matrix.ts";
import { program, WITH_TAG } from "./build.ts";

testDrivers([
  { name: "github.com/mattn/go-sqlite3", command: (context) => program(context, "mattn") },
  { name: "modernc.org/sqlite", command: (context) => program(context, "modernc") },
  {
    name: "modernc.org/sqlite with OFD locks",
    command: async (context) => ({ ...(await program(context, "modernc")), env: { MODERNC_SQLITE_OFD_LOCK: "1" } }),
    api: "ofd",
    shmApi: "posix",
  },
  { name: "github.com/ncruces/go-sqlite3", command: (context) => program(context, "ncruces"), api: "ofd" },
  { name: "zombiezen.com/go/sqlite", command: (context) => program(context, "zombiezen") },
]);

/** Its VFS is its own: that it writes and leaves a journal as SQLite's does is not a matter of course. */
test("ncruces/go-sqlite3 with more written than its cache holds: EXCLUSIVE; killed, a hot journal", async (context) => {
  const { argv } = await program(context, "ncruces");
  const database = newDatabase();
  const rows = `${connect(database)}
try: answer = c.execute("select count(*) from t").fetchone()[0]
finally: c.close()`;
  const other = await startHolder();
  const before = await other.run(rows);
  const writer = startProgram([...argv, database, "delete", "spill"]);
  await writer.prints(/^ready/m);

  const seen = await lookAt(database);
  expect(holderOf(seen, writer.pid)).toMatchObject({
    activity: "writing",
    blocks: ["readers", "writers", "journal-mode"],
  });
  expect(lockNames(holderOf(seen, writer.pid))).toEqual(["EXCLUSIVE:write", "PENDING:write", "RESERVED:write"]);
  expect(seen).toMatchObject({ journal: { hot: false, header: "valid" }, findings: [] });
  await expect(other.run(rows)).rejects.toThrow("locked");

  process.kill(writer.pid, "SIGKILL");
  await writer.ends();
  const left = await lookAt(database);
  expect(left).toMatchObject({ holders: [], journal: { hot: true } });
  expect(findingIds(left)).toEqual(["hot-journal"]);
  expect(await other.run(rows)).toBe(Number(before) + 1); // what it committed before stays
  expect((await lookAt(database)).findings).toEqual([]);
});

/** Its lock is the file <database>.lock, with its pid. After a switch what it commits would be lost. */
test("ncruces/go-sqlite3 with dot-file locks: the process is named, and the mode is not switched", async (context) => {
  const { argv } = await program(context, WITH_TAG.name);
  const database = newDatabase();
  const reader = startProgram([...argv, database, "delete", "read"]);
  await reader.prints(/^ready/m);
  const seen = await lookAt(database);
  expect(seen.lockDirectory).toMatchObject({ path: `${database}.lock`, pid: reader.pid });
  expect(seen.findings).toMatchObject([{ id: "lock-directory", pids: [reader.pid] }]);
  expect(await journalMode([database, "wal"])).toMatchObject({ code: 1, changed: false });

  process.kill(reader.pid, "SIGKILL");
  await reader.ends();
  expect(await lookAt(database)).toMatchObject({ lockDirectory: null, findings: [] }); // the next one removes it
  expect(await journalMode([database, "wal"])).toMatchObject({ code: 0, changed: true });
});
