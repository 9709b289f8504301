/** The kernel's trace events, of real processes; and that nothing stays behind. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { getPriority, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { rolldown } from "rolldown";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { atUsualPriority } from "../../src/priority.ts";
import { readStat } from "../../src/proc/stat.ts";
import type { LockEvent } from "../../src/recording/source-event.ts";
import type { TraceEvent } from "../../src/trace/events.ts";
import { appendProbe } from "../../src/trace/tracefs.ts";
import { Tracer } from "../../src/trace/tracer.ts";
import { type Holder, spawnHolder } from "../support/hold.ts";
import { ROOT } from "../support/root.ts";
import { need } from "../support/skip.ts";
import { leftOf, lonelyFile, needTracing, probesOf } from "../support/tracefs.ts";
import { until } from "../support/until.ts";

function openTracer(bufferKb = 256): Tracer {
  const tracer = Tracer.open({ bufferKb });
  onTestFinished(() => {
    tracer.close();
  });
  return tracer;
}

async function holder(python = ""): Promise<Holder> {
  const started = await spawnHolder();
  onTestFinished(() => started.end());
  await started.run(LOCKING + python);
  return started;
}

/** `lock(fd, command, type, start, length)`: fcntl(2) with a struct flock. */
const LOCKING = `
import signal
R, W, U = fcntl.F_RDLCK, fcntl.F_WRLCK, fcntl.F_UNLCK
SET, WAIT, OFD = fcntl.F_SETLK, fcntl.F_SETLKW, 37
def lock(fd, command, type, start, length):
    fcntl.fcntl(fd, command, struct.pack("hhqqi4x", type, 0, start, length, 0))
def refused(fd, command, type, start, length):
    try: lock(fd, command, type, start, length)
    except OSError: return
    raise Exception("granted")
def open_db(path):
    return os.open(path, os.O_RDWR)
`;

/** Everything until now. */
function drained(tracer: Tracer): TraceEvent[] {
  const events: TraceEvent[] = [];
  tracer.drain((event) => events.push(event), true);
  return events;
}

/** What the kernel itself counts as overwritten before it was read. */
function overrunOf({ tracefs, name }: Tracer): number {
  const folder = `${tracefs}/instances/${name}/per_cpu`;
  const counts = readdirSync(folder).map(
    (cpu) => /^overrun: (\d+)$/m.exec(readFileSync(`${folder}/${cpu}/stats`, "utf8"))?.[1],
  );
  return counts.reduce((sum, count) => sum + Number(count), 0);
}

const locksOf = (events: readonly TraceEvent[]) => events.filter((event): event is LockEvent => event.kind === "lock");

function line(event: LockEvent): string {
  const range = event.end === Number.POSITIVE_INFINITY ? `${event.start}-` : `${event.start}-${event.end}`;
  return [event.api, event.operation, range, event.outcome, ...(event.closes ? ["closes"] : [])].join(" ");
}

/** Of one process. A close of an open file that had no locks of its own is left out: others' locks make it show. */
function linesOf(events: readonly TraceEvent[], pid: number): string[] {
  const own = locksOf(events).filter((event) => event.pid === pid);
  const owners = new Set(own.filter(({ closes }) => !closes).map(({ owner }) => owner));
  return own.filter(({ closes, owner }) => !closes || owners.has(owner)).map(line);
}

/** SQLite as this machine's Python has it; null where it is inside Python. */
async function sqliteLibrary(process: Holder, name: string): Promise<{ file: string; offset: number } | null> {
  return (await process.run(`
import ctypes
sqlite3.connect(":memory:")
maps = [line.split() for line in open("/proc/self/maps")]
files = [m[5] for m in maps if len(m) > 5 and "libsqlite3" in m[5]]
if files:
    at = ctypes.cast(getattr(ctypes.CDLL(files[0]), ${JSON.stringify(name)}), ctypes.c_void_p).value
    for m in maps:
        start, end = (int(x, 16) for x in m[0].split("-"))
        if start <= at < end: answer = {"file": m[5], "offset": at - start + int(m[2], 16)}
`)) as { file: string; offset: number } | null;
}

