/** The start of Python with the tracer: an existing sitecustomize, options that leave it out, no SQLite. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { decoded, lines } from "../../support/decoded-trace.ts";
import { PYTHON_TRACER, runTraced } from "../../support/program-trace.ts";
import { oldPythons, program, pythons, traced } from "../../support/python-programs.ts";

const python = pythons();

/** The same program with the folder of a sitecustomize on its PYTHONPATH. */
async function withCustom(custom: string, path: string, text: string) {
  const { folder, path: main } = program(text);
  const other = join(folder, "other");
  mkdirSync(other);
  writeFileSync(join(other, "sitecustomize.py"), custom);
  const env = { ...process.env, PYTHONPATH: other };
  return { other, run: await runTraced([path, main], { cwd: folder, env }) };
}

test.each(python)("an existing sitecustomize runs, and has the name: %s", async (path) => {
  const text = `print("main")
import sys, sitecustomize, sqlite3
print(sys.modules["sitecustomize"] is sitecustomize, sitecustomize.__file__)
print([each for each in sys.path if "in-program" in each])
sqlite3.connect("a.db")
`;
  const { run, other } = await withCustom("print('custom', __name__)", path, text);
  const stdout = `custom sitecustomize\nmain\nTrue ${join(other, "sitecustomize.py")}\n[]\n`;
  expect(run).toMatchObject({ stdout, stderr: "", code: 0 });
  expect(lines(run.messages)[0]).toBe("open main.py:5");
});

test.each(python)("one that fails is told by Python as ever, and the tracer goes on: %s", async (path) => {
  for (const custom of ["import missing_module", "raise ValueError('x')"]) {
    const { run } = await withCustom(custom, path, "import sys, sqlite3\nprint('sitecustomize' in sys.modules)\n");
    const error = custom.startsWith("raise")
      ? "ValueError: x"
      : "ModuleNotFoundError: No module named 'missing_module'";
    const stderr = `Error in sitecustomize; set PYTHONVERBOSE for traceback:\n${error}\n`;
    expect(run).toMatchObject({ stdout: "False\n", stderr, code: 0 });
    expect(run.messages.map(([type]) => type)).toEqual(["hello", "bye"]);
  }
});

test.each(python)(
  "without SQLite there is no message, no descriptor and no module of the tracer's: %s",
  async (path) => {
    const text = `import os, sys
folder = "/proc/self/fd/"
pipes = [each for each in os.listdir(folder) if os.path.realpath(folder + each).endswith("/events")]
print([each for each in sys.modules if "sqlock" in each], pipes)
`;
    const run = await traced(text, path);
    expect(run).toMatchObject({ stdout: "[] []\n", stderr: "", code: 0, messages: [] });
  },
);

test.each([["-I"], ["-S"], ["-E"]])("%s leaves the tracer out", async (option) => {
  const { folder, path } = program("import sqlite3\nprint(type(sqlite3.connect).__name__)\n");
  const run = await runTraced([python[0] ?? "", option, path], { cwd: folder });
  expect(run).toMatchObject({ stdout: "builtin_function_or_method\n", stderr: "", code: 0, messages: [] });
});

test.runIf(oldPythons().length > 0).each(oldPythons())("an older Python is not traced: %s", async (path) => {
  const run = await traced("import sqlite3\nprint(sqlite3.connect(':memory:').execute('select 1').fetchall())\n", path);
  expect(run).toMatchObject({ stdout: "[(1,)]\n", stderr: "", code: 0, messages: [] });
});

test("the folder of the tracer stays on the path of children", async () => {
  const text = `import os
print(os.environ["PYTHONPATH"])
`;
  const run = await traced(text);
  expect(run.stdout.split(":")[0]?.trim()).toBe(PYTHON_TRACER);
});

test.each(python)("reload, and another module under the name sqlite3: %s", async (path) => {
  const text = `import importlib, sqlite3, sys, types
first = sqlite3.Connection
importlib.reload(sqlite3.dbapi2)
importlib.reload(sqlite3)
print(sqlite3.Connection is first, type(sqlite3.connect("a.db")) is first)
sys.modules["sqlite3"] = types.ModuleType("sqlite3")
import sqlite3
print(hasattr(sqlite3, "connect"))
`;
  const run = await traced(text, path);
  expect(run).toMatchObject({ stdout: "True True\nFalse\n", stderr: "", code: 0 });
  expect(lines(run.messages)[0]).toBe("open main.py:5");
});

test("a program in a zip file, whose modules share a loader", async () => {
  const text = `import zipfile, subprocess, sys
with zipfile.ZipFile("app.zip", "w") as app:
    app.writestr("__main__.py", "import sqlite3, other; print(other.value); sqlite3.connect('a.db')")
    app.writestr("other.py", "value = 1")
print(subprocess.run([sys.executable, "app.zip"], capture_output=True, text=True))
`;
  const run = await traced(text);
  expect(run.stdout).toContain("returncode=0, stdout='1\\n', stderr=''");
  expect(decoded(run.messages)).toHaveLength(1);
  expect(dirname(PYTHON_TRACER)).toMatch(/in-program$/);
});

test("a subinterpreter is not traced", async () => {
  const text = `import sqlite3
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
number = interpreters.create()
interpreters.run_string(number, """
try:
    import sqlite3
    print(type(sqlite3.connect).__name__)
except ImportError:
    print("builtin_function_or_method")
""")
interpreters.destroy(number)
print(type(sqlite3.connect).__name__)
`;
  for (const path of python) {
    const run = await traced(text, path);
    expect(run).toMatchObject({ stderr: "", code: 0 });
    expect(run.stdout.split("\n").sort()).toEqual(["", "builtin_function_or_method", "function"]);
    expect(run.messages.map(([type]) => type)).toEqual(["hello", "bye"]);
  }
});
