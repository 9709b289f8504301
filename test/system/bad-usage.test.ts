import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connection, ROLLBACK, WRITE } from "../support/connection.ts";
import { startHolder } from "../support/holder.ts";
import { BIN, NODE, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";

async function refused(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await sqlock(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^sqlock: [^\n]+; [^\n]+\n$/);
  return stderr;
}

test("an unknown option: the nearest one is suggested", async () => {
  expect(await refused("who-holds", "--jsn", "x")).toMatch(/unknown option '--jsn'; did you mean --json\?/);
  expect(await refused("who-holds", "--lock-only", "x")).toContain("did you mean --locks-only?");
  expect(await refused("who-holds", "--zzzzzz", "x")).toContain("see sqlock who-holds --help");
});

test("an unknown command", async () => {
  expect(await refused("who-hold", "x")).toContain("did you mean who-holds?");
});

test("an unknown column: all are listed", async () => {
  const line = await refused("who-holds", "--columns", "PID,LOCK", "x");
  expect(line).toContain('there is no column "LOCK"; choose from PID, USER, COMMAND, STATE,');
  expect(line).toContain("READ-MARK, FDS, STALE");
  await refused("who-holds", "--columns", "", "x");
  await refused("who-holds", "--columns", "+", "x");
});

test.each(["", "soon", "-1s", "1 year", "1e3", "Infinity", "25h", "0x10", "1s1s"])(
  "--wait %j is no time",
  async (text) => {
    expect(await refused("who-holds", `--wait=${text}`, "x")).toMatch(
      /is not a time; write it as 500ms, 30s, 5m or 1h/,
    );
  },
);

test("no database given", async () => {
  expect(await refused("who-holds")).toContain("missing required argument 'database'");
  expect(await refused("who-holds", "--wait", "k.db")).toMatch(/: --wait needs a time, .*; write --wait 30s k\.db\n$/);
  const { code, stdout, stderr } = await sqlock([]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: "" });
  expect(stdout).toMatch(/^Usage: sqlock/);
});

test("help and version are no errors", async () => {
  expect(await sqlock(["--help"])).toMatchObject({
    code: 0,
    stderr: "",
    stdout: expect.stringMatching(/^Usage: sqlock/),
  });
  expect(await sqlock(["who-holds", "--help"])).toMatchObject({
    code: 0,
    stderr: "",
    stdout: expect.stringContaining("--locks-only"),
  });
  expect(await sqlock(["--version"])).toMatchObject({
    code: 0,
    stderr: "",
    stdout: expect.stringMatching(/^sqlock \d+\.\d+\.\d+\nNode\.js \d+\.\d+\.\d+\nSQLite 3\.\d+\.\d+\n$/),
  });
});

/** sqlock (`"$0" "$1"`) in a shell, as a person types it; `$2` is the database. */
function shell(database: string, script: string): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync("bash", ["-c", script, NODE, BIN, database], {
    encoding: "utf8",
    timeout: 20_000,
  });
  return { status, stdout, stderr };
}

test("a reader that leaves early ends the output quietly", async () => {
  const database = join(tempFolder(), "db.sqlite3");
  const holder = await startHolder();
  await holder.run(connection(database, ...ROLLBACK, ...WRITE));
  for (const json of ["", "--json"]) {
    const command = `"$0" "$1" who-holds ${json} "$2"`;
    expect(shell(database, `${command} | head -1`)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^[^\n]+\n$/),
      stderr: "",
    });
    expect(shell(database, `${command} | true; echo "\${PIPESTATUS[0]}"`)).toEqual({
      status: 0,
      stdout: "0\n",
      stderr: "",
    });
    expect(shell(database, `${command} >&-; echo $?`)).toEqual({ status: 0, stdout: "0\n", stderr: "" });
    expect(shell(database, `${command} 2>&- >&- <&-; echo $?`)).toEqual({ status: 0, stdout: "0\n", stderr: "" });
  }
  expect(shell(database, `"$0" "$1" who-holds "$2-none" 2>&-; echo $?`)).toEqual({
    status: 0,
    stdout: "2\n",
    stderr: "",
  });
  expect(shell(database, `"$0" "$1" who-holds "$2" > /dev/full; echo $?`).stderr).toMatch(/^sqlock: [^\n]+\n$/);
});

test("a slow reader gets everything", async () => {
  const folder = tempFolder();
  const holder = await startHolder();
  const names = Array.from({ length: 120 }, (_, i) => join(folder, `${String(i).padStart(3, "0")}.db`));
  await holder.run(
    `all = [sqlite3.connect(p) for p in ${JSON.stringify(names)}]\nfor c in all: c.execute("create table t(a)")`,
  );
  const { stdout, stderr, status } = shell(folder, `"$0" "$1" who-holds --json "$2" | (sleep 0.5; cat)`);
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  expect(stdout.length).toBeGreaterThan(65536); // more than a pipe holds
  expect(JSON.parse(stdout)).toMatchObject({
    databases: names.map((path) => ({ path, holders: [{ pid: holder.pid }] })),
  });
});