describe("lock events", () => {
  test("POSIX locks: granted, refused, upgraded in part, unlocked, closed", async (context) => {
    needTracing(context);
    const { path, locked } = lonelyFile();
    const [first, second] = [await holder(), await holder()];
    const tracer = openTracer();
    tracer.enableLocks([locked]);
    const open = `fd = open_db(${JSON.stringify(path)})\n`;
    await first.run(`${open}lock(fd, SET, R, 0x40000002, 510); lock(fd, SET, W, 0x40000001, 1)`);
    await second.run(`${open}refused(fd, SET, W, 0x40000001, 1)`);
    await first.run("lock(fd, SET, U, 0x40000000, 2)");
    await second.run("lock(fd, SET, W, 120, 3); os.close(fd)");
    await first.run("lock(fd, SET, U, 0, 0); os.close(fd)");
    const events = drained(tracer);
    expect(linesOf(events, first.pid)).toEqual([
      "posix read 1073741826-1073742335 granted",
      "posix write 1073741825-1073741825 granted",
      "posix unlock 1073741824-1073741825 granted",
      "posix unlock 0- granted",
    ]);
    expect(linesOf(events, second.pid)).toEqual([
      "posix write 1073741825-1073741825 refused",
      "posix write 120-122 granted",
      "posix unlock 0- granted closes",
    ]);
    for (const event of locksOf(events)) {
      expect(event).toMatchObject({ device: locked.device, inode: Number(locked.inode), tid: event.pid });
      expect(event.atMs).toBeGreaterThan(0);
      expect(event.atMs).toBeLessThan(tracer.nowMs);
    }
    expect(events.map(({ kind }) => kind)).not.toContain("lost");
  });

  test("a wait that is granted, one that is interrupted, and one that SIGKILL ends", async (context) => {
    needTracing(context);
    const { path, locked } = lonelyFile();
    const [owner, granted, interrupted, killed] = [await holder(), await holder(), await holder(), await holder()];
    const open = `fd = open_db(${JSON.stringify(path)})\n`;
    await owner.run(`${open}lock(fd, SET, W, 120, 1)`);
    const tracer = openTracer();
    tracer.enableLocks([locked]);
    const isWaiting = (pid: number) =>
      until("the process waits", () => readFileSync("/proc/locks", "utf8").includes(` ${pid} `));
    const events: TraceEvent[] = [];
    const sink = (event: TraceEvent) => events.push(event);
    interrupted.begin(`${open}
def stop(*_): raise OSError("stop")
signal.signal(signal.SIGALRM, stop)
refused(fd, WAIT, W, 120, 1)`);
    await isWaiting(interrupted.pid);
    // how a wait ends is asked for from the first one on
    await until("the wait was delivered", () => {
      tracer.drain(sink);
      return locksOf(events).some(({ outcome }) => outcome === "waits");
    });
    process.kill(interrupted.pid, "SIGALRM");
    await interrupted.answer();
    killed.begin(`${open}lock(fd, WAIT, W, 120, 1)`);
    await isWaiting(killed.pid);
    await killed.end();
    granted.begin(`${open}lock(fd, WAIT, W, 120, 1)`);
    await isWaiting(granted.pid);
    await owner.run("lock(fd, SET, U, 120, 1)");
    await granted.answer();
    tracer.drain(sink, true);
    expect(linesOf(events, granted.pid)).toEqual(["posix write 120-120 waits", "posix write 120-120 granted"]);
    expect(linesOf(events, interrupted.pid)).toEqual(["posix write 120-120 waits", "posix write 120-120 killed"]);
    expect(linesOf(events, killed.pid).slice(0, 2)).toEqual([
      "posix write 120-120 waits",
      "posix write 120-120 killed",
    ]);
  });

  test("OFD locks and flock: their process, and what their close releases", async (context) => {
    needTracing(context);
    const { path, locked } = lonelyFile();
    const process = await holder();
    const tracer = openTracer();
    tracer.enableLocks([locked]);
    await process.run(`fd = open_db(${JSON.stringify(path)})
other = open_db(${JSON.stringify(path)})
lock(fd, OFD, W, 120, 1)
refused(other, OFD, W, 120, 1)
fcntl.flock(other, fcntl.LOCK_EX)
os.close(other)
os.close(fd)`);
    const events = locksOf(drained(tracer)).filter(({ pid }) => pid === process.pid);
    expect(events.filter(({ api }) => api !== "posix").map(line)).toEqual([
      "ofd write 120-120 granted",
      "ofd write 120-120 refused",
      "flock write 0- granted",
      "ofd unlock 0- granted closes",
      "flock unlock 0- granted closes",
      "ofd unlock 0- granted closes",
    ]);
    const [taken] = events;
    expect(events.at(-1)?.owner).toBe(taken?.owner);
  });

  test("threads, a forked child that closes its copy, the end, and SIGKILL", async (context) => {
    needTracing(context);
    const { path, locked } = lonelyFile();
    const [first, second] = [await holder(), await holder()];
    const tracer = openTracer();
    tracer.enableLocks([locked]);
    tracer.enableExits();
    const open = `fd = open_db(${JSON.stringify(path)})\n`;
    const tid = (await first.run(`${open}
def take():
    global tid
    tid = threading.get_native_id()
    lock(fd, SET, R, 123, 1)
thread = threading.Thread(target=take)
thread.start(); thread.join()
child = os.fork()
if child == 0:
    os.close(fd)
    os._exit(0)
os.waitpid(child, 0)
answer = [tid, child]`)) as number[];
    await second.run(`${open}lock(fd, SET, R, 124, 1)`);
    await second.end();
    await first.end();
    const events = drained(tracer);
    const [thread = 0, child = 0] = tid;
    const taken = locksOf(events).find((event) => event.pid === first.pid && event.operation === "read");
    expect(taken).toMatchObject({ tid: thread, pid: first.pid });
    const copy = locksOf(events).find((event) => event.pid === child);
    expect(copy).toMatchObject({ operation: "unlock", closes: true });
    expect(copy?.owner).not.toBe(taken?.owner);
    for (const { pid } of [first, second]) {
      expect(linesOf(events, pid).at(-1)).toBe("posix unlock 0- granted closes");
      const ends = events.filter((event) => event.kind === "ended" && event.pid === pid);
      expect(ends.map(({ atMs }) => atMs)).toEqual([locksOf(events).findLast((event) => event.pid === pid)?.atMs]);
    }
    expect(locksOf(events).findLast(({ pid }) => pid === first.pid)?.owner).toBe(taken?.owner);
  });

  test("a process whose main thread ends first has ended with its last one", async (context) => {
    needTracing(context);
    const { path, locked } = lonelyFile();
    const process = await holder();
    const tracer = openTracer();
    tracer.enableLocks([locked]);
    tracer.enableExits();
    process.begin(`fd = open_db(${JSON.stringify(path)}); lock(fd, SET, R, 123, 1)
import ctypes
gate = threading.Event()
threading.Thread(target=lambda: (time.sleep(0.3), os._exit(0))).start()
ctypes.CDLL(None).syscall(60, 0)`);
    await until("the main thread has ended", () => {
      const stat = readStat(`/proc/${process.pid}`);
      return stat.kind !== "ok" || stat.value.state === "zombie";
    });
    await until("the process has ended", () => !existsSync(`/proc/${process.pid}`));
    expect(drained(tracer).filter((event) => event.kind === "ended" && event.pid === process.pid)).toHaveLength(1);
  });

  test("no event is missed while the filter is replaced", async (context) => {
    needTracing(context);
    const [one, two] = [lonelyFile(), lonelyFile()];
    const process = await holder(`go = True
def churn():
    global count
    fd = open_db(${JSON.stringify(one.path)})
    count = 0
    while go:
        lock(fd, SET, W, 120, 1); lock(fd, SET, U, 120, 1); count += 2
`);
    const tracer = openTracer(4096);
    tracer.enableLocks([one.locked]);
    await process.run("thread = threading.Thread(target=churn); thread.start()");
    for (let i = 0; i < 5; i += 1) tracer.enableLocks(i % 2 === 0 ? [two.locked, one.locked] : [one.locked]);
    const count = await process.run("go = False; thread.join(); answer = count");
    expect(linesOf(drained(tracer), process.pid)).toHaveLength(Number(count));
  });
});

