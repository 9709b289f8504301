/**
 * `record` as root, beside a hostile user's programs: what its commands inherit, what its outputs show of names and
 * statements, and whom it names.
 */
import { lchownSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { getPriority } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DatabaseFiles } from "../../src/features/kernel-source/files.ts";
import { databaseOf, folderOf, give, MALLORY, needRoot, startRacer, VICTIM } from "../support/attacker.ts";
import { pythonOf } from "../support/hold.ts";
import { startHolder } from "../support/holder.ts";
import { HOSTILE, OBEYED } from "../support/hostile-names.ts";
import { startProgram } from "../support/program.ts";
import { repetitions } from "../support/soak.ts";
import { connect, newDatabase } from "../support/sqlite.ts";
import { sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { needTracing } from "../support/tracefs.ts";

/** What M chooses is in these alone, and they are one line. */
const ONE_LINE = /^SQLOCK_(?!DATABASE=)\w+=/;
const SECRET = "hunter2";

const as = (uid: number) => ["setpriv", `--reuid=${uid}`, `--regid=${uid}`, "--clear-groups", pythonOf(uid)];

/** Waits half a second with a statement that is made to mislead, in a process of such a name. */
const MISLEADS = `
import ctypes, sqlite3, sys
database, name = sys.argv[1:3]
ctypes.CDLL(None).prctl(15, name.encode()[:15], 0, 0, 0)
c = sqlite3.connect(database, timeout=0.5, isolation_level=None)
sql = 'insert into "' + name.replace('"', "") + '" values (\\'${SECRET}\\')'
try: c.execute(sql)
except sqlite3.OperationalError: pass
try: c.execute("insert into t /* " + "x" * 1000000 + name + " */ values ('${SECRET}')")
except sqlite3.OperationalError: pass
`;

test("names and statements that mislead: no terminal obeys them, and each is one line", async (context) => {
  needRoot(context);
  needTracing(context);
  const folder = folderOf(MALLORY);
  const database = databaseOf(MALLORY, "wal", folder);
  const holder = await startHolder();
  await holder.run(`${connect(database)}
c.execute('create table "' + ${JSON.stringify(HOSTILE)}.replace('"', "") + '" (a)')
c.execute("begin immediate")`);
  const out = tempFolder();
  const run = `env -0 > ${out}/env; ls -l /proc/self/fd > ${out}/fds; nice > ${out}/nice`;
  const script = join(out, "misleads.py");
  writeFileSync(script, MISLEADS);
  const file = join(out, "x.jsonl");
  const { code, stdout, stderr } = await sqlock([
    ...["record", "--user", String(MALLORY), "-o", file, "--on-wait", "100ms", "--run", run, database],
    ...["--", pythonOf(MALLORY), script, database, HOSTILE],
  ]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
  expect(stderr).toContain("the kernel's lock events");
  for (const text of [stderr, readFileSync(file, "utf8")]) {
    expect(text).not.toMatch(OBEYED);
    expect(text).not.toMatch(/^ {2}curl|^│ 1/m);
    expect(text).not.toContain(SECRET);
  }
  expect(readFileSync(file, "utf8")).toContain("values (?)");
  for (const line of readFileSync(file, "utf8").trimEnd().split("\n")) expect(JSON.parse(line)).toHaveProperty("type");
  const variables = readFileSync(join(out, "env"), "utf8").split("\0");
  const ofOthers = variables.filter((each) => ONE_LINE.test(each));
  expect(ofOthers.length).toBeGreaterThan(15);
  for (const each of ofOthers) {
    expect(each).not.toMatch(OBEYED);
    expect(each).not.toContain("\n");
    expect(each).not.toContain(SECRET);
    expect(each.length).toBeLessThan(1100);
  }
  expect(readFileSync(join(out, "fds"), "utf8")).not.toMatch(/-> (?:\/proc\/[^0-9]|\/sys)|anon_inode|\.jsonl|\.db/);
  expect(Number(readFileSync(join(out, "nice"), "utf8"))).toBe(getPriority());
});

test("the command after -- gets no descriptor and no priority of the recorder's", async (context) => {
  needRoot(context);
  needTracing(context);
  const [out, database] = [tempFolder(), newDatabase("wal")];
  const run = `ls -l /proc/self/fd > ${out}/fds; nice > ${out}/nice`;
  const { code } = await sqlock([
    "record",
    "--user",
    "root",
    "-o",
    join(out, "x.jsonl"),
    database,
    "--",
    "sh",
    "-c",
    run,
  ]);
  expect(code).toBe(0);
  expect(readFileSync(join(out, "fds"), "utf8")).not.toMatch(/-> (?:\/proc\/[^0-9]|\/sys)|anon_inode|\.jsonl|\.db/);
  expect(Number(readFileSync(join(out, "nice"), "utf8"))).toBe(getPriority());
});

/** Locks as SQLite does when it opens a database in WAL mode, with a file of his own as the -shm. */
const IMITATES = `
import fcntl, os, struct, sys, time
database, fake = (os.open(path, os.O_RDONLY) for path in sys.argv[1:3])
def lock(fd, type, start, length):
    try: fcntl.fcntl(fd, fcntl.F_SETLK, struct.pack("hhqqi4x", type, 0, start, length, 0))
    except OSError: pass
print("ready", flush=True)
while True:
    lock(database, fcntl.F_RDLCK, 0x40000002, 510)
    lock(fake, fcntl.F_RDLCK, 128, 1)
    lock(fake, fcntl.F_UNLCK, 128, 1)
    lock(database, fcntl.F_UNLCK, 0x40000002, 510)
    time.sleep(0.0002) # as fast as it can, events would be lost, which is told
`;

test("who may only read the database cannot hide who waits for whom", async (context) => {
  needRoot(context);
  needTracing(context);
  const database = newDatabase("wal");
  const fake = join(folderOf(MALLORY), "fake");
  writeFileSync(fake, "");
  give(fake, MALLORY);
  const imitator = startProgram([...as(MALLORY), "-S", "-c", IMITATES, database, fake]);
  await imitator.prints(/ready/);
  const file = join(tempFolder(), "x.jsonl");
  const program = `
import sqlite3, sys
other, c = (sqlite3.connect(sys.argv[1], timeout=t, isolation_level=None) for t in (0, 0.3))
c.execute("select * from t").fetchall()
if len(sys.argv) > 2:
    other.execute("begin immediate"); print("locked", flush=True); sys.stdin.read(); sys.exit()
import subprocess
holder = subprocess.Popen([sys.executable, *sys.argv, "hold"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
holder.stdout.readline()
for _ in range(5):
    try: c.execute("begin immediate")
    except sqlite3.OperationalError: pass
holder.stdin.close(); holder.wait()
`;
  const script = join(tempFolder(), "contend.py");
  writeFileSync(script, program);
  const { code } = await sqlock([
    "record",
    "--user",
    "root",
    "-o",
    file,
    database,
    "--",
    pythonOf(0),
    script,
    database,
  ]);
  expect(code).toBe(0);
  const waits = readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; lock?: string; blockers?: readonly { lock: string }[] })
    .filter(({ type, lock }) => type === "wait" && lock === "WRITE");
  expect(waits).toHaveLength(5);
  for (const { blockers } of waits) expect(blockers).toMatchObject([{ lock: "WRITE" }]);
});

