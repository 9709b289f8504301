/** As which user the command after `--` of record runs: its groups, its HOME, its end, and what is refused. */
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type TestContext, test } from "vitest";
import { linesOfFile } from "../record/recording.ts";
import { databaseOf, MALLORY } from "../support/attacker.ts";
import { pythonOf } from "../support/hold.ts";
import { NOBODY } from "../support/namespace.ts";
import { startProgram } from "../support/program.ts";
import { has, isRoot, need } from "../support/skip.ts";
import { newDatabase } from "../support/sqlite.ts";
import { BIN, NODE, type Run, type RunOptions, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { Terminal } from "../support/tmux.ts";
import { needTracing } from "../support/tracefs.ts";
import { until } from "../support/until.ts";

const SAMPLED = ["record", "--source", "sampled"] as const;

const needRoot = (context: TestContext) => need(context, isRoot, "root");

/** `record OPTIONS DATABASE -- COMMAND`, by samples. */
function record(options: readonly string[], command: readonly string[], more: RunOptions = {}): Promise<Run> {
  return sqlock([...SAMPLED, ...options, newDatabase("wal"), "--", ...command], more);
}

/** Users of this machine, from passwd(5), which has all fields of these. */
function entries(): { readonly name: string; readonly uid: number; readonly home: string }[] {
  return readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .flatMap((line) => {
      const [name = "", , uid, , , home = ""] = line.split(":");
      return /^[a-z][\w-]*$/.test(name) && uid !== "0" && home !== "" ? [{ name, uid: Number(uid), home }] : [];
    });
}

const groupsOf = (user: string): string => execFileSync("id", ["-G", user], { encoding: "utf8" }).trim();

const sorted = (groups: string): string[] => groups.trim().split(" ").sort();

test("plain root is told the two ways, before anything is made", async (context) => {
  needRoot(context);
  const file = join(tempFolder(), "x.jsonl");
  for (const env of [{}, { SUDO_UID: "0" }]) {
    const run = await record(["-o", file], ["true"], { env });
    expect(run).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "sqlock: started by root, the command after -- needs a user; give --user NAME (--user root if root is " +
        "meant), or call sqlock with sudo from that user's account\n",
    });
  }
  expect(existsSync(file)).toBe(false);
});

test.for<[string, readonly string[], Record<string, string>]>([
  ["--user", ["--user", "nobody"], {}],
  ["the one who called sudo", [], { SUDO_UID: String(NOBODY) }],
  ["--user, and not the one who called sudo", ["--user", String(NOBODY)], { SUDO_UID: "1" }],
])("%s", async ([, options, env], context) => {
  needRoot(context);
  const { code, stdout } = await record(options, ["sh", "-c", "id -u; id -ru; id -g; id -G; umask; exit 7"], { env });
  const [group = ""] = groupsOf("nobody").split(" ");
  expect({ code, stdout }).toEqual({
    code: 7,
    stdout: `${NOBODY}\n${NOBODY}\n${group}\n${groupsOf("nobody")}\n0022\n`,
  });
});

test("with the groups and the HOME of that user", async (context) => {
  needRoot(context);
  const user = entries().find(({ name }) => groupsOf(name).includes(" "));
  if (user === undefined) return context.skip("needs a user who is in several groups");
  const { stdout } = await record(["--user", user.name], ["sh", "-c", 'id -un; id -G; echo "$HOME $USER $LOGNAME"']);
  const [name, groups = "", variables] = stdout.split("\n");
  expect({ name, variables }).toEqual({ name: user.name, variables: `${user.home} ${user.name} ${user.name}` });
  expect(sorted(groups)).toEqual(sorted(groupsOf(user.name)));
});

test("a user without a name is in no group of others", async (context) => {
  needRoot(context);
  const { stdout } = await record(["--user", String(MALLORY)], ["sh", "-c", 'id -u; id -G; echo "$HOME $USER"']);
  expect(stdout).toBe(`${MALLORY}\n65534\n/ ${MALLORY}\n`);
});

test("--user root: as root runs it, also with sudo", async (context) => {
  needRoot(context);
  const env = { SUDO_UID: String(NOBODY), MINE: "kept" };
  const { code, stdout } = await record(["--user", "root"], ["sh", "-c", 'id -u; echo "$MINE"'], { env });
  expect({ code, stdout }).toEqual({ code: 0, stdout: "0\nkept\n" });
});

