/** `sqlock record` as a person and a script use it. Most by samples, which need no rights. */
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { startHolder } from "../support/holder.ts";
import { isRoot, need } from "../support/skip.ts";
import { connect, newDatabase } from "../support/sqlite.ts";
import { AS_CALLER, BIN, NODE, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { until } from "../support/until.ts";

const SAMPLED = ["record", "--source", "sampled"] as const;

async function refused(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await sqlock(["record", ...args]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^sqlock: [^\n]+; [^\n]+\n$/);
  return stderr;
}

/** The lines of a recording, each of which is complete. */
function linesOf(file: string): { readonly type: string }[] {
  const text = readFileSync(file, "utf8");
  expect(text).toMatch(/\n$/);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly type: string });
}

test("bad usage: one line, exit code 2, and no file is made or replaced", async () => {
  const database = newDatabase("wal");
  const file = join(dirname(database), "x.jsonl");
  for (const [args, why] of [
    [["--run", "true", database], "--run needs --on-wait"],
    [["--json", database, "--", "true"], "--json prints to stdout"],
    [[...AS_CALLER, "-o", file, database, "--", "no-such-command"], "cannot be found"],
    [["-o", file, database, "--"], "there is no command after --"],
    [["-o", database, database], "is the database itself"],
    [["-o", `${database}-wal`, database], "companion file"],
    [["-o", dirname(database), database], "is a folder"],
    [["-o", "/dev/null", database], "is no regular file"],
    [["-o", join(dirname(database), "no", "x"), database], "its folder does not exist"],
    [["-o", join(dirname(database), "new.db"), join(dirname(database), "new.db")], "is the database itself"],
  ] as const)
    expect(await refused(...args)).toContain(why);
  expect(existsSync(file)).toBe(false);
  writeFileSync(file, "mine");
  expect(await refused("-o", file, database)).toContain("exists already; give another name, or --force");
  expect(await refused(...AS_CALLER, "--force", "-o", file, database, "--", "no-such-command")).toContain(
    "cannot be found",
  );
  expect(readFileSync(file, "utf8")).toBe("mine");
});

test("a file of JSON Lines that only its owner can read; --force replaces it", async () => {
  const database = newDatabase("wal");
  const file = join(dirname(database), "x.jsonl");
  writeFileSync(file, "old");
  chmodSync(file, 0o644);
  const { code, stderr, stdout } = await sqlock([...SAMPLED, "--for", "300ms", "-o", file, "--force", database]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain(`The recording is in ${file}.`);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const lines = linesOf(file);
  expect(lines[0]).toMatchObject({ type: "meta", source: "sampled", exact: false, because: "asked" });
  expect(lines.at(-1)).toMatchObject({ type: "summary" });
});

test("a command that cannot be started leaves the old file, and no new one", async () => {
  const database = newDatabase("wal");
  const [file, program] = [join(dirname(database), "x.jsonl"), join(dirname(database), "program")];
  writeFileSync(program, "#!/no/such/interpreter\n", { mode: 0o755 });
  const begin = async (...force: readonly string[]) => {
    const { code, stderr } = await sqlock([...SAMPLED, ...AS_CALLER, "-o", file, ...force, database, "--", program]);
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("could not be started (ENOENT)"),
    });
  };
  await begin();
  expect(readdirSync(dirname(file)).filter((name) => name.includes("x.jsonl"))).toEqual([]);
  writeFileSync(file, "mine");
  await begin("--force");
  expect(readFileSync(file, "utf8")).toBe("mine");
  expect(readdirSync(dirname(file)).filter((name) => name.includes("x.jsonl"))).toEqual(["x.jsonl"]);
});

