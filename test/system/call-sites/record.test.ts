/** `record -- COMMAND`: which line of code opened, wrote, waited, and was refused; with samples and with the kernel. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type TestContext, test } from "vitest";
import { linesOfFile } from "../../record/recording.ts";
import { MALLORY } from "../../support/attacker.ts";
import { folderOfUser, linesOf, recordScript, type Source, textAt } from "../../support/call-sites.ts";
import { pythonOf } from "../../support/hold.ts";
import { pythonPath } from "../../support/holder.ts";
import { startProgram } from "../../support/program.ts";
import { isRoot } from "../../support/skip.ts";
import { AS_CALLER, BIN, NODE, sqlock } from "../../support/sqlock.ts";
import { tempFolder } from "../../support/temp.ts";
import { needTracing } from "../../support/tracefs.ts";
import { until } from "../../support/until.ts";

const SOURCES: readonly Source[] = ["sampled", "kernel"];

function needSource(context: TestContext, source: Source): void {
  if (source === "kernel") needTracing(context);
}

/** One thread writes for 400 ms; a second one of another process waits, a third one has no timeout. */
const CONTENTION = `import os, sqlite3, sys, threading
DB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "app.db")

def connect(timeout=20):
    return sqlite3.connect(DB, timeout=timeout)

def hold(begun, go_on):
    c = connect()
    c.execute("INSERT INTO t VALUES (1)")
    begun.set()
    go_on.wait()
    c.execute("INSERT INTO t VALUES (2)")
    c.commit()
    c.close()

def wait_for_it():
    c = connect()
    print("waiting", flush=True)
    c.execute("INSERT INTO t VALUES (3)")
    c.commit()
    c.close()

def refused():
    c = connect(0)
    try:
        c.execute("INSERT INTO t VALUES (4)")
    except sqlite3.OperationalError as error:
        print(error, flush=True)
    c.close()

if sys.argv[1:] == ["wait"]:
    wait_for_it()
elif sys.argv[1:] == ["refused"]:
    refused()
else:
    import subprocess
    c = connect()
    c.execute("PRAGMA journal_mode = WAL")
    c.execute("CREATE TABLE t (a)")
    c.close()
    begun, go_on = threading.Event(), threading.Event()
    holder = threading.Thread(target=hold, args=(begun, go_on), name="holder")
    holder.start()
    begun.wait()
    subprocess.run([sys.executable, __file__, "refused"])
    waiter = subprocess.Popen([sys.executable, __file__, "wait"], stdout=subprocess.PIPE)
    waiter.stdout.readline()
    begun.clear(); begun.wait(0.4)
    go_on.set()
    holder.join()
    waiter.wait()
    sys.exit(7)
`;