test("a database, or its -shm, that is exchanged for a link to another user's is not followed", async (context) => {
  needRoot(context);
  const [victims, mallorys] = [databaseOf(VICTIM, "wal"), databaseOf(MALLORY, "wal")];
  writeFileSync(`${victims}-shm`, "");
  writeFileSync(`${mallorys}-shm`, "");
  const inodes = new Set(new DatabaseFiles([victims]).look(() => 0).map(({ inode }) => inode));
  expect(inodes.size).toBe(2);
  for (const suffix of ["", "-shm"]) {
    const link = `${mallorys}.link${suffix}`;
    symlinkSync(`${victims}${suffix}`, link);
    lchownSync(link, MALLORY, MALLORY);
    const racer = await startRacer(`${mallorys}${suffix}`, link, { pauseUs: 100 });
    const files = new DatabaseFiles([mallorys]);
    const seen = new Set<number | null>();
    const until = performance.now() + repetitions(20_000, 800);
    for (let ms = 1; performance.now() < until || racer.swaps() <= 200; ms++)
      for (const { inode } of files.look(() => ms)) seen.add(inode);
    expect(await racer.stop()).toBeGreaterThan(200);
    expect(seen.has(null)).toBe(true);
    for (const inode of inodes) expect(seen.has(inode)).toBe(false);
  }
});

test("statements on other databases are in no output", async (context) => {
  needRoot(context);
  needTracing(context);
  const [database, others] = [newDatabase("wal"), databaseOf(VICTIM, "wal")];
  const marks = `
import sqlite3, sys
for path, name in zip(sys.argv[1::2], sys.argv[2::2]):
    c = sqlite3.connect(path, isolation_level=None)
    c.execute(f"create table {name} (a)")
    c.execute("begin immediate"); c.execute(f"insert into {name} values (1)"); c.execute("commit")
print("marked", flush=True)
`;
  const script = join(tempFolder(), "marks.py");
  writeFileSync(script, marks);
  const file = join(tempFolder(), "x.jsonl");
  const shell = `"$@" ${others} victims_table &
${pythonOf(0)} ${script} ${database} shown ${others} same_process; wait`;
  const { code, stdout, stderr } = await sqlock([
    ...["record", "--user", "root", "--min-wait", "0", "-o", file, database],
    ...["--", "sh", "-c", shell, "sh", ...as(VICTIM), script],
  ]);
  expect({ code, marked: stdout.match(/marked/g)?.length }).toEqual({ code: 0, marked: 2 });
  const text = readFileSync(file, "utf8");
  expect(text).toContain("insert into shown values");
  for (const each of [text, stderr]) expect(each).not.toMatch(/insert into (?:victims_table|same_process)/);
});
