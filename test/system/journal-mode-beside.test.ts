/**
 * Another process connects and commits wherever the one that leaves WAL mode gives up a lock. In the normal locking
 * mode of SQLite that is also between the end of the -wal and the change of the header: with a new -wal.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { pythonPath } from "../support/holder.ts";
import { journalMode, modeOfFile, untilWorkerOn } from "../support/journal-mode.ts";
import { ROOT } from "../support/root.ts";
import { has, need } from "../support/skip.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { tempFolder } from "../support/temp.ts";

test.for([
  ["leaves", "leave", 0],
  ["stays connected", "stay", 1],
] as const)(
  "one that commits, and %s, finds a database that has left WAL mode",
  async ([, how, rewritten], context) => {
    need(context, has("cc"), "a C compiler");
    const folder = tempFolder();
    const [library, log] = [join(folder, "at-release.so"), join(folder, "log")];
    execFileSync("cc", ["-shared", "-fPIC", "-o", library, join(ROOT, "test/programs/at-release.c"), "-ldl"]);
    const database = newDatabase("wal");
    const keeper = await holding(database, `c.execute("insert into t values (1)")`);
    const beside = [pythonPath(), "-S", join(ROOT, "test/programs/beside.py"), database, log, how];
    const switching = journalMode([database, "delete", "--wait", "60s"], {
      env: { LD_PRELOAD: library, AT_RELEASE: `env -u LD_PRELOAD ${beside.join(" ")} >>${log}.errors 2>&1` },
      timeoutMs: 110_000,
    });
    await untilWorkerOn(database);
    await keeper.end(); // killed: the -wal has its frame
    const answer = await switching;
    expect(readFileSync(`${log}.errors`, "utf8")).toBe("");
    const modes = readFileSync(log, "utf8").trim().split("\n");
    expect(new Set(modes)).toEqual(new Set(["delete"]));
    expect(answer).toMatchObject({
      code: 0,
      reason: null,
      after: "delete",
      proof: { frames: 1, pages: 1, rewritten },
      notCompared: null,
    });
    expect(modeOfFile(database)).toBe("delete");
    expect(readdirSync(dirname(database))).toEqual(["db.sqlite3"]);
    const reader = await holding(database);
    const rows = `select count(*) from t where a = 7 or a like '777%'`;
    expect(await reader.run(`answer = c.execute("${rows}").fetchone()[0]`)).toBe(modes.length);
    expect(await reader.run(`answer = c.execute("pragma integrity_check").fetchone()[0]`)).toBe("ok");
  },
);