test("loss: a gap stands where it is, with the exact number", async (context) => {
  needTracing(context);
  const { path, locked } = lonelyFile();
  const process = await holder();
  const tracer = openTracer(8);
  tracer.enableLocks([locked]);
  const sink: TraceEvent[] = [];
  await process.run(`fd = open_db(${JSON.stringify(path)}); lock(fd, SET, R, 128, 1)`);
  tracer.drain((event) => sink.push(event));
  await process.run(`
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
for i in range(2000): lock(fd, SET, W, 120, 1); lock(fd, SET, U, 120, 1)`);
  const overrun = overrunOf(tracer);
  tracer.drain((event) => sink.push(event), true);
  const lost = sink.flatMap((event) => (event.kind === "lost" ? [event] : []));
  expect(lost).toHaveLength(1);
  expect(lost[0]?.events).toBe(overrun);
  expect(lost[0]?.events).toBe(4001 - locksOf(sink).length);
  const at = sink.findIndex(({ kind }) => kind === "lost");
  expect(sink[at + 1]?.atMs).toBe(lost[0]?.atMs);
  expect(lost[0]?.fromMs).toBeLessThan(lost[0]?.atMs ?? 0);
});

test("calls of SQLite with their process, connection, statement and text", async (context) => {
  needTracing(context);
  const process = await holder();
  const step = await sqliteLibrary(process, "sqlite3_step");
  const prepare = await sqliteLibrary(process, "sqlite3_prepare_v2");
  if (step === null || prepare === null) return context.skip("SQLite is not a library of its own here");
  const tracer = openTracer();
  const { added, failed } = tracer.addProbes([
    { library: 7, function: "sqlite3_step", sqlOffset: null, stateOffset: null, ...step },
    { library: 7, function: "sqlite3_prepare_v2", sqlOffset: null, stateOffset: null, ...prepare },
  ]);
  expect(failed).toEqual([]);
  expect(added).toHaveLength(2);
  const long = `select '${"ä".repeat(600)}'`;
  await process.run(`
c = sqlite3.connect(":memory:", isolation_level=None)
def query():
    c.execute("select 1").fetchall()
    c.execute(${JSON.stringify(long)}).fetchall()
query()`);
  const mine = drained(tracer).filter((event) => "tid" in event && event.tid === process.pid);
  const steps = ["call step", "return step", "call step", "return step"];
  const statement = ["call prepare", "return prepare", ...steps];
  const names = mine.map((event) => ("call" in event ? `${event.kind} ${event.call}` : event.kind));
  expect(names).toEqual([...statement, ...statement]);
  const calls = mine.flatMap((event) => (event.kind === "call" ? [event] : []));
  expect(calls.map(({ sql }) => sql?.text.length ?? null)).toEqual([8, null, null, 132, null, null]);
  expect(calls.map(({ sql }) => sql?.cut)).toEqual([false, undefined, undefined, true, undefined, undefined]);
  expect(new Set(calls.map(({ connection }) => connection)).size).toBe(1);
  for (const call of calls) expect(call).toMatchObject({ pid: process.pid, library: 7 });
  const codes = mine.flatMap((event) => (event.kind === "return" ? [event.code] : []));
  expect(codes).toEqual([0, 100, 101, 0, 100, 101]);
});