test("an ordinary user: as itself, with its environment, and as nobody else", async (context) => {
  needRoot(context);
  const env = { MINE: "kept", SUDO_UID: "0" };
  for (const options of [[], ["--user", "nobody"]]) {
    const { code, stdout } = await record(options, ["sh", "-c", 'id -u; echo "$MINE"'], { uid: NOBODY, env });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${NOBODY}\nkept\n` });
  }
  const { code, stderr } = await record(["--user", "root"], ["true"], { uid: NOBODY });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: "sqlock: only root can run the command as user root; use sudo, or do it as that user\n",
  });
});

test("a command that this user cannot start: one line, exit code 2, and the old file stays", async (context) => {
  needRoot(context);
  const folder = tempFolder();
  const closed = join(folder, "closed");
  mkdirSync(closed, { mode: 0o700 });
  const program = (name: string, text: string, mode = 0o755) => {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), mode);
    return join(folder, name);
  };
  const file = program("x.jsonl", "mine");
  const ofRoot = program("of-root", "#!/bin/sh\n", 0o700);
  for (const [command, why] of [
    [program("closed/tool", "#!/bin/sh\n"), "cannot be reached by user nobody"],
    [ofRoot, "cannot be executed by user nobody"],
    ["tool", "cannot be reached by user nobody"],
    ["no-such-command", "cannot be found by user nobody"],
    [join(folder, "none"), "cannot be found by user nobody"],
    [program("script", "#! /no/such/interpreter -x\n"), "has an interpreter that cannot be executed by user nobody"],
    [program("windows", "#!/bin/sh\r\n"), "has an interpreter that cannot be executed by user nobody"],
    [program("inner", `#!${ofRoot}\n`), "has an interpreter that cannot be executed by user nobody"],
    [folder, "is a folder"],
  ] as const) {
    const env = { PATH: `${closed}:/usr/bin:/bin`, SUDO_UID: String(NOBODY) };
    const { code, stdout, stderr } = await record(["-o", file, "--force"], [command], { env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^sqlock: [^\n]+; [^\n]+\n$/);
    expect(stderr).toContain(`the command ${JSON.stringify(command)} ${why}; `);
  }
  expect(readFileSync(file, "utf8")).toBe("mine");
  const script = program("works", "#! /bin/sh -e\nid -u\n");
  const { code, stdout } = await record(["--user", "nobody"], [script], { cwd: closed });
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${NOBODY}\n` });
});

test("the PATH of sudo is searched, past the folders that this user may not enter", async (context) => {
  needRoot(context);
  const [closed, open] = [tempFolder(), tempFolder()];
  chmodSync(closed, 0o700);
  for (const folder of [closed, open])
    writeFileSync(join(folder, "tool"), `#!/bin/sh\necho ${folder}\n`, { mode: 0o755 });
  const env = { SUDO_UID: String(NOBODY), PATH: `${closed}:${open}:/usr/bin:/bin` };
  expect(await record([], ["tool"], { env })).toMatchObject({ code: 0, stdout: `${open}\n` });
});

test("an option of a command that looks like one of setpriv's is the command's", async (context) => {
  needRoot(context);
  const { code, stdout } = await record(["--user", "nobody"], ["printf", "%s.", "--reuid=0", "--", "-h"]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "--reuid=0.--.-h." });
});

test("signals are passed on to the command of another user, and its end is that of sqlock", async (context) => {
  needRoot(context);
  const script = `trap 'echo got' TERM; echo ready $$; while :; do sleep 0.05; done`;
  const recorder = spawn(NODE, [BIN, ...SAMPLED, "--user", "nobody", newDatabase("wal"), "--", "bash", "-c", script], {
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
  });
  let out = "";
  recorder.stdout.on("data", (data: Buffer) => (out += data.toString()));
  await until("the command runs", () => out.includes("ready"));
  recorder.kill("SIGTERM");
  await until("the command has the signal", () => out.includes("got"));
  process.kill(Number(/ready (\d+)/.exec(out)?.[1]), "SIGKILL");
  expect(await new Promise((resolve) => recorder.once("close", resolve))).toBe(137);
});

test("Ctrl-C reaches the command, once", async (context) => {
  needRoot(context);
  need(context, has("tmux"), "tmux");
  const terminal = new Terminal(100, 30);
  const script = join(tempFolder(), "script");
  writeFileSync(
    script,
    `trap 'n=$((n + 1))' INT; echo ready; while [ -z "$n" ]; do sleep 0.05; done; sleep 0.2; exit 4$n`,
  );
  const line = `${NODE} ${BIN} ${SAMPLED.join(" ")} --user nobody ${newDatabase("wal")} -- bash ${script}`;
  await terminal.enter(`clear; ${line}; echo "code $?."`);
  await terminal.shows(/^ready/m);
  terminal.press("C-c");
  await terminal.shows("code 41.");
});

test("the kernel's source records the command itself, as that user's, from its first statement on", async (context) => {
  needTracing(context);
  const database = databaseOf(MALLORY, "wal");
  const file = join(tempFolder(), "x.jsonl");
  const program = `
import sqlite3, sys
c = sqlite3.connect(sys.argv[1], isolation_level=None)
c.execute("insert into t values (1)")
sys.stdin.read()`;
  const command = [pythonOf(MALLORY), "-c", program, database];
  const options = ["--source", "kernel", "--min-wait", "0", "--user", String(MALLORY), "-o", file];
  const recorder = startProgram([NODE, BIN, "record", ...options, database, "--", ...command]);
  // it must not have ended before its user is read
  await until("the command is recorded", () => existsSync(file) && readFileSync(file, "utf8").includes('"process"'));
  recorder.endInput();
  await recorder.ends();
  expect(recorder.exitCode).toBe(0);
  const lines = linesOfFile(file);
  expect(lines.filter(({ type }) => type === "process")).toMatchObject([{ commandLine: command, uid: MALLORY }]);
  const text = readFileSync(file, "utf8");
  expect(text).toContain("insert into t values (?)");
  expect(text + recorder.output).not.toContain("setpriv");
});
