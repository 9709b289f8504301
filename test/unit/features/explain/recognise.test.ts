import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ENTRIES as KNOWN } from "../../../../src/features/explain/entries/index.ts";
import { Recogniser } from "../../../../src/features/explain/recognise.ts";
import { damaged } from "../../../support/fixture.ts";
import { LOCKED, NESTED, READONLY, read, recognise } from "./fixtures.ts";

const counts = (text: string) =>
  recognise(text).tallies.map(({ entry, count, readings }) => [entry.id, count, readings[0]?.line]);

describe("which message", () => {
  test("the most frequent; of equally frequent ones the first", () => {
    expect(counts("attempt to write a readonly database\ndatabase is locked\nDatabase is locked.")).toEqual([
      ["locked", 2, 2],
      ["readonly", 1, 1],
    ]);
    expect(counts("attempt to write a readonly database\n\n\ndatabase is locked")).toEqual([
      ["readonly", 1, 1],
      ["locked", 1, 4],
    ]);
    expect(counts("all is well")).toEqual([]);
  });

  test("several spaces, and such that do not break, are one", () => {
    expect(counts("database  is   locked\ndatabase\u00a0is\u202flocked")).toEqual([["locked", 2, 1]]);
  });

  test.each([
    "org.h2.jdbc.JdbcSQLException: Database is locked",
    "KeePass: The database is locked.",
    "Liquibase: could not update, the database is locked by 10.0.0.1",
    "FAISS: file is not a database index",
    "[SQL: INSERT INTO log VALUES ('database disk image is malformed')]",
    "[parameters: ('database is locked',)]",
    "DEBUG (0.001) INSERT INTO log VALUES (%s); args=['database is locked']",
    "  Log Create (0.3ms)  INSERT INTO logs VALUES ('database is locked')",
    "the database server is locked",
    "database main is locked down",
  ])("not of SQLite, or only data: %s", (text) => {
    expect(recognise(text, KNOWN).tallies).toEqual([]);
  });

  test.each<[string, string]>([
    [
      "liquibase.exception.DatabaseException: [SQLITE_BUSY] The database file is locked (database is locked)",
      "database-is-locked",
    ],
    ["P1008: Operations timed out after 5000ms", "database-is-locked"],
    ["Timed out during query execution.\nCode: `P1008`", "database-is-locked"],
    ["sqlite3.OperationalError: database main is locked", "detach-locked"],
    ["it took (5.012) when database is locked", "database-is-locked"],
    [
      "(sqlite3.OperationalError) database is locked [SQL: INSERT INTO log VALUES ('disk I/O error')]",
      "database-is-locked",
    ],
  ])("but: %s", (text, id) => {
    expect(recognise(text, KNOWN).tallies.map(({ entry }) => entry.id)).toEqual([id]);
  });

  test("two messages of one line", () => {
    expect(counts("database is locked; attempt to write a readonly database")).toEqual([
      ["locked", 1, 1],
      ["readonly", 1, 1],
    ]);
  });

  test("of messages that overlap, the longer one", () => {
    const longer = { ...READONLY, id: "longer", wordings: [{ pattern: /a table in the database is locked/ }] };
    const { tallies } = recognise("a table in the database is locked", [LOCKED, longer]);
    expect(tallies.map(({ entry }) => entry.id)).toEqual(["longer"]);
  });

  test("a code without its message: of an extended one, too; not a setting, nor a code of many messages", () => {
    expect(counts("code: 'SQLITE_BUSY'")).toEqual([["locked", 1, 1]]);
    expect(counts("SQLite error 8 in step")).toEqual([["readonly", 1, 1]]);
    expect(read("failed with SQLITE_READONLY_DBMOVED").extended?.number).toBe(1032);
    for (const text of [
      "SQLITE_BUSY_TIMEOUT=5000",
      "SQLITE_BUSY_TIMEOUT_MS: 7",
      '"SQLITE_BUSY_TIMEOUT": 5000',
      "SQLITE_ERROR",
      "SQLITE_NOMEM",
      "SQLite error 1",
      "/srv/sqlite_data",
    ])
      expect(counts(text), text).toEqual([]);
  });

  test("a code beside its message is no second one", () => {
    expect(counts("SqliteError: database is locked\n    at app.js:3:9 {\n  code: 'SQLITE_BUSY'\n}")).toEqual([
      ["locked", 1, 1],
    ]);
    expect(counts("Error: database is locked\n    at app.js:3:9 {\n  errstr: 'database is locked'\n}")).toEqual([
      ["locked", 1, 1],
    ]);
    expect(counts("database is locked (5) (SQLITE_BUSY)")).toEqual([["locked", 1, 1]]);
  });

  test("a chain of exceptions is one error, however long its tracebacks", () => {
    const frames = Array.from({ length: 80 }, (_, i) => `  File "x.py", line ${i}, in f`);
    const chain = [
      "sqlite3.OperationalError: database is locked",
      "",
      "The above exception was the direct cause of the following exception:",
      "",
      ...frames,
    ];
    expect(counts([...chain, "django.db.utils.OperationalError: database is locked"].join("\n"))).toEqual([
      ["locked", 1, 85],
    ]);
    expect(counts(["database is locked", ...frames, "database is locked"].join("\n"))).toEqual([["locked", 2, 1]]);
    expect(
      counts(
        "java.lang.X: database is locked\n\tat a.B(B.java:1)\nCaused by: org.sqlite.SQLiteException: database is " +
          "locked",
      ),
    ).toEqual([["locked", 1, 3]]);
    expect(
      counts(
        'ERROR saving: database is locked\nTraceback (most recent call last):\n  File "x.py", line ' +
          "1\nsqlite3.OperationalError: database is locked",
      ),
    ).toEqual([["locked", 1, 4]]);
  });

  test.each<[string, string]>([
    ["fields", "  errstr: 'database is locked'\n"],
    ["causes", "Caused by: org.sqlite.SQLiteException: database is locked\n"],
    ["other exceptions", "During handling of the above exception\ndatabase is locked\n"],
  ])("a chain without an end is many errors: %s", (_, more) => {
    expect(counts(`Error: database is locked\n${more.repeat(299)}`)[0]?.slice(0, 2)).toEqual(["locked", 10]);
  });

  test("nor is a chain without another message kept in full", () => {
    const text = `database is locked\n${"Caused by: a.b.C\n".repeat(3000)}database is locked`;
    expect(counts(text)).toEqual([["locked", 2, 1]]);
  });

  test("a record that has its traceback in one line", () => {
    const record = JSON.stringify({
      msg:
        'Traceback (most recent call last):\n  File "x.py", line 1\n' +
        "django.db.utils.OperationalError: database is locked\n",
    });
    expect(read(`x\n${record}`)).toMatchObject({
      line: 2,
      text: "django.db.utils.OperationalError: database is locked",
      library: { id: "django", line: 2 },
    });
  });
});