test("probes that the kernel refuses cost themselves alone", (context) => {
  needTracing(context);
  const tracer = openTracer();
  const probe = { library: 0, function: "sqlite3_step", sqlOffset: null, stateOffset: null } as const;
  const { added, failed } = tracer.addProbes([
    { ...probe, file: "/nonexistent", offset: 64 },
    { ...probe, file: process.execPath, offset: 2 ** 40 },
    { ...probe, file: "/tmp/a b", offset: 64 },
    { ...probe, file: "/proc/self", offset: 64 },
  ]);
  expect(added).toEqual([]);
  expect(failed.map(({ step, code }) => `${step} ${code}`)).toMatchInlineSnapshot(`
    [
      "define ENOENT",
      "enable EINVAL",
      "path null",
      "define EINVAL",
    ]
  `);
  expect(probesOf(tracer.tracefs, tracer.name)).toEqual([]);
});

interface Opened {
  readonly name: string;
  readonly tracefs: string;
  readonly guardPid: number;
  readonly probes: number;
}

let bundle: Promise<string> | undefined;

/** The program test/support/tracer-process.ts, started through another one. */
async function startTracer(through: readonly string[], args: readonly string[] = []) {
  bundle ??= bundled();
  const [program = "", ...rest] = [...through, process.execPath, await bundle, ...args];
  const child = spawn(program, rest, { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return child;
}

async function bundled(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "sqlock-test-"));
  const file = join(folder, "tracer.mjs");
  const input = await rolldown({ input: join(ROOT, "test/support/tracer-process.ts"), platform: "node" });
  await input.write({ file, format: "esm" });
  await input.close();
  chmodSync(folder, 0o755);
  return file;
}