test.for(SOURCES)("%s: who waited for whom, at which lines", async (source, context) => {
  needSource(context, source);
  const traced = await recordScript(CONTENTION, { source });
  expect({ code: traced.code, stdout: traced.stdout }).toEqual({ code: 7, stdout: "database is locked\n" });
  const at = (site: Parameters<typeof textAt>[1]) => textAt(CONTENTION, site);

  const transactions = linesOf(traced, "transaction");
  const held = transactions.find(({ callSite }) => callSite?.thread === "holder");
  expect(at(held?.callSite)).toBe('c.execute("INSERT INTO t VALUES (1)")');
  expect(held).toMatchObject({ outcome: "commit", callSite: { function: "hold", task: null } });
  expect(at(held?.program?.wroteAt)).toBe('c.execute("INSERT INTO t VALUES (1)")');
  expect(at(held?.program?.endedAt)).toBe("c.commit()");
  expect(at(held?.program?.pause?.after)).toBe('c.execute("INSERT INTO t VALUES (1)")');
  expect(at(held?.program?.pause?.before)).toBe('c.execute("INSERT INTO t VALUES (2)")');
  expect(held?.program?.pause?.ms).toBeGreaterThan(350);

  const waits = linesOf(traced, "wait").filter(({ waitedMs }) => waitedMs > 200);
  expect(waits).toHaveLength(1);
  const [wait] = waits;
  expect(at(wait?.callSite)).toBe('c.execute("INSERT INTO t VALUES (3)")');
  expect(wait).toMatchObject({ lock: "WRITE", outcome: "granted" });
  expect(wait?.pid).not.toBe(held?.pid);
  expect(wait?.blockers[0]).toMatchObject({ pid: held?.pid, callSite: { thread: "holder" } });
  expect(at(wait?.blockers[0]?.callSite)).toBe('c.execute("INSERT INTO t VALUES (1)")');
  expect(wait?.sure).toBe(source === "sampled" ? "likely" : undefined);

  // with the kernel's events one that was refused once is a wait that gave up at once
  const refused = [...linesOf(traced, "refusal"), ...linesOf(traced, "wait")].filter(
    ({ result }) => result === "SQLITE_BUSY",
  );
  expect(refused).toHaveLength(1);
  expect(at(refused[0]?.callSite)).toBe('c.execute("INSERT INTO t VALUES (4)")');
  expect(at(refused[0]?.blockers?.[0]?.callSite)).toBe('c.execute("INSERT INTO t VALUES (1)")');

  const connections = linesOf(traced, "connection");
  expect(connections.map(({ closed, timeoutMs }) => [closed, timeoutMs]).sort()).toEqual([
    ["closed", 0],
    ["closed", 20_000],
    ["closed", 20_000],
    ["closed", 20_000],
  ]);
  const byHolder = connections.find(({ openedAt }) => openedAt?.thread === "holder");
  expect(at(byHolder?.openedAt)).toBe("return sqlite3.connect(DB, timeout=timeout)");
  expect(byHolder?.openedAt?.calledFrom?.map(({ function: name }) => name)).toContain("hold");
  expect(linesOf(traced, "database")[0]).toMatchObject({ change: "found", path: join(traced.folder, "app.db") });
  expect(linesOf(traced, "unknown").filter(({ what }) => what === "call-site")).toEqual([]);
});

test("a given database alone is recorded, also by a name that is a link", async () => {
  const script = `import os, sqlite3
folder = os.path.dirname(os.path.abspath(__file__))
os.symlink("app.db", os.path.join(folder, "link.db"))
for name in "link.db", "other.db":
    c = sqlite3.connect(os.path.join(folder, name))
    c.execute("CREATE TABLE t (a)")
    c.close()
`;
  const folder = folderOfUser();
  const database = join(folder, "app.db");
  const traced = await recordScript(script, { source: "sampled", databases: [database], folder });
  expect(linesOf(traced, "connection")).toMatchObject([{ path: database, closed: "closed" }]);
});

test("values never reach the recording: neither bound ones nor literals", async () => {
  const script = `import os, sqlite3
c = sqlite3.connect(os.path.join(os.path.dirname(os.path.abspath(__file__)), "app.db"))
c.execute("CREATE TABLE t (a UNIQUE)")
c.execute("INSERT INTO t VALUES ('hunter2')")
c.execute("INSERT INTO t VALUES (?)", ("hunter22",))
try: c.execute("INSERT INTO t VALUES (?)", ("hunter22",))
except sqlite3.IntegrityError: pass
c.executemany("INSERT INTO t VALUES (?)", [("hunter23",)])
c.executescript("INSERT INTO t VALUES ('hunter24');")
c.commit()
`;
  const traced = await recordScript(script, { source: "sampled" });
  expect(linesOf(traced, "transaction").length).toBeGreaterThan(0);
  expect(JSON.stringify(traced.lines)).not.toContain("hunter2");
});

const USES = "import os, sqlite3\nc = sqlite3.connect(os.path.dirname(os.path.abspath(__file__)) + '/app.db')\n";
const HOLDS = `${USES}import time
c.execute("CREATE TABLE IF NOT EXISTS t (a)"); c.execute("BEGIN IMMEDIATE"); time.sleep(0.3)
`;

