/** The pipe of a traced command, read by root: what a hostile program writes into it. */
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { give, MALLORY, needRoot, VICTIM } from "../support/attacker.ts";
import { folderOfUser, linesOf, recordScript, type Source } from "../support/call-sites.ts";
import { startHolder } from "../support/holder.ts";
import { HOSTILE, OBEYED } from "../support/hostile-names.ts";
import { repetitions } from "../support/soak.ts";
import { connect, newDatabase } from "../support/sqlite.ts";
import { needTracing } from "../support/tracefs.ts";

const WRITES = `import json, os, random, sys, time
fd = os.open(os.environ["SQLOCK_TRACE"] + "/events", os.O_RDWR | os.O_NONBLOCK)
pid = os.getpid()
ticks = lambda of: open("/proc/%d/stat" % of).read().rpartition(")")[2].split()[19]
now = lambda: time.monotonic_ns() // 1000
count = 0
def write(data):
    global count
    try:
        os.write(fd, data)
        count += 1
    except BlockingIOError:
        pass
def tell(*message):
    write(json.dumps(message).encode() + b"\\n")
`;

const OPTIONS = ["--user", String(MALLORY)];

test("a flood of garbage: the recording goes on, ends in time, and its memory stays small", async (context) => {
  needRoot(context);
  const seconds = repetitions(10, 2);
  const script = `${WRITES}
random.seed(1)
end = time.time() + ${seconds}
kinds = ["hello", "site", "sql", "who", "open", "close", "call", "end", "misuse", "bye", "x"]
values = [0, 1, -1, 2**53, 1e300, None, True, "", "x" * 3000, [], {}, [[["a", 1, None]]], "\\x1b]0;owned\\x07"]
recorder = os.getppid()
largest = 0
while time.time() < end:
    for i in range(200):
        tell("hello", pid, i, 1, ticks(pid), "python", "3")
        fields = random.choices(values, k=random.randrange(14))
        tell(random.choice(kinds), random.choice([pid, 1, 2**22, -5]), i, *fields)
        write(os.urandom(random.randrange(1, 4000)))
        write(b"[" * random.randrange(1, 4000))
        write(b"\\n" * random.randrange(1, 4000))
    largest = max(largest, int(open("/proc/%d/statm" % recorder).read().split()[1]) * 4096)
print(count > 100, largest < 250e6)
`;
  const traced = await recordScript(script, { source: "sampled", options: OPTIONS });
  expect({ code: traced.code, stdout: traced.stdout }).toEqual({ code: 0, stdout: "True True\n" });
  expect(traced.stderr).not.toMatch(OBEYED);
  expect(linesOf(traced, "summary")).toHaveLength(1);
});

test.for<Source>(["sampled", "kernel"])("%s: a program that claims to be another user's", async (source, context) => {
  needRoot(context);
  if (source === "kernel") needTracing(context);
  const database = newDatabase("wal");
  give(database, VICTIM, 0o666);
  give(join(database, ".."), VICTIM, 0o777);
  const victim = await startHolder({ uid: VICTIM });
  await victim.run(`${connect(database)}
c.execute("BEGIN IMMEDIATE")`);
  const script = `${WRITES}
victim = ${victim.pid}
for start in (ticks(victim), ticks(pid)):
    tell("hello", victim, 0, 1, start, "python", "3")
    tell("site", victim, 1, 1, [["/framed.py", 1, "f"]], False)
    tell("who", victim, 2, 1, victim, None, None)
    tell("open", victim, 3, 1, 1, 1, now(), now(), "sqlite3", ${JSON.stringify(database)}, {})
    tell("call", victim, 4, 1, 1, 1, 0, 0, now() + 10**9, "bw", 1, 5, None)
tell("hello", pid, 0, 1, ticks(pid), "python", "3")
time.sleep(0.5)
`;
  const traced = await recordScript(script, { source, options: OPTIONS, databases: [database] });
  await victim.run("c.rollback()");
  expect(linesOf(traced, "lock").length).toBeGreaterThan(0);
  expect(JSON.stringify(traced.lines)).not.toContain("framed");
  expect(linesOf(traced, "unknown")).toContainEqual(
    expect.objectContaining({ what: "call-site", why: "pid-namespace", pids: [] }),
  );
});

test("names of files, functions, threads, drivers and results: no terminal obeys them", async (context) => {
  needRoot(context);
  const folder = folderOfUser();
  const database = join(folder, "app.db");
  const script = `${WRITES}
evil = ${JSON.stringify(HOSTILE)}
start, long = ticks(pid), evil * 40
tell("hello", pid, 0, 1, start, "python", evil)
tell("site", pid, 1, 1, [["/srv/" + evil, 7, evil], ["/srv/" + long[:900], 8, long[:900]]], False)
tell("who", pid, 2, 1, pid, evil, evil)
tell("sql", pid, 3, 1, "insert into t values ('hunter2') -- " + evil, 0)
tell("open", pid, 4, 1, 1, 1, now(), now(), evil, ${JSON.stringify(database)}, {"timeoutMs": 0, "memory": evil})
for i in range(30):
    tell("call", pid, 5 + i, 1, 1, 1, 1, now(), now() + 50000, "e", 1, 5, "SQLITE_BUSY" + evil)
tell("misuse", pid, 40, "used-after-close", 1, 1, 1, now(), None)
tell("close", pid, 41, 1, 1, 1, now(), "collected")
tell("bye", pid, 42)
time.sleep(0.3)
`;
  const traced = await recordScript(script, { source: "sampled", options: OPTIONS, databases: [database], folder });
  expect(linesOf(traced, "misuse")).toHaveLength(1);
  expect(linesOf(traced, "refusal").length + linesOf(traced, "wait").length).toBeGreaterThan(0);
  for (const text of [traced.stderr, traced.lines.map((line) => JSON.stringify(line)).join("\n")])
    expect(text).not.toContain("hunter2");
  expect(traced.stderr).not.toMatch(OBEYED);
});

test("the user can read the tracers, and not change them", async (context) => {
  needRoot(context);
  const script = `import os
python, node = os.environ["PYTHONPATH"], os.environ["NODE_OPTIONS"].split()[1]
print(os.path.isfile(python + "/sitecustomize.py"), os.access(python, os.W_OK))
print(os.access(node, os.R_OK), os.access(node, os.W_OK))
import sqlite3
print(sqlite3.Connection.__mro__[1].__name__, sqlite3.Connection.__mro__[1] is sqlite3.Connection)
`;
  const traced = await recordScript(script, { source: "sampled", options: OPTIONS });
  expect(traced.stdout).toBe("True False\nTrue False\nConnection False\n");
  chmodSync(traced.folder, 0o755);
  expect(readFileSync(join(traced.folder, "app.py"), "utf8")).toBe(script);
});