afterAll(async () => {
  if (bundle !== undefined) rmSync(dirname(await bundle), { recursive: true });
});

describe("where tracing is not possible, the reason", () => {
  const hidden = 'umount -l /sys/kernel/tracing /sys/kernel/debug/tracing 2> /dev/null; exec "$@"';
  test.for<[string, string[], string]>([
    ["another user", ["setpriv", "--reuid", "65534", "--clear-groups"], "not-root"],
    ["a pid namespace", ["unshare", "--pid", "--fork", "--mount-proc"], "child-pid-namespace"],
    [
      "a container without tracefs",
      [
        "unshare",
        "-m",
        "sh",
        "-c",
        hidden,
        "sh",
        "setpriv",
        "--bounding-set",
        "-sys_admin",
        "--inh-caps",
        "-sys_admin",
      ],
      "mount-refused",
    ],
    [
      "a container with a read-only one",
      [
        ...["unshare", "-m", "sh", "-c", 'mount -o remount,bind,ro /sys/kernel/tracing; exec "$@"', "sh"],
        ...["setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin"],
      ],
      "read-only",
    ],
  ])("%s", async ([, through, reason], context) => {
    needTracing(context);
    need(context, existsSync("/sys/kernel/tracing/events"), "tracefs where it is usually mounted");
    const child = await startTracer(through);
    const [output] = (await once(child.stdout, "data")) as [Buffer];
    expect(JSON.parse(output.toString())).toMatchObject({ reason });
  });

  test.for(["its end", "SIGKILL"])(
    "a mount of our own, where there is none, is private, and gone after %s",
    async (end, context) => {
      needTracing(context);
      const child = await startTracer(["unshare", "-m", "sh", "-c", hidden, "sh"]);
      const [output] = (await once(child.stdout, "data")) as [Buffer];
      const { name, tracefs, guardPid } = JSON.parse(output.toString()) as Opened;
      expect(tracefs).toBe(`/run/${name}`);
      expect(statSync(tracefs).mode & 0o777).toBe(0o700);
      if (end === "SIGKILL") child.kill(end);
      else child.stdin.end();
      await until("the folder is gone", () => !existsSync(tracefs));
      await until("the guard has ended", () => !existsSync(`/proc/${guardPid}`));
      expect(leftOf(openTracer().tracefs, name)).toEqual([]);
    },
  );
});