test.for([
  ["python -I", ["-I"], "-I ignores"],
  ["python -S", ["-S"], "-S ignores"],
  ["python -E", ["-E"], "-E ignores"],
] as const)("%s: it runs, and one line says why there are no lines of code", async ([, options, why]) => {
  const folder = folderOfUser();
  const through = [pythonOf(MALLORY), ...options];
  const traced = await recordScript(HOLDS, { source: "sampled", databases: [join(folder, "app.db")], folder, through });
  expect(traced.code).toBe(0);
  const told = traced.stderr.split("\n").filter((line) => line.startsWith("sqlock: no lines of code are recorded"));
  expect(told).toHaveLength(1);
  expect(told[0]).toContain(why);
  expect(linesOf(traced, "unknown")).toContainEqual(
    expect.objectContaining({ what: "call-site", why: "python-option", pids: [expect.any(Number)] }),
  );
  expect(linesOf(traced, "lock").length).toBeGreaterThan(0);
});

test("env -i: the same", async () => {
  const folder = folderOfUser();
  const through = ["env", "-i", pythonOf(MALLORY)];
  const traced = await recordScript(HOLDS, { source: "sampled", databases: [join(folder, "app.db")], folder, through });
  expect(traced.stderr).toContain("env -i gives its command another environment");
  expect(linesOf(traced, "unknown")).toContainEqual(expect.objectContaining({ what: "call-site", why: "environment" }));
});

test("a program that the command starts without the tracer is named", async () => {
  const folder = folderOfUser();
  const holds = HOLDS.replace("os.path.dirname(os.path.abspath(__file__))", `'${folder}'`);
  const script = `${USES}import subprocess, sys
child = subprocess.run([sys.executable, "-I", "-c", """${holds}"""])
`;
  const traced = await recordScript(script, { source: "sampled", databases: [join(folder, "app.db")], folder });
  expect(linesOf(traced, "unknown")).toContainEqual(
    expect.objectContaining({ what: "call-site", why: "no-tracer", pids: [expect.any(Number)] }),
  );
});

test("--no-call-sites: no tracer, and nothing of it in the environment", async () => {
  const traced = await recordScript(
    `${USES}print([v for v in os.environ if v in ("SQLOCK_TRACE", "PYTHONPATH", "NODE_OPTIONS")])\n`,
    {
      ...{ source: "sampled", options: ["--no-call-sites"], databases: [join(folderOfUser(), "x.db")] },
    },
  );
  expect(traced.stdout).toBe("[]\n");
  expect(linesOf(traced, "connection")).toEqual([]);
  const { code, stderr } = await sqlock(["record", "--no-call-sites", "x.db"]);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: "sqlock: --no-call-sites needs a command; give the command after --, or leave it out\n",
  });
});

const LOOP = `import os, sqlite3, sys, time
c = sqlite3.connect(os.path.join(os.path.dirname(os.path.abspath(__file__)), "app.db"), isolation_level=None)
c.execute("CREATE TABLE IF NOT EXISTS t (a)")
c.execute("PRAGMA synchronous = OFF")
print("ready", flush=True)
for i in range(2000):
    c.execute("BEGIN"); c.execute("INSERT INTO t VALUES (1)"); c.execute("COMMIT")
sys.stdin.read()
for i in range(2000):
    c.execute("BEGIN"); c.execute("INSERT INTO t VALUES (1)"); c.execute("COMMIT")
print("done", c.execute("SELECT count(*) FROM t").fetchone()[0], flush=True)
`;

test("a recorder that is killed leaves a program that goes on as before", async () => {
  const TMPDIR = tempFolder();
  const folder = folderOfUser();
  const script = join(folder, "app.py");
  execFileSync("tee", [script], { input: LOOP });
  const words = [NODE, BIN, "record", ...AS_CALLER, "--source", "sampled", "--", pythonPath(), script];
  const program = startProgram(words, { env: { ...(process.env as Record<string, string>), TMPDIR } });
  await program.prints(/ready/);
  process.kill(program.pid, "SIGKILL");
  program.type("");
  program.endInput();
  await program.prints(/done 4000/);
  await until("no folder is left", () => isEmpty(TMPDIR));
});

