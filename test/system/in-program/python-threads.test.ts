/** Who makes a call, in programs with threads, thread pools and asyncio; and what they leave open. */
import { expect, test } from "vitest";
import { decoded } from "../../support/decoded-trace.ts";
import { pythons, traced } from "../../support/python-programs.ts";

const python = pythons();

/** Thread, task, site: of calls and misuse. */
async function told(text: string, path = python[0]): Promise<string[]> {
  const run = await traced(text, path);
  expect(run).toMatchObject({ code: 0, stderr: "" });
  return decoded(run.messages)
    .filter(({ type }) => type === "call" || type === "misuse")
    .map(({ type, thread, task, site, what, result }) =>
      [thread, task, site, ...(type === "misuse" ? [what, result] : [])].filter((each) => each !== null).join(" "),
    );
}

test.each(python)("threads have their names, and leave transactions open: %s", async (path) => {
  const text = `import sqlite3, threading
c = sqlite3.connect("a.db", check_same_thread=False)
d = sqlite3.connect("a.db")
def begin():
    c.execute("begin")
def wrong():
    try:
        d.execute("select 1")
    except sqlite3.ProgrammingError:
        pass
for each in begin, wrong:
    thread = threading.Thread(target=each, name=each.__name__)
    thread.start()
    thread.join()
`;
  expect(await told(text, path)).toEqual([
    "begin main.py:5",
    "begin main.py:5 left-open thread",
    "wrong main.py:8 wrong-thread",
  ]);
});

test("a connection in a thread's own storage is collected with the thread", async () => {
  const text = `import sqlite3, threading
local = threading.local()
def work():
    local.c = sqlite3.connect("a.db")
    local.c.execute("begin immediate")
thread = threading.Thread(target=work, name="worker")
thread.start()
thread.join()
import gc; gc.collect()
sqlite3.connect("a.db").execute("begin immediate")
`;
  const run = await traced(text);
  expect(run).toMatchObject({ code: 0, stderr: "" });
  const types = decoded(run.messages).map(
    ({ type, what, thread }) => `${type} ${type === "open" ? "" : what} ${thread}`,
  );
  // on a busy machine it is a slow call, too
  expect(types.slice(0, 2).map((each) => each.replace("call bs", "call b"))).toEqual(["open  worker", "call b worker"]);
  expect(types.some((each) => each.startsWith("close collected"))).toBe(true);
});

test.each(python)("asyncio: tasks by name, also of work that runs in a pool: %s", async (path) => {
  const text = `import asyncio, concurrent.futures, sqlite3, sys
c = sqlite3.connect("a.db", check_same_thread=False, isolation_level=None)
keep = []
async def left():
    d = sqlite3.connect("a.db", isolation_level=None)
    d.execute("begin")
    keep.append(d)
async def main():
    loop = asyncio.get_running_loop()
    task = loop.create_task(left())
    task.set_name("left")
    await task
    await loop.run_in_executor(None, c.execute, "select 1")
    with concurrent.futures.ThreadPoolExecutor(1, "pool") as pool:
        pool.submit(c.execute, "select 2").result()
asyncio.run(main())
with concurrent.futures.ThreadPoolExecutor(1, "pool") as pool:
    pool.submit(lambda: c.execute("select 3")).result()
`;
  // The end of a task is told by the event loop, beside what the task that waits for it does.
  const names = (await told(text, path)).map((line) => line.replace("ThreadPoolExecutor-0_0", "asyncio_0"));
  expect(names.sort()).toEqual([
    "asyncio_0 Task-1 main.py:13",
    "left main.py:6",
    "left main.py:6 left-open task",
    "pool_0 Task-1 main.py:15",
    "pool_0 main.py:18",
  ]);
});

test("one connection, used by many threads at once", async () => {
  const text = `import sqlite3, threading
c = sqlite3.connect("a.db", check_same_thread=False, isolation_level=None)
c.execute("create table t(a)")
def work():
    for i in range(2000):
        c.execute("select 1").fetchall()
threads = [threading.Thread(target=work) for each in range(8)]
for each in threads: each.start()
for each in threads: each.join()
`;
  const run = await traced(text);
  expect(run).toMatchObject({ code: 0, stderr: "" });
  const calls = decoded(run.messages).filter(({ sql }) => sql === "select 1");
  expect(calls.reduce((sum, { raw }) => sum + (raw[10] as number), 0)).toBe(16_000);
  expect(new Set(calls.map(({ tid }) => tid)).size).toBe(8);
});

test.each(python)("a signal's exception goes through the tracer: %s", async (path) => {
  const text = `import signal, sqlite3
class Late(Exception):
    pass
def alarm(number, frame):
    raise Late
signal.signal(signal.SIGALRM, alarm)
c = sqlite3.connect(":memory:", isolation_level=None)
c.execute("create table t(a)")
late = 0
for delay in range(1, 400):
    try:
        signal.setitimer(signal.ITIMER_REAL, delay / 1e5)
        for each in range(2000):
            c.execute("begin")
            c.execute("insert into t values (1)")
            c.execute("rollback")
    except (Late, sqlite3.OperationalError) as error:
        late += isinstance(error, Late)
        signal.setitimer(signal.ITIMER_REAL, 0)
        if c.in_transaction: c.execute("rollback")
print(late)
`;
  const run = await traced(text, path);
  expect(run).toMatchObject({ stdout: "399\n", stderr: "", code: 0 });
});