describe("who said it", () => {
  const library = (text: string) => {
    const { library, language } = read(text);
    return [library?.id ?? null, library?.from ?? null, library?.line ?? null, language];
  };

  test("the message itself", () => {
    expect(library("sqlite3.OperationalError: database is locked")).toEqual(["python-sqlite3", "wording", 1, "Python"]);
    expect(library("sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) database is locked")).toEqual([
      "sqlalchemy",
      "wording",
      1,
      "Python",
    ]);
    expect(library("ActiveRecord::StatementInvalid: SQLite3::BusyException: database is locked")).toEqual([
      "rails",
      "wording",
      1,
      "Ruby",
    ]);
    expect(library("x.SQLiteDatabaseLockedException: no")).toEqual(["android", "wording", 1, "Java or Kotlin"]);
  });

  test("in a chain, the one that reached the program", () => {
    const text =
      "sqlite3.OperationalError: database is locked\n\nThe above exception was the direct cause of the following " +
      "exception:\n\ndjango.db.utils.OperationalError: database is locked";
    expect(library(text)).toEqual(["django", "wording", 5, "Python"]);
    expect(read(text).text).toBe("django.db.utils.OperationalError: database is locked");
  });

  test("lines around it: who passes the error on goes before who said it", () => {
    expect(
      library(
        '  File "/usr/lib/python3/dist-packages/django/db/backends/sqlite3/base.py", line 423\n' +
          "sqlite3.OperationalError: database is locked",
      ),
    ).toEqual(["django", "nearby", 1, "Python"]);
    expect(library("database is locked\n    at run (/srv/node_modules/better-sqlite3/lib/x.js:9:1)")).toEqual([
      "better-sqlite3",
      "nearby",
      2,
      "Node.js",
    ]);
    // Django is in the program, too, but SQLAlchemy's own message is.
    expect(
      library(
        'File "django/db/models.py"\nsqlalchemy.exc.OperationalError: (sqlite3.OperationalError) database is locked',
      )[0],
    ).toBe("sqlalchemy");
  });

  test.each([
    ["goroutine 1 [running]:\nmain.go:3 +0x1f", "Go"],
    ["app/models/x.rb:12:in `save'", "Ruby"],
    ["    at run (/srv/app.js:3:9)", "Node.js"],
    ["\tat com.x.Main.run(Main.java:12)", "Java"],
    ["#0 /srv/add.php(168): run()", "PHP"],
    ["thread 'main' panicked at src/main.rs:3:9:", "Rust"],
    ["   at App.Save() in /srv/Program.cs:line 12", ".NET"],
    ['  File "app.py", line 3, in <module>', "Python"],
  ])("only the language: %s", (line, language) => {
    expect(library(`${line}\ndatabase is locked`)).toEqual([null, null, null, language]);
  });

  test("a form that several have tells only where the language shows", () => {
    expect(library("Error: database is locked (5)")).toEqual([null, null, null, null]);
    expect(library("save: database is locked (5)\ngoroutine 1 [running]:")).toEqual(["go-modernc", "wording", 1, "Go"]);
    expect(library("save: database is locked (5) (SQLITE_BUSY)")).toEqual(["go-modernc", "wording", 1, "Go"]);
    expect(library("LibsqlError: SQLITE_BUSY: database is locked")).toEqual([null, null, null, "Node.js"]);
  });

  test("each of several programs has its own library, whose lines a prefix tells apart or not", () => {
    const log = [
      "web-1     | Traceback (most recent call last):",
      "    worker-1  | panic: database is locked".trim(),
      '    web-1     |   File "/srv/app.py", line 3, in save'.trim(),
      "worker-1  | goroutine 1 [running]:",
      "web-1     | sqlite3.OperationalError: database is locked",
    ];
    const who = (text: string) =>
      recognise(text).tallies[0]?.readings.map((each) => [each.line, each.library?.id ?? null, each.language]);
    expect(who(log.join("\n"))).toEqual([
      [2, null, "Go"],
      [5, "python-sqlite3", "Python"],
    ]);
    expect(recognise(log.join("\n")).tallies[0]?.readings[0]?.text).toBe("worker-1  | panic: database is locked");
    const bare = [
      "sqlite3.OperationalError: database is locked",
      "panic: database is locked",
      "goroutine 1 [running]:",
      "SqliteError: database is locked",
    ];
    expect(who(bare.join("\n"))).toEqual([
      [1, "python-sqlite3", "Python"],
      [2, null, "Go"],
      [4, "better-sqlite3", "Node.js"],
    ]);
  });

  test("times of another program are none of the message's", () => {
    expect(
      read("worker-2 | query failed after 0.01s\nworker-1 | sqlite3.OperationalError: database is locked").elapsed,
    ).toBeNull();
    expect(
      read("worker-1 | query failed after 0.01s\nworker-1 | sqlite3.OperationalError: database is locked").elapsed,
    ).toEqual({ ms: 10, line: 1 });
    const journal = (pid: number, text: string) => `Mar 01 12:00:0${pid} host web[${pid}]: ${text}`;
    expect(read(`${journal(1, "failed after 2ms")}\n${journal(2, "database is locked")}`).elapsed).toBeNull();
  });

  test("nobody knows", () => {
    expect(library("database is locked")).toEqual([null, null, null, null]);
    const far = Array.from({ length: 100 }, () => "x").join("\n");
    expect(library(`import sqlite3.connect(\n${far}\ndatabase is locked\n${far}\ngoroutine 1 [running]`)).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });
});

