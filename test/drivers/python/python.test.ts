/** Drivers of Python: its own, and those of the Python Package Index. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { pythonPath } from "../../support/holder.ts";
import { need } from "../../support/skip.ts";
import { fetched, run } from "../cache.ts";
import { type Command, testDrivers } from "../matrix.ts";

const REQUIREMENTS = join(import.meta.dirname, "requirements.txt");

testDrivers([
  { name: "Python's sqlite3", command: () => program("with_sqlite3.py") },
  { name: "APSW", command: (context) => withPackages(context, "with_apsw.py") },
  { name: "aiosqlite", command: (context) => withPackages(context, "with_aiosqlite.py") },
  {
    name: "SQLAlchemy 2",
    command: (context) => withPackages(context, "with_sqlalchemy.py"),
    deviations: [
      {
        why: "its pool keeps a second connection open, which cannot write meanwhile either",
        cells: {
          "wal write": { findings: ["same-process-contention"] },
          "delete write": { findings: ["same-process-contention"] },
        },
      },
    ],
  },
  { name: "Django 5", command: (context) => withPackages(context, "with_django.py") },
  { name: "peewee", command: (context) => withPackages(context, "with_peewee.py") },
]);

function program(file: string): Command {
  return { argv: [pythonPath(), join(import.meta.dirname, file)] };
}

async function withPackages(context: TestContext, file: string): Promise<Command> {
  const python = pythonPath();
  const version = execFileSync(python, ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"], {
    encoding: "utf8",
  }).trim();
  need(context, Number(version.split(".")[1]) >= 10, "Python 3.10 (Django 5)");
  const packages = await fetched(context, {
    name: "python",
    pins: [REQUIREMENTS],
    key: [version],
    make: (folder) =>
      run(
        [python, "-m", "pip", "install", "--quiet", "--target", folder].concat(
          "--require-hashes",
          "--no-deps",
          "--only-binary",
          ":all:",
          "--requirement",
          REQUIREMENTS,
        ),
        { cwd: folder },
      ),
  });
  return { ...program(file), env: { PYTHONPATH: packages } };
}
