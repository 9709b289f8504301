/** The tracer for Python in programs of several processes, and in those that end, or close everything, in their way. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { decoded, lines } from "../../support/decoded-trace.ts";
import type { Message } from "../../support/program-trace.ts";
import { runTraced } from "../../support/program-trace.ts";
import { program, pythons, traced } from "../../support/python-programs.ts";

const python = pythons();

function ofPid(messages: readonly Message[], pid: number): Message[] {
  return messages.filter(([, each]) => each === pid);
}

/** Those that the tracer wanted to send are all there, in any order: threads write when they come to it. */
function expectNoGap(messages: readonly Message[]): void {
  for (const pid of new Set(messages.map(([, each]) => each))) {
    const numbers = ofPid(messages, pid).map(([, , seq]) => seq);
    expect(numbers.sort((a, b) => a - b)).toEqual(numbers.map((_, index) => index));
  }
}

test.each(python)(
  "a forked child says hello anew, and tells an inherited connection only if it uses it: %s",
  async (path) => {
    const text = `import os, sqlite3
c = sqlite3.connect("a.db")
unused = sqlite3.connect("a.db")
c.execute("create table t(a)")
c.execute("select 1")
if os.fork() == 0:
    c.execute("select 1")
    d = sqlite3.connect("b.db")
    d.execute("select 2")
    raise SystemExit(0)
os.wait()
c.execute("select 1")
`;
    const run = await traced(text, path);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    const [parent, child] = [...new Set(run.messages.map(([, pid]) => pid))];
    expectNoGap(run.messages);
    expect(decoded(ofPid(run.messages, child ?? 0)).map(({ type, raw }) => (type === "open" ? raw[10] : type))).toEqual(
      [
        expect.objectContaining({ inherited: true, timeoutMs: 5000 }),
        "call",
        { timeoutMs: 5000, memory: null, readOnly: false },
        "call",
      ],
    );
    const told = decoded(run.messages);
    expect(told.find(({ pid }) => pid === child)?.connection).toBe(told.find(({ pid }) => pid === parent)?.connection);
    for (const pid of [parent, child]) expect(ofPid(run.messages, pid ?? 0).at(-1)?.[0]).toBe("bye");
  },
);

test("a transaction that was open at the fork is the parent's", async () => {
  const text = `import os, sqlite3
c = sqlite3.connect("a.db")
c.execute("create table t(a)")
c.execute("insert into t values (1)")
if os.fork() == 0:
    sqlite3.connect(":memory:")
    os._exit(0)
os.wait()
c.commit()
`;
  const run = await traced(text);
  expect(run).toMatchObject({ code: 0, stderr: "" });
  const [parent] = run.messages;
  expect(decoded(run.messages).filter(({ type }) => type === "end")).toEqual([
    expect.objectContaining({ what: "commit", pid: parent?.[1] }),
  ]);
});

test.each(["fork", "spawn", "forkserver"])("multiprocessing: %s", async (method) => {
  const text = `import multiprocessing, sqlite3
def work(number):
    c = sqlite3.connect(f"{number}.db")
    for i in range(50):
        c.execute("select 1")
    return number
if __name__ == "__main__":
    multiprocessing.set_start_method("${method}")
    sqlite3.connect(":memory:")
    processes = [multiprocessing.Process(target=work, args=(each,)) for each in range(2)]
    for each in processes:
        each.start()
    for each in processes:
        each.join()
    print([each.exitcode for each in processes])
`;
  const run = await traced(text);
  expect(run).toMatchObject({ stdout: "[0, 0]\n", stderr: "" });
  expectNoGap(run.messages);
  const workers = new Set(
    decoded(run.messages)
      .filter(({ sql }) => sql === "select 1")
      .map(({ pid }) => pid),
  );
  expect(workers.size).toBe(2);
  for (const pid of workers) {
    const calls = decoded(ofPid(run.messages, pid)).filter(({ type }) => type === "call");
    expect(calls.reduce((sum, { raw }) => sum + (raw[10] as number), 0)).toBe(50);
    expect(ofPid(run.messages, pid).at(-1)?.[0]).toBe("bye");
  }
});

test("a subprocess is traced too, whatever descriptors it inherits", async () => {
  const text = `import subprocess, sqlite3, sys
sqlite3.connect("a.db")
subprocess.run([sys.executable, "-c", "import sqlite3; sqlite3.connect('b.db')"], check=True)
`;
  const run = await traced(text);
  expect(run.messages.filter(([type]) => type === "hello")).toHaveLength(2);
  expect(lines(run.messages)).toEqual(["open main.py:2", "open <string>:1"]);
});