describe("the extended code", () => {
  test.each([
    "database is locked (517)",
    "error returned from database: (code: 517) database is locked",
    "[SQLITE_BUSY_SNAPSHOT] database is locked",
    "Error { code: DatabaseBusy, extended_code: 517 }: database is locked",
    "SqliteError: database is locked\n    at x {\n  code: 'SQLITE_BUSY_SNAPSHOT'\n}",
    "Error: database is locked\n  errcode: 517,",
    "database is locked\nSqliteExtendedErrorCode = 517",
  ])("%s", (text) => {
    expect(read(text).extended?.number).toBe(517);
  });

  test.each([
    "database is locked",
    "database is locked (5)",
    "unknown error (code 517 SQLITE_BUSY_ENOENT[517]): database is locked", // a name that is not SQLite's
    "database is locked (code 1032)", // not one of this message
    "database is locked\n517 rows, status code 517",
    "HTTP status: 517, statuscode: 517 database is locked",
    "database is locked\nattempt to write a readonly database\nerrcode: 517", // belongs to the other
    `database is locked\n${"x\n".repeat(40)}errcode: 517`,
  ])("not: %s", (text) => {
    expect(read(text).extended).toBeNull();
  });
});

describe("any text", () => {
  const known = new Recogniser(KNOWN);

  test("a message that is cut, doubled or damaged makes nothing throw", () => {
    const examples = KNOWN.flatMap((entry) => entry.examples.map((example) => example.text));
    fc.assert(
      fc.property(fc.constantFrom(...examples).chain(damaged), (text) => {
        recognise(text, KNOWN);
      }),
      { numRuns: 80 },
    );
  });

  test("every example is recognised as its own message alone, and with its code", () => {
    for (const { id, examples } of KNOWN) {
      for (const { text, extended } of examples) {
        const { tallies } = recognise(text, KNOWN);
        expect(
          tallies.map(({ entry, count, readings }) => [entry.id, count, readings[0]?.extended?.number]),
          text,
        ).toEqual([[id, 1, extended]]);
      }
    }
  });

  test("no library is told that did not say it", () => {
    for (const { examples } of KNOWN) {
      for (const { text, library } of examples) {
        const told = recognise(text, KNOWN).tallies[0]?.readings[0]?.library?.id ?? null;
        // Knex and Prisma pass on what their drivers say, and not every line of theirs shows them.
        const allowed = library === "knex" ? ["knex", "node-sqlite3", "better-sqlite3"] : [library];
        if (told !== null) expect(allowed, text).toContain(told);
      }
    }
  });

  test("a line of 1 MB is linear: ten times as long takes no hundred times as long", () => {
    const adversarial = [
      "database is locke",
      "SQLITE_",
      "Error: insert into - ",
      "cannot commit ",
      "(((((",
      "Traceback ",
      "busy_timeout ",
      "timeout='OPTIONS' ",
      "12:00:00.",
      "errcode: ",
    ];
    for (const text of adversarial) {
      const time = (length: number) => {
        const started = performance.now();
        recognise(`${text.repeat(length / text.length)} database is locked`, KNOWN);
        return performance.now() - started;
      };
      time(10_000);
      expect(time(1_000_000), text).toBeLessThan(20 * time(100_000) + 1000);
    }
  });

  test("memory is bounded: a message on each of many lines is counted, and the first ones read", () => {
    for (let number = 1; number <= 5000; number++) known.push({ number, text: "database is locked", overlap: 0 });
    const [tally] = known.finish().tallies;
    expect([tally?.count, tally?.readings.length]).toEqual([5000, 200]);
  });
});

test("lines to compare with, where nothing is recognised: those that speak of an error", () => {
  expect(recognise("a\nsome error\nb", [NESTED]).candidates).toEqual(["some error"]);
  expect(recognise("a\nb", [NESTED]).candidates).toEqual(["a", "b"]);
});