test("a database that does not exist yet is waited for", async () => {
  const folder = tempFolder();
  const { code, stdout } = await sqlock([...SAMPLED, "--for", "300ms", join(folder, "later.db")]);
  expect(code).toBe(0);
  expect(stdout).toContain("No lock was seen in");
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s ends it with everything written", async (signal, expected) => {
  const database = newDatabase("wal");
  const file = join(dirname(database), "x.jsonl");
  const recorder = spawn(NODE, [BIN, ...SAMPLED, "-o", file, database], { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  recorder.stdout.on("data", (data: Buffer) => (out += data.toString()));
  await until("it records", () => out.includes("recording "));
  recorder.kill(signal);
  const code = await new Promise((resolve) => recorder.once("close", resolve));
  expect(code).toBe(expected);
  expect(out).toContain("The recording is in");
  expect(linesOf(file).at(-1)).toMatchObject({ type: "summary" });
});

test("killed at once, it leaves whole lines", async () => {
  const database = newDatabase("wal");
  const file = join(dirname(database), "x.jsonl");
  const recorder = spawn(NODE, [BIN, ...SAMPLED, "-o", file, database], { stdio: "ignore" });
  await until("the file has lines", () => existsSync(file) && statSync(file).size > 0);
  recorder.kill("SIGKILL");
  await new Promise((resolve) => recorder.once("close", resolve));
  expect(linesOf(file)[0]).toMatchObject({ type: "meta" });
});

test("a full disk ends the file, in one line, and not the recording", async () => {
  const database = newDatabase("wal");
  const file = join(tempFolder(), "x.jsonl");
  // a limit of one block: EFBIG, as a full disk in the middle of a line
  const script = `trap '' XFSZ; ulimit -f 0; exec "$0" "$@"`;
  const { status, stdout, stderr } = spawnSync(
    "bash",
    ["-c", script, NODE, BIN, ...SAMPLED, "--for", "300ms", "-o", file, database],
    { encoding: "utf8" },
  );
  expect(stderr).toBe(
    `sqlock: ${file} is no longer written: the file may not become larger; nothing is in it, and the recording ` +
      "goes on\n",
  );
  expect({ status, verdict: stdout.includes("Recorded for") }).toEqual({ status: 0, verdict: true });
});

test("--json: one document, and nothing else", async () => {
  const { code, stdout, stderr } = await sqlock([...SAMPLED, "--for", "300ms", "--json", newDatabase("wal")]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1 });
});

test.each<[string, number]>([
  ["exit 7", 7],
  ["kill -TERM $$", 143],
  ["true", 0],
])("-- COMMAND has stdout, and its exit code is that of sqlock: %s", async (script, expected) => {
  const { code, stdout, stderr } = await sqlock([
    ...SAMPLED,
    ...AS_CALLER,
    newDatabase("wal"),
    "--",
    "sh",
    "-c",
    `echo out; ${script}`,
  ]);
  expect({ code, stdout }).toEqual({ code: expected, stdout: "out\n" });
  expect(stderr).toMatch(/^sqlock: recording /);
  expect(stderr).toContain("Recorded for");
});

test("signals are passed on to the command, which decides what becomes of them", async () => {
  const script = `trap 'echo got; exit 5' TERM; echo ready; while :; do sleep 0.05; done`;
  const recorder = spawn(NODE, [BIN, ...SAMPLED, ...AS_CALLER, newDatabase("wal"), "--", "bash", "-c", script], {
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
  });
  let out = "";
  recorder.stdout.on("data", (data: Buffer) => (out += data.toString()));
  await until("the command runs", () => out.includes("ready"));
  recorder.kill("SIGTERM");
  const code = await new Promise((resolve) => recorder.once("close", resolve));
  expect({ code, out }).toEqual({ code: 5, out: "ready\ngot\n" });
});

test("the kernel's source: who waited for whom, from the start of the command, and no value", async (context) => {
  need(context, isRoot, "root");
  const database = newDatabase("wal");
  const file = join(dirname(database), "x.jsonl");
  const holder = await startHolder();
  await holder.run(`${connect(database)}; c.execute("begin immediate"); c.execute("insert into t values (1)")`);
  const program = join(dirname(database), "program.py");
  writeFileSync(
    program,
    [
      "import sqlite3, sys",
      `c = sqlite3.connect(${JSON.stringify(database)}, timeout=0.3, isolation_level=None)`,
      "try: c.execute('insert into t values (4711)')",
      "except sqlite3.OperationalError: sys.exit(3)",
    ].join("\n"),
  );
  const { code, stderr } = await sqlock([
    "record",
    ...AS_CALLER,
    "-o",
    file,
    database,
    "--",
    "/usr/bin/python3",
    program,
  ]);
  if (stderr.includes("source: sampled")) context.skip("needs the kernel's trace events");
  expect(code).toBe(3);
  expect(stderr).toContain(`${holder.pid} (`);
  const wait = linesOf(file).find(({ type }) => type === "wait");
  expect(wait).toMatchObject({ lock: "WRITE", blockers: [{ pid: holder.pid, lock: "WRITE" }] });
  expect(readFileSync(file, "utf8")).not.toContain("4711");
});

test("a child that closes what it inherited, and then executes a program, has the name of that", async (context) => {
  need(context, isRoot, "root");
  const database = newDatabase("wal");
  const file = join(dirname(database), "x.jsonl");
  const program = join(dirname(database), "program.py");
  const waits = [
    "import os, sqlite3, sys, time",
    `def recorded(what, untilS=time.monotonic() + 20):`,
    `  while what not in open(${JSON.stringify(file)}).read() and time.monotonic() < untilS: time.sleep(0.02)`,
    `c = sqlite3.connect(${JSON.stringify(database)}, isolation_level=None)`,
    "c.execute('select * from t').fetchall()",
  ].join("\n");
  const other = `${waits}\nrecorded('"other-program"')`;
  writeFileSync(
    program,
    [
      waits,
      "if os.fork() == 0:",
      "  os.closerange(3, 64)",
      "  recorded(f'\"pid\":{os.getpid()},')",
      `  os.execv(sys.executable, ["other-program", "-c", ${JSON.stringify(other)}])`,
      "os.wait()",
    ].join("\n"),
  );
  const { stderr } = await sqlock(["record", ...AS_CALLER, "-o", file, database, "--", "/usr/bin/python3", program]);
  if (stderr.includes("source: sampled")) context.skip("needs the kernel's trace events");
  const last = linesOf(file).findLast(({ type }) => type === "process");
  expect(last).toMatchObject({ commandLine: ["other-program", "-c", other] });
  expect(stderr).toContain("other-program");
});

test("root in the folder of another user: the file is made as that user, and no link is followed", async (context) => {
  need(context, isRoot, "root");
  const database = newDatabase("wal");
  const folder = tempFolder();
  const MALLORY = 41_234;
  chownSync(folder, MALLORY, MALLORY);
  const secret = join(tempFolder(), "secret");
  symlinkSync(secret, join(folder, "link"));
  const linked = await sqlock([...SAMPLED, "--for", "100ms", "-o", join(folder, "link"), database]);
  expect({ code: linked.code, exists: existsSync(secret) }).toEqual({ code: 2, exists: false });
  const file = join(folder, "x.jsonl");
  const { code, stderr } = await sqlock([...SAMPLED, "--for", "100ms", "-o", file, database]);
  expect(code).toBe(0);
  expect(stderr).toContain(`${file} belongs to uid ${MALLORY}, the owner of its folder, who can read it`);
  expect(statSync(file)).toMatchObject({ uid: MALLORY });
  expect((await sqlock([...SAMPLED, "--force", "-o", file, database])).code).toBe(2);
});

test("--pid of no process that runs is one line", async () => {
  const { code, stderr } = await sqlock(["record", "--pid", "4194304", newDatabase("wal")]);
  expect([code, stderr]).toEqual([
    2,
    "sqlock: --pid 4194304: no such process is running; give a PID that sqlock who-holds shows\n",
  ]);
});
