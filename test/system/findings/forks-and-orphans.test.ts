/** Connections carried over fork(2), and processes that a session has left behind. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { literal } from "../../support/connection.ts";
import { followRemedy, theFinding } from "../../support/findings.ts";
import { type Holder, pythonPath, startHolder } from "../../support/holder.ts";
import { connect, holding, newDatabase } from "../../support/sqlite.ts";
import { holderOf, lookAt } from "../../support/sqlock.ts";
import { tempFolder } from "../../support/temp.ts";
import { SELDOM_MS, until } from "../../support/until.ts";

/** Ends a process that is not a child of the test's, when the test ends. */
function killAtEnd(...pids: readonly number[]): void {
  onTestFinished(() => {
    for (const pid of pids) process.kill(pid, "SIGKILL");
  });
}

/** A child of the holder made by fork(2), which does what the Python text says, and then nothing more. */
async function fork(holder: Holder, python = ""): Promise<number> {
  const child = (await holder.run(`
ready, tell = os.pipe()
answer = os.fork()
if answer == 0:
${`${python}\nos.write(tell, b"1")`.replaceAll(/^/gm, "    ")}
    while True: time.sleep(1000)
os.read(ready, 1)`)) as number;
  killAtEnd(child);
  return child;
}

const READ = `c.execute("select count(*) from t").fetchall()`;

test.each(["delete", "wal"] as const)("%s: a child that has its parent's connection", async (mode) => {
  const database = await newDatabase(mode);
  const parent = await holding(database, READ);
  const child = await fork(parent);
  const finding = theFinding(await lookAt(database), "inherited-handle");
  expect(finding).toMatchObject({ severity: "warning", pids: [child] });
  expect(finding.summary.includes("likely")).toBe(mode === "delete");
});

test("what it warns of: the child of a WAL connection has no locks even in a connection of its own", async () => {
  const database = await newDatabase("wal");
  const parent = await holding(database, READ);
  const child = await fork(
    parent,
    `d = sqlite3.connect(${literal(database)}, isolation_level=None); d.execute("begin"); d.execute("select ` +
      'count(*) from t").fetchall()',
  );
  const finding = theFinding(await lookAt(database), "lost-locks");
  expect(finding).toMatchObject({
    severity: "error",
    pids: [child],
    detail: expect.stringContaining(`those of its parent ${parent.pid}: likely it was forked`),
  });
});

test.each(["delete", "wal"] as const)(
  "silent: %s: workers that each open their own after the fork, as a pre-fork server's",
  async (mode) => {
    const database = await newDatabase(mode);
    const server = await startHolder();
    for (let i = 0; i < 3; i++) await fork(server, `${connect(database)}\n${READ}`);
    const seen = await lookAt(database);
    expect(seen.holders).toHaveLength(3);
    expect(seen.findings).toEqual([]);
  },
);

test("silent: programs that a holder starts again and again (fork and exec)", async () => {
  const database = await newDatabase("wal");
  const parent = await holding(database, READ);
  parent.begin(`
import subprocess
end = time.monotonic() + 20
while time.monotonic() < end:
    subprocess.Popen(["/bin/true"], preexec_fn=lambda: None).wait()`);
  parent.answer().catch(() => {}); // the test's end kills it
  for (let i = 0; i < 10; i++) expect((await lookAt(database)).findings).toEqual([]);
});

test(
  "silent: a worker that its parent's program starts anew (fork and exec), with its own connection on the same " +
    "descriptor",
  async () => {
    const database = await newDatabase();
    const parent = await holding(database, READ);
    const worker = `import sqlite3, sys, time\n${connect(database)}\n${READ}\nprint(c, flush=True)\ntime.sleep(1000)`;
    const child = (await parent.run(`
import subprocess
child = subprocess.Popen([sys.executable, "-S", "-c", ${literal(worker)}], stdout=subprocess.PIPE)
child.stdout.readline()
answer = child.pid`)) as number;
    killAtEnd(child);
    const seen = await lookAt(database);
    const fds = seen.holders.map((holder) => holder.handles.map(({ fd }) => fd));
    expect(fds).toEqual([fds[0], fds[0]]); // else it would prove nothing
    expect(seen.findings).toEqual([]);
  },
);

/** A holder whose session's leader, a shell, has gone or stays. */
async function inSession(database: string, leader: "dies" | "lives"): Promise<number> {
  const told = join(tempFolder(), "pid");
  const program = `
import os, sqlite3, sys, time
${connect(database)}
c.execute("begin immediate")
with open(${literal(`${told}.new`)}, "w") as f: f.write(str(os.getpid()))
os.rename(${literal(`${told}.new`)}, ${literal(told)})
while True: time.sleep(1000)`;
  const shell =
    leader === "dies" ? 'nohup "$0" -S -c "$1" > /dev/null 2>&1 &' : 'nohup "$0" -S -c "$1" > /dev/null 2>&1 & cat';
  // Python, which is to start the shell in a session of its own
  const session = await startHolder({ through: ["setsid", "--wait"] });
  session.begin(`
import subprocess
command = ["sh", "-c", ${literal(shell)}, ${literal(pythonPath())}, ${literal(program)}]
shell = subprocess.Popen(command, start_new_session=True, stdin=subprocess.PIPE)
answer = shell.wait() if ${leader === "dies" ? "True" : "False"} else None`);
  await session.answer();
  const pid = await until("it holds", () => {
    const cat = spawnSync("cat", [told], { encoding: "utf8" });
    return cat.status === 0 && Number(cat.stdout);
  });
  killAtEnd(pid);
  return pid;
}

test("left over from a session whose leader died; silent next to it: nohup in a live session", async (context) => {
  const [left, kept] = [await newDatabase(), await newDatabase()];
  const orphan = await inSession(left, "dies");
  const other = await inSession(kept, "lives");
  const seen = await lookAt(left);
  if (holderOf(seen, orphan).container !== null || holderOf(seen, orphan).unit?.endsWith(".service") === true)
    context.skip("skipped: needs a session of its own");
  expect(theFinding(seen, "orphaned-holder")).toMatchObject({ severity: "info", pids: [orphan] });
  const forgotten = await until(
    "it has not run for half a second",
    async () => {
      const look = await lookAt(left, ["--stale-after", "500ms"]);
      return holderOf(look, orphan).stale.includes("idle-in-transaction") && look;
    },
    SELDOM_MS,
  );
  const finding = theFinding(forgotten, "orphaned-holder");
  expect(finding).toMatchObject({
    severity: "warning",
    summary: expect.stringContaining(", and blocks other processes"),
  });
  expect(followRemedy(finding, /ps -o \S+ -p \d+/)).toContain(String(orphan));
  expect((await lookAt(kept)).findings.map(({ id }) => id)).not.toContain("orphaned-holder");
  expect(holderOf(await lookAt(kept), other).stale).toEqual([]);
});