/** Of a recorder with this TMPDIR. */
const isEmpty = (folder: string) => readdirSync(folder).length === 0;

test("no folder is left, also not where the command cannot be started, or the recording ends before it", async () => {
  const TMPDIR = folderOfUser();
  const folder = folderOfUser();
  await recordScript(USES, { source: "sampled", folder, options: ["--for", "50ms"], env: { TMPDIR } });
  await sqlock(["record", ...AS_CALLER, "--", "/nonexistent"], { cwd: folder, env: { TMPDIR } });
  await until("no folder is left", () => isEmpty(TMPDIR));
});

test("a command that goes on after --for is not disturbed", async () => {
  const traced = await recordScript(`${LOOP.replace("sys.stdin.read()", "time.sleep(0.5)")}`, {
    ...{ source: "sampled", options: ["--for", "200ms"] },
  });
  expect({ code: traced.code, stdout: traced.stdout }).toEqual({ code: 0, stdout: "ready\ndone 4000\n" });
  expect(linesOf(traced, "summary")).toHaveLength(1);
});

test("as root the command of another user is traced, and its pipe belongs to that user alone", async (context) => {
  if (!isRoot) return context.skip("needs root");
  const script = `${USES}import stat
folder = os.environ["SQLOCK_TRACE"]
pipe, inside = os.stat(folder + "/events"), os.stat(folder)
print(pipe.st_uid, oct(stat.S_IMODE(pipe.st_mode)), inside.st_uid, os.access(folder, os.W_OK))
c.execute("CREATE TABLE t (a)"); c.execute("INSERT INTO t VALUES (1)"); c.commit()
`;
  const traced = await recordScript(script, { source: "kernel", options: ["--user", String(MALLORY)] });
  expect(traced.stdout).toBe(`${MALLORY} 0o600 0 False\n`);
  expect(linesOf(traced, "connection")).toHaveLength(1);
  const status = readFileSync("/proc/self/status", "utf8");
  expect(status).toContain("Uid:\t0");
});

test("record within record: both work, and so does the program", async () => {
  const folder = folderOfUser();
  const inner = [NODE, BIN, "record", ...AS_CALLER, "--source", "sampled", "--", pythonPath()];
  const script = `${USES}c.execute("CREATE TABLE t (a)"); c.close(); print("done")\n`;
  writeFileSync(join(folder, "app.py"), script);
  const outer = await sqlock(["record", ...AS_CALLER, "--source", "sampled", "--", ...inner, join(folder, "app.py")]);
  expect({ code: outer.code, stdout: outer.stdout }).toEqual({ code: 0, stdout: "done\n" });
  expect(outer.stderr).not.toMatch(/RecursionError|Traceback/);
});

test("a worker thread of Node.js that ends leaves the connections of the others", async () => {
  const folder = folderOfUser();
  const sqlite = join(import.meta.dirname, "../../../node_modules/better-sqlite3");
  writeFileSync(
    join(folder, "app.cjs"),
    `const { Worker, isMainThread } = require("node:worker_threads");
const db = new (require(${JSON.stringify(sqlite)}))(${JSON.stringify(join(folder, "app.db"))});
if (!isMainThread) db.prepare("select 1").get();
else {
  db.exec("create table t(a)");
  new Worker(__filename).on("exit", () => {
    db.exec("begin immediate");
    db.exec("insert into t values (1)");
    db.exec("commit");
    db.close();
  });
}
`,
  );
  const file = join(tempFolder(), "x.jsonl");
  const words = ["record", ...AS_CALLER, "--source", "sampled", "--min-wait", "0", "-o", file];
  await sqlock([...words, "--", NODE, join(folder, "app.cjs")], { cwd: folder });
  const lines = linesOfFile(file);
  const closed = lines.flatMap((line) => (line.type === "connection" ? [[line.openedAt?.thread, line.closed]] : []));
  expect(closed).toContainEqual([null, "closed"]);
  expect(lines).toContainEqual(expect.objectContaining({ type: "transaction", outcome: "commit", kind: "write" }));
});
