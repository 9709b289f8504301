/** A sqlite3 shell suspended with Ctrl-Z in the middle of a transaction. */
import { expect, test } from "vitest";
import { startAtTerminal, TOLD_PID, tellingPid } from "../../support/program.ts";
import { has, need } from "../../support/skip.ts";
import { holding, newDatabase } from "../../support/sqlite.ts";
import { findingIds, holderOf, lookAt, sqlock } from "../../support/sqlock.ts";

const CTRL_Z = "\x1a";

test.for(["delete", "wal"] as const)(
  "%s: it is found, with the way back to it; after fg and COMMIT the others go on",
  async (mode, context) => {
    need(context, has("sqlite3") && has("script"), "sqlite3 and script (bsdutils)");
    const database = await newDatabase(mode);
    const bash = await startAtTerminal(["bash", "--norc", "--noprofile", "-i"]);
    bash.type(`${tellingPid(["sqlite3", database])}\n`);
    const pid = Number((await bash.prints(TOLD_PID))[1]);
    await bash.prints(/sqlite> /);
    bash.type("BEGIN IMMEDIATE; INSERT INTO t VALUES (1); SELECT 'inser' || 'ted';\n");
    await bash.prints(/\ninserted\r?\n/);
    const working = await lookAt(database);
    expect(holderOf(working, pid)).toMatchObject({ activity: "writing", state: "sleeping" });
    expect(findingIds(working)).toEqual([]);

    bash.type(CTRL_Z);
    await bash.prints(/Stopped/);
    const other = await holding(database);
    await expect(other.run(`c.execute("insert into t values (2)")`)).rejects.toThrow("database is locked");
    const seen = await lookAt(database);
    const shell = holderOf(seen, pid);
    expect(shell).toMatchObject({
      name: "sqlite3",
      activity: "writing",
      state: "stopped",
      stale: ["stopped"],
      terminal: expect.stringMatching(/^pts\/\d+$/),
    });
    expect(seen.findings).toMatchObject([{ id: "suspended-holder", severity: "error", pids: [pid] }]);
    expect(seen.findings[0]?.summary).toContain("every other writer gets 'database is locked'");
    expect(seen.findings[0]?.remedy).toContain(`kill -CONT ${pid}, or fg in the shell on ${shell.terminal}`);
    expect((await sqlock(["who-holds", database])).stdout).toMatch(
      new RegExp(`^error suspended-holder: ${pid} \\(sqlite3 `, "m"),
    );

    bash.type("fg\n");
    await bash.prints(/sqlite3/);
    bash.type("COMMIT; SELECT 'commit' || 'ted';\n");
    await bash.prints(/\ncommitted\r?\n/);
    await other.run(`c.execute("insert into t values (2)")`);
    expect(findingIds(await lookAt(database))).toEqual([]);
  },
);
