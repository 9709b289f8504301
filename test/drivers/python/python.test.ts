/** Drivers of Python: its own, and those of the Python Package Index. */
import { testDrivers } from "../matrix.ts";
import { program, withPackages } from "./packages.ts";

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
