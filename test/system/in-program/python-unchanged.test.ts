/** A program does the same with the tracer as without: what it prints, its errors, its exit code. */
import { execFileSync, spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { runTraced } from "../../support/program-trace.ts";
import { program, pythons } from "../../support/python-programs.ts";

const python = pythons();

/** Up to Python 3.10, a traceback has one frame more for each call of SQLite's. */
function hasCleanTracebacks(path: string): boolean {
  return (
    execFileSync(path, ["-c", "import sys; print(sys.version_info >= (3, 11))"], { encoding: "utf8" }) === "True\n"
  );
}

interface Options {
  readonly args?: readonly string[];
  readonly isTraceback?: boolean;
}

async function expectSame(text: string, path: string, { args = [], isTraceback = false }: Options = {}): Promise<void> {
  const plain = program(text);
  const result = spawnSync(path, [...args, plain.path], { cwd: plain.folder, encoding: "utf8" });
  const other = program(text);
  const run = await runTraced([path, ...args, other.path], { cwd: other.folder });
  const same = (output: string, folder: string) =>
    output
      .replaceAll(folder, "FOLDER")
      .replace(/0x[0-9a-f]+|thread id \d+/g, "ADDRESS")
      // A class that is made in Python has no module in the name that C code tells in messages.
      .replace(/(?<=')sqlite3\.(?=(?:Connection|Cursor)' obj)/g, "")
      .replace(/(?<=not '|to a ')sqlite3\.(?=Connection|Cursor)/g, "")
      .replace(/(?<=\(['"])(?:Cursor\.)?(?=execute\(\) takes)/g, "");
  const kept = (stderr: string) => (isTraceback && !hasCleanTracebacks(path) ? stderr.split("\n").slice(-2) : stderr);
  expect({
    stdout: same(run.stdout, other.folder),
    stderr: kept(same(run.stderr, other.folder)),
    code: run.code,
    signal: run.signal,
  }).toEqual({
    stdout: same(result.stdout, plain.folder),
    stderr: kept(same(result.stderr, plain.folder)),
    code: result.status,
    signal: result.signal,
  });
  expect(run.messages[0]?.[0]).toBe("hello");
}

/** `show(f)` prints what f() returns or raises, with the chain of its causes and the functions of its traceback. */
const SHOW = `import sqlite3, sys, traceback
def names(tb):
    # Up to Python 3.10 the tracer's frame is there: it is the one difference.
    found = [entry.name for entry in traceback.extract_tb(tb) if "sqlock" not in entry.filename]
    return [] if sys.version_info < (3, 11) and not found else found
def show(f):
    try:
        value = f()
        print(type(value).__name__, value if not "object at" in repr(value) else "")
    except BaseException as error:
        print(type(error), error.args, error.__cause__, repr(error.__context__), names(error.__traceback__))
        print(sorted(vars(error).items()))
`;

const PROGRAMS: Readonly<Record<string, string>> = {
  errors: `${SHOW}
c = sqlite3.connect(":memory:")
cur = c.cursor()
for f in (
    lambda: c.execute("nope"), lambda: c.execute(), lambda: c.execute(1), lambda: c.execute("select ?"),
    lambda: c.execute("select 1; select 2"), lambda: c.execute("select 1", (), 3), lambda: cur.execute(sql="select 1"),
    lambda: cur.executemany("select 1", None), lambda: cur.executemany("select 1", [()]), lambda: c.executescript(3),
    lambda: c.executescript("nope"), lambda: cur.fetchmany("x"), lambda: cur.fetchone(1), lambda: c.cursor(int),
    lambda: c.cursor(factory=None), lambda: c.commit(1), lambda: c.close(1), lambda: sqlite3.connect(),
    lambda: sqlite3.connect(1.5), lambda: sqlite3.connect("a", nope=1), lambda: sqlite3.connect("/nope/nope"),
    lambda: sqlite3.Connection(), lambda: sqlite3.Cursor(), lambda: sqlite3.Cursor(1), lambda: c.nope,
    lambda: setattr(c, "nope", 1), lambda: setattr(cur, "nope", 1), lambda: setattr(c, "isolation_level", 3),
    lambda: delattr(c, "isolation_level"), lambda: setattr(c, "isolation_level", "nope"), lambda: c.__exit__(),
    lambda: sqlite3.Cursor.execute(c, "select 1"), lambda: sqlite3.Connection.commit(cur), lambda: c.backup(c),
    lambda: sqlite3.Connection.__new__(sqlite3.Connection).execute("select 1"),
    lambda: sqlite3.Connection.__new__(sqlite3.Connection).close(),
    lambda: sqlite3.Connection.__new__(sqlite3.Connection).in_transaction,
    lambda: sqlite3.Cursor.__new__(sqlite3.Cursor).execute("select 1"),
    lambda: sqlite3.Cursor.__new__(sqlite3.Cursor).fetchone(), lambda: c("select 1"),
): show(f)
c.close()
for f in lambda: c.execute("select 1"), lambda: cur.execute("select 1"), lambda: next(cur), lambda: list(cur), \\
    lambda: c.commit(), lambda: c.cursor(), lambda: c.__enter__(), lambda: c.__exit__(None, None, None), c.close:
    show(f)
`,
  "errors of the program's own functions": `${SHOW}
class Own(Exception): pass
saved = Own("saved")
def fail(*args): raise saved
class Bad:
    def __conform__(self, protocol): raise saved
def rows():
    yield (1,)
    raise saved
c = sqlite3.connect(":memory:")
c.execute("create table t(a)")
show(lambda: c.execute("select ?", (Bad(),)))
show(lambda: c.executemany("insert into t values (?)", rows()))
c.row_factory = fail
show(lambda: c.execute("select 1").fetchone())
show(lambda: c.execute("select 1").fetchall())
show(lambda: list(c.execute("select 1")))
c.row_factory = None
c.text_factory = fail
show(lambda: c.execute("select 'x'").fetchone())
c.create_function("fail", 0, fail)
show(lambda: c.execute("select fail()").fetchone())
try:
    try: raise ValueError("first")
    finally: c.execute("nope")
except sqlite3.OperationalError as error: print(repr(error.__context__))
class Sub(sqlite3.Connection):
    def __init__(self, *args): pass
    def cursor(self): raise saved
show(lambda: Sub("x").execute("select 1"))
class Sub(sqlite3.Connection):
    def cursor(self, factory=None): raise saved
show(lambda: Sub(":memory:").execute("select 1") and None)
`,
  "classes and functions": `import sqlite3, inspect, pickle, copy, weakref, gc, sys
from sqlite3 import dbapi2
c = sqlite3.connect(":memory:"); cur = c.cursor()
print(type(c) is sqlite3.Connection, type(cur) is sqlite3.Cursor, type(c.execute("select 1")) is sqlite3.Cursor)
print(dbapi2.connect is sqlite3.connect, dbapi2.Connection is sqlite3.Connection, sqlite3.Connection, sqlite3.Cursor)
print(repr(type(c)), type(c).__name__, type(c).__qualname__, type(c).__module__, repr(c)[:30], type(type(c)))
print(sqlite3.Connection.execute is sqlite3.Connection.execute, cur.connection is c, callable(sqlite3.connect))
for f in sqlite3.connect, sqlite3.Cursor.execute, sqlite3.Cursor.fetchmany, sqlite3.Connection.commit:
    print(f.__name__, f.__qualname__, f.__doc__ and f.__doc__[:20])
    try: print(inspect.signature(f))
    except ValueError: print("no signature")
print(sqlite3.Connection.__doc__ and sqlite3.Connection.__doc__[:30], sqlite3.Cursor.__doc__)
print(hasattr(c, "__dict__"), hasattr(cur, "__dict__"), sys.getrefcount(c))
for f in weakref.ref, pickle.dumps, copy.copy:
    try: print(f(c) is not None)
    except TypeError: print("TypeError", f.__name__)
print(pickle.loads(pickle.dumps(sqlite3.Connection)) is sqlite3.Connection)
print(sqlite3.threadsafety, sqlite3.paramstyle, sqlite3.apilevel)
print(sorted(set(dir(c)) - {"_sqlock", "__module__", "__slotnames__"}))
print(sorted(set(dir(cur)) - {"_sqlock_sql", "__module__", "__slotnames__"}), sorted(dir(sqlite3)))
class A(sqlite3.Connection):
    def cursor(self): return super().cursor(B)
class B(sqlite3.Cursor):
    __slots__ = ()
    def execute(self, *args): print("B", args); return super().execute(*args)
a = sqlite3.connect(":memory:", factory=A)
print(type(a).__name__, type(a.execute("select 1")).__name__, type(a.cursor()).__name__)
print(isinstance(a, sqlite3.Connection))
print(type(sqlite3.connect(":memory:", factory=lambda *a, **k: 3)).__name__)
def made(*args, **kwargs): print(args, kwargs); return sqlite3.Connection(*args)
print(type(sqlite3.connect(":memory:", factory=made)).__name__, type(c.cursor(factory=B)).__name__)
`,
  "what connections can do": `import sqlite3, datetime, threading
c = sqlite3.connect(":memory:", detect_types=sqlite3.PARSE_DECLTYPES)
c.row_factory = sqlite3.Row
class Point:
    def __init__(self, x): self.x = x
sqlite3.register_adapter(Point, lambda p: str(p.x))
sqlite3.register_converter("point", lambda b: Point(int(b)))
c.execute("create table t(a integer primary key, p point, b blob)")
cur = c.execute("insert into t(p, b) values (?, ?)", (Point(4), b"abc"))
print(cur.lastrowid, cur.rowcount, cur.description, c.total_changes, c.in_transaction, cur.arraysize)
row = c.execute("select * from t").fetchone()
print(tuple(row)[0], row["p"].x, row.keys(), c.execute("select 1").fetchmany(5)[0][0])
print(list(map(tuple, c.executemany("insert into t(b) values (?)", [(b"x",), (b"y",)]))), c.total_changes)
with c: c.execute("delete from t where a = 3")
try:
    with c: c.execute("delete from t"); raise KeyError
except KeyError: pass
print(c.execute("select count(*) from t").fetchone()[0], "\\n".join(c.iterdump()))
if hasattr(c, "blobopen"):
    with c.blobopen("t", "b", 1) as blob: print(blob.read())
    d = sqlite3.connect(":memory:"); d.deserialize(c.serialize()); print(d.execute("select count(*) from t").fetchone())
copy = sqlite3.connect("copy.db"); c.commit(); c.backup(copy); print(copy.execute("select count(*) from t").fetchone())
c.create_function("f", 1, lambda x: x * 2); c.create_collation("r", lambda a, b: (a < b) - (a > b))
c.set_trace_callback(lambda sql: print("trace", sql)); c.execute("select f(2)"); c.set_trace_callback(None)
c.set_authorizer(lambda *a: 0); c.set_progress_handler(lambda: 0, 100); print(c.isolation_level, c.text_factory)
c.isolation_level = None; c.execute("begin"); c.isolation_level = "IMMEDIATE"
print(c.in_transaction, c.isolation_level)
def slow(): c2.execute("with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n")
c2 = sqlite3.connect(":memory:", check_same_thread=False)
timer = threading.Timer(0.2, c2.interrupt); timer.start()
try: slow()
except sqlite3.OperationalError as error: print(error)
for row in c.execute("values (1), (2)"): print(tuple(row))
if hasattr(c, "autocommit"):
    e = sqlite3.connect(":memory:", autocommit=False); print(e.in_transaction); e.commit(); print(e.in_transaction)
    e.autocommit = True; print(e.in_transaction, e.autocommit); e.autocommit = False; e.close()
`,
  "exit codes": "import sqlite3, sys\nsqlite3.connect(':memory:').execute('begin')\nsys.exit(7)\n",
  "a signal": "import sqlite3, os\nsqlite3.connect(':memory:')\nos.kill(os.getpid(), 15)\n",
};

const cases = python.flatMap((path) => Object.entries(PROGRAMS).map(([name, text]) => ({ name, path, text })));

test.each(cases)("$name: $path", async ({ path, text }) => {
  await expectSame(text, path);
});

const UNCAUGHT: readonly string[] = [
  "import sqlite3\ndef f():\n    sqlite3.connect(':memory:').execute('nope')\nf()\n",
  "import sqlite3\nsqlite3.connect('/nope/nope')\n",
  "import sqlite3\nc = sqlite3.connect(':memory:')\nc.close()\ntry:\n    c.execute('x')\nfinally:\n    c.commit()\n",
  "import sqlite3\nwith sqlite3.connect(':memory:') as c:\n    c.executemany('select ?', iter([1]))\n",
];

test.each(python)("tracebacks of uncaught errors: %s", async (path) => {
  for (const text of UNCAUGHT) await expectSame(text, path, { isTraceback: true });
});

const WARNED = `import sqlite3, datetime
c = sqlite3.connect(":memory:")
c.execute("select ?", (datetime.date(2020, 1, 1),))
class Sub(sqlite3.Connection): pass
sqlite3.connect(":memory:", 5).close()
sqlite3.connect(":memory:", 5, 0, None, True, Sub).close()
Sub(":memory:", 5).close()
c.close()
`;

test.each(python)("a warning is about the line of the program: %s", async (path) => {
  await expectSame(WARNED, path, { args: ["-W", "always"] });
});