test.each([
  ["os._exit(3)", { code: 3, signal: null }],
  ["os.kill(os.getpid(), 9)", { code: null, signal: "SIGKILL" }],
])("a program that ends by %s", async (end, how) => {
  const run = await traced(`import os, sqlite3\nc = sqlite3.connect("a.db")\nc.execute("begin immediate")\n${end}\n`);
  expect(run).toMatchObject(how);
  expect(lines(run.messages)).toEqual(["open main.py:2", "call b main.py:3 begin immediate"]);
});

test("a daemon that closes all descriptors: its own file gets nothing of the tracer's", async () => {
  const text = `import os, sqlite3
c = sqlite3.connect("a.db")
c.execute("create table t(a)")
high = max(int(each) for each in os.listdir("/proc/self/fd"))
os.closerange(3, 2000)
files = [os.open("own", os.O_RDWR | os.O_CREAT) for each in range(high + 5)]
d = sqlite3.connect("b.db")
d.execute("begin immediate")
d.rollback()
print(os.stat("own").st_size)
`;
  const run = await traced(text);
  expect(run).toMatchObject({ stdout: "0\n", stderr: "", code: 0 });
  expect(lines(run.messages).slice(-3)).toEqual([
    "open main.py:7",
    "call b main.py:8 begin immediate",
    expect.stringMatching("^end rollback main.py:9"),
  ]);
});

test("a recorder that does not read: messages are dropped, with their numbers, and the program goes on", async () => {
  const text = `import sqlite3, time
c = sqlite3.connect(":memory:", isolation_level=None)
c.execute("create table t(a)")
for i in range(20000):
    c.execute("begin")
    c.execute("insert into t values (1)")
    c.execute("commit")
print(c.execute("select count(*) from t").fetchone())
`;
  const run = await traced(text, python[0], { isSlow: true });
  expect(run).toMatchObject({ stdout: "(20000,)\n", stderr: "", code: 0 });
  // Where a long message has no room any more, a short one after it may still have.
  const numbers = run.messages.map(([, , seq]) => seq);
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  expect(numbers.length).toBeGreaterThan(1000);
  expect(numbers.length).toBeLessThan(60_000);
});

test("what was dropped is told again before it is used", async () => {
  const text = `import os, sqlite3, sys
c = sqlite3.connect(":memory:", isolation_level=None)
fd = next(fd for fd in os.listdir("/proc/self/fd") if os.path.realpath("/proc/self/fd/" + fd).endswith("events"))
before = b""
def full():
    global before
    before += os.read(int(fd), 1 << 20)
    try:
        while True:
            os.write(int(fd), b"x" * 4096)
    except BlockingIOError:
        pass
def empty():
    try:
        while True:
            os.read(int(fd), 1 << 20)
    except BlockingIOError:
        os.write(int(fd), before)
full()
c.execute("begin immediate")
empty()
c.execute("commit")
c.execute("begin immediate")
`;
  const run = await traced(text, python[0], { isSlow: true });
  expect(run).toMatchObject({ stderr: "", code: 0 });
  expect(lines(run.messages)).toEqual([
    "open main.py:2",
    "end commit main.py:22 commit 20-22",
    "call b main.py:23 begin immediate",
    "end closed 23-?",
  ]);
  const numbers = run.messages.map(([, , seq]) => seq);
  expect(numbers.every((each, index) => index === 0 || each > (numbers[index - 1] ?? 0))).toBe(true);
  expect(numbers.at(-1)).toBeGreaterThan(numbers.length - 1);
});

test("without a pipe, or with another file in its place, the program runs untraced", async () => {
  const text = `import os, sys, sqlite3
print(sqlite3.connect("a.db").execute("select 1").fetchall(), type(sqlite3.connect).__name__)
`;
  for (const place of ["nothing", "file", "link"]) {
    const { folder, path } = program(text);
    const make = { nothing: "true", file: "touch events", link: "mkfifo pipe && ln -s pipe events" }[place];
    const start = `${make} && SQLOCK_TRACE="$PWD" exec "$0" "$1"`;
    const run = await runTraced(["sh", "-c", start, python[0] ?? "", path], { cwd: folder });
    expect(run).toMatchObject({ stdout: "[(1,)] builtin_function_or_method\n", stderr: "", code: 0, messages: [] });
    if (place === "file") expect(readFileSync(join(folder, "events"), "utf8")).toBe("");
    else expect(existsSync(join(folder, "events"))).toBe(place === "link");
  }
});