test("the reader comes first on a busy machine; what it starts for others does not", (context) => {
  needTracing(context);
  const usual = getPriority();
  const tracer = openTracer();
  const nice = () => Number(execFileSync("nice", { encoding: "utf8" }));
  expect(nice()).toBe(-15);
  expect(atUsualPriority(nice)).toBe(usual);
  expect(getPriority()).toBe(-15);
  expect(getPriority(tracer.guardPid ?? 0)).toBe(usual);
  tracer.close();
  expect(getPriority()).toBe(usual);
});

describe("what stays behind", () => {
  test("nothing, after two at once, each with a name of its own", async (context) => {
    needTracing(context);
    const { path, locked } = lonelyFile();
    const process = await holder(`fd = open_db(${JSON.stringify(path)})`);
    const [one, two] = [openTracer(), openTracer()];
    expect(one.name).not.toBe(two.name);
    for (const tracer of [one, two]) tracer.enableLocks([locked]);
    await process.run("lock(fd, SET, R, 123, 1)");
    expect(linesOf(drained(one), process.pid)).toEqual(["posix read 123-123 granted"]);
    expect(one.close()).toBe(true);
    expect(one.close()).toBe(true);
    expect(leftOf(one.tracefs, one.name)).toEqual([]);
    await process.run("lock(fd, SET, U, 123, 1)");
    expect(linesOf(drained(two), process.pid)).toHaveLength(2);
    expect(two.close()).toBe(true);
    expect(leftOf(two.tracefs, two.name)).toEqual([]);
    for (const { guardPid } of [one, two]) await until("the guard has ended", () => !existsSync(`/proc/${guardPid}`));
  });

  test("of a dead recorder: the next one removes it, and nothing of a living one or of others", async (context) => {
    needTracing(context);
    const process = await holder();
    const step = await sqliteLibrary(process, "sqlite3_step");
    const stat = readStat(`/proc/${process.pid}`);
    if (stat.kind !== "ok") throw new Error("the holder has no stat");
    const { tracefs, name } = openTracer();
    const dead = `sqlock_${process.pid}_1`;
    const names = [dead, `sqlock_${process.pid}_${stat.value.startTicks}`, `${name}0x`, `other_${process.pid}`];
    const remove = (one: string) => {
      if (step !== null && probesOf(tracefs, one).length > 0) appendProbe(tracefs, `-:${one}/step`);
      if (existsSync(join(tracefs, "instances", one))) rmdirSync(join(tracefs, "instances", one));
    };
    for (const one of names) {
      onTestFinished(() => remove(one));
      mkdirSync(join(tracefs, "instances", one));
      if (step !== null) appendProbe(tracefs, `p:${one}/step ${step.file}:0x${step.offset.toString(16)}`);
    }
    const before = names.map((one) => leftOf(tracefs, one).length);
    openTracer();
    expect(leftOf(tracefs, dead)).toEqual([]);
    expect(names.slice(1).map((one) => leftOf(tracefs, one).length)).toEqual(before.slice(1));
  });

  test("of one that is killed: its guard removes it", async (context) => {
    needTracing(context);
    const process = await holder();
    const step = (await sqliteLibrary(process, "sqlite3_step")) ?? { file: "/nonexistent", offset: 0 };
    const child = await startTracer([], [step.file, String(step.offset)]);
    const [output] = (await once(child.stdout, "data")) as [Buffer];
    const { name, tracefs, guardPid, probes } = JSON.parse(output.toString()) as Opened;
    expect(leftOf(tracefs, name)).toHaveLength(1 + 2 * probes);
    const guard = readStat(`/proc/${guardPid}`);
    expect(guard).toMatchObject({ value: { session: guardPid, terminal: 0 } });
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) globalThis.process.kill(guardPid, signal);
    child.kill("SIGKILL");
    await until("the guard has removed everything", () => leftOf(tracefs, name).length === 0);
    await until("the guard has ended", () => !existsSync(`/proc/${guardPid}`));
  });
});
