/** Programs that write over a database while others have it open, or copy it, without SQLite. */
import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { theFinding } from "../../support/findings.ts";
import { HOLD } from "../../support/hold.ts";
import { startHolder } from "../../support/holder.ts";
import { journalMode } from "../../support/journal-mode.ts";
import { killJson, runs } from "../../support/kill.ts";
import { startProgram } from "../../support/program.ts";
import { has, need } from "../../support/skip.ts";
import { holding, newDatabase } from "../../support/sqlite.ts";
import { findingIds, lookAt } from "../../support/sqlock.ts";
import { tempFolder } from "../../support/temp.ts";
import { until } from "../../support/until.ts";

/** A holder's script under this name. */
function named(name: string): string {
  const path = join(tempFolder(), name);
  symlinkSync(HOLD, path);
  return path;
}

/** It has opened the file to write, and waits for its input. */
async function restoring(database: string) {
  const writer = startProgram(["dd", `of=${database}`, "conv=notrunc"]);
  await until("dd has it open", async () => (await lookAt(database)).holders.some(({ pid }) => pid === writer.pid));
  return writer;
}

test("a restore over a live database: an error, no switch of the mode, and kill warns", async () => {
  const database = await newDatabase("wal");
  const user = await holding(database, `c.execute("select * from t").fetchall()`);
  const restore = await restoring(database);
  const finding = theFinding(await lookAt(database), "foreign-writer");
  expect(finding).toMatchObject({ severity: "error", pids: [restore.pid] });
  expect(finding.summary).toContain(`while ${user.pid} (`);
  expect(finding.remedy).toMatch(new RegExp(`^Let ${restore.pid} finish`));
  const refused = await journalMode([database, "delete"]);
  expect(refused).toMatchObject({ code: 1, changed: false, obstacles: [{ code: "foreign-writer" }] });
  const kill = await killJson([database, "--pid", String(restore.pid), "--yes"]);
  expect(kill).toMatchObject({ code: 2, outcomes: [{ pid: restore.pid, result: "refused" }] });
  expect(JSON.stringify(kill)).toContain("ended half-way, the file is neither the old database nor the new one");
  expect(await runs(restore.pid)).toBe(true);
});

test("rsync --inplace, which has it open to read and to write", async (context) => {
  need(context, has("rsync"), "rsync");
  const database = newDatabase();
  const backup = newDatabase(); // other bytes
  await holding(database, `c.execute("select * from t").fetchone()`);
  startProgram(["rsync", "--inplace", "--ignore-times", "--no-whole-file", "--bwlimit=4", backup, database]);
  const seen = await until("rsync has it open to write", async () => {
    const now = await lookAt(database);
    return now.holders.some(({ handles }) => handles.some(({ access }) => access === "write")) ? now : undefined;
  });
  const finding = theFinding(seen, "foreign-writer");
  expect(finding.summary).toContain("(rsync --inplace");
  expect(finding.severity).toBe("error");
  expect(findingIds(seen)).not.toContain("live-copy");
});

test("a warning where nobody else has it open; silent beside one that is done, or wrote another file", async () => {
  const database = await newDatabase();
  const restore = await restoring(database);
  expect((await lookAt(database)).findings).toMatchObject([{ id: "foreign-writer", severity: "warning" }]);
  restore.endInput();
  await restore.ends();
  await holding(database);
  execFileSync("cp", [database, `${database}.new`]);
  const other = startProgram(["dd", `of=${database}.new`]);
  expect((await lookAt(database)).findings).toEqual([]);
  expect(await runs(other.pid)).toBe(true);
});

test("a copy of a live database may be torn; silent where nobody uses it, and beside another reader", async () => {
  const database = await newDatabase();
  const fifo = join(tempFolder(), "copy");
  execFileSync("mkfifo", [fifo]);
  const copy = startProgram(["cp", database, fifo]); // it opens the database, and waits for a reader
  await until("cp has it open", async () => (await lookAt(database)).holders.some(({ pid }) => pid === copy.pid));
  expect((await lookAt(database)).findings).toEqual([]);
  const user = await holding(database, `c.execute("begin immediate")`);
  const finding = theFinding(await lookAt(database), "live-copy");
  expect(finding).toMatchObject({ severity: "info", pids: [copy.pid] });
  expect(finding.summary).toContain(`while ${user.pid} (`);

  const quiet = await newDatabase();
  const tail = startProgram(["tail", "-f", quiet]);
  await until("tail has it open", async () => (await lookAt(quiet)).holders.some(({ pid }) => pid === tail.pid));
  await holding(quiet, `c.execute("begin immediate")`);
  expect((await lookAt(quiet)).findings).toEqual([]);
});

test("Litestream's read is how it works; another program's is to be ended", async () => {
  const database = await newDatabase("wal");
  const writer = await holding(database);
  const READ = `c.execute("begin"); c.execute("select * from t").fetchall()`;
  const litestream = await startHolder({ script: named("litestream") });
  await litestream.run(`c = sqlite3.connect(${JSON.stringify(database)}, isolation_level=None)\n${READ}`);
  await writer.run(
    `c.execute("pragma wal_autocheckpoint=0")\nfor i in range(1100): c.execute("insert into t values (1)")`,
  );
  const seen = await lookAt(database);
  expect(seen.summary.join("\n")).toContain("likely this is how Litestream works");
  expect(theFinding(seen, "checkpoint-starved")).toMatchObject({
    severity: "info",
    pids: [litestream.pid],
    remedy: expect.stringContaining("Leave it running"),
  });
  expect(await killJson([database, "--stale", "--yes", "--stale-after", "1ms", "--dry-run"])).toMatchObject({
    outcomes: [],
  });
  const reader = await holding(database, READ);
  await writer.run(`for i in range(1100): c.execute("insert into t values (1)")`);
  const both = theFinding(await lookAt(database), "checkpoint-starved");
  expect(both).toMatchObject({ severity: "warning", remedy: expect.stringContaining("End the read in that program") });
  expect(both.pids[0]).toBe(reader.pid);
});
