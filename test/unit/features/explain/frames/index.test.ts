import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ENTRIES } from "../../../../../src/features/explain/entries/index.ts";
import { raisedAt } from "../../../../../src/features/explain/frames/index.ts";
import { damaged } from "../../../../support/fixture.ts";
import { read, recognise } from "../fixtures.ts";

const FOLDER = new URL("../../../../fixtures/stacks/", import.meta.url);

/** `orders/views.py:42, in checkout`, as it is printed. */
function place(text: string): string | null {
  const found = read(text, ENTRIES).raisedAt;
  if (found === null) return null;
  return `${found.language} ${found.file}:${found.line}${found.function === null ? "" : `, in ${found.function}`}`;
}

describe("what programs really print", () => {
  test.each([
    ["python", "Python /srv/shop/orders/store.py:9, in save"],
    // An error of its own before, and one that it became after.
    ["python-chain", "Python /srv/shop/orders/store.py:9, in save"],
    ["python-group", "Python /srv/shop/orders/store.py:9, in save"],
    // The first traceback of the chain is Django's alone.
    ["django", "Python /srv/shop/orders/views.py:8, in checkout"],
    ["sqlalchemy", "Python /srv/shop/alchemy.py:10, in checkout"],
    ["pytest", "Python orders/store.py:9, in save"],
    ["pytest-short", "Python orders/store.py:9, in save"],
    ["ipython", "Python /srv/shop/orders/store.py:10, in Store.save"],
    ["ipython-cell", "Python Cell In[3]:1"],
    ["ipython-chain", "Python /srv/shop/orders/store.py:10, in Store.save"],
    ["node-sync", "Node.js /srv/shop/store.js:5, in Store.save"],
    ["node-async", "Node.js /srv/shop/store.js:5, in Store.save"],
    ["node-cause", "Node.js /srv/shop/store.js:5, in Store.save"],
    ["vitest", "Node.js store.js:4, in save"],
    ["ruby", "Ruby store.rb:8, in save"],
    ["php", "PHP /srv/shop/store.php:7, in Store->save"],
    ["php-chain", "PHP /srv/shop/store.php:7, in Store->save"],
    ["perl", "Perl store.pl:9"],
    ["perl-carp", "Perl store.pl:9, in main::save"],
    ["java", "Java OrderService.java:6, in com.shop.OrderService.save"],
    ["go", "Go /srv/shop/go/main.go:13, in main.(*Store).Save"],
    ["rust", "Rust src/main.rs:3, in shop::store::save"],
  ])("%s: %s", (name, expected) => {
    const text = readFileSync(new URL(`${name}.txt`, FOLDER), "utf8");
    expect(place(text)).toBe(expected);
  });

  test("an error that became another is named beside it", () => {
    const text = readFileSync(new URL("ruby-chain.txt", FOLDER), "utf8");
    expect(recognise(text, ENTRIES).tallies[0]?.readings.map(({ raisedAt: at }) => at?.line)).toEqual([14, 8]);
  });
});

const TEXT = "database is locked";
const LOCKED = "sqlite3.OperationalError: database is locked";
const frames = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join("\n");

describe("IPython", () => {
  const stack = (...frames: readonly string[]) =>
    [
      "OperationalError                 Traceback (most recent call last)",
      ...frames,
      "",
      `OperationalError: ${TEXT}`,
    ].join("\n");

  test.each<[string, string, string | null]>([
    ["8.0", stack("Input In [2], in <cell line: 3>()", "      1 x = 1", "----> 3 save()"), "Python Input In [2]:3"],
    ["8.6", stack("Cell In [2], line 3", "----> 3 save()"), "Python Cell In [2]:3"],
    [
      "before 8",
      stack(
        "<ipython-input-2-1f2e> in <module>",
        "----> 1 save()",
        "",
        "~/shop/store.py in save(order)",
        "      6 def save(order):",
        "----> 7     con.execute(sql)",
      ),
      "Python ~/shop/store.py:7, in save",
    ],
    [
      "a cell before 8",
      stack("<ipython-input-2-1f2e> in <module>", "----> 4 save()"),
      "Python <ipython-input-2-1f2e>:4",
    ],
    [
      "the frames of a library are not the user's",
      stack(
        "File ~/shop/store.py:7, in save(order)",
        "      6 def save(order):",
        "----> 7     con.execute(sql)",
        "",
        "    [... skipping hidden 1 frame]",
        "",
        "File ~/venv/lib/python3.12/site-packages/sqlalchemy/engine/default.py:924, in execute(self, cursor)",
        "    923 def execute(self, cursor):",
        "--> 924     cursor.execute(statement, parameters)",
      ),
      "Python ~/shop/store.py:7, in save",
    ],
    ["a list with numbers is no stack", `File a.txt:3\n   1 one\n\nOperationalError: ${TEXT}`, null],
  ])("%s", (_, text, expected) => {
    expect(place(text)).toBe(expected);
  });
});

describe("Python", () => {
  test.each([
    [
      "every line of the log begins with a time",
      (line: string) => `2024-05-01T12:00:00.123456+00:00 app[web.1]: ${line}`,
    ],
    ["a log of docker compose", (line: string) => `web-1  | ${line}`],
    ["a traceback that is indented", (line: string) => `    ${line}`],
  ])("%s", (_, before) => {
    const traceback = [
      "Traceback (most recent call last):",
      '  File "/srv/orders/views.py", line 42, in checkout',
      "    order.save()",
      '  File "/usr/lib/python3/dist-packages/django/db/models/base.py", line 739, in save',
      "    self.save_base(",
      "    ^^^^^^^^^^^^^^",
      LOCKED,
    ];
    expect(place(traceback.map(before).join("\n"))).toBe("Python /srv/orders/views.py:42, in checkout");
  });

  test("all frames are a library's, or of no file: nothing is said", () => {
    for (const file of [
      "/srv/venv/lib/python3.11/site-packages/peewee.py",
      "/usr/lib/python3/dist-packages/django/db/utils.py",
      "C:\\Python312\\Lib\\sqlite3\\dbapi2.py",
      "/home/me/src/django/django/db/backends/utils.py",
      "<string>",
      "<stdin>",
      "<frozen runpy>",
      "/srv/shop/manage.py",
      "/srv/venv/bin/gunicorn",
    ])
      expect(
        place(`Traceback (most recent call last):\n  File "${file}", line 3, in f\n    x()\n${LOCKED}`),
        file,
      ).toBeNull();
  });

  test("a traceback of another error is not this one's", () => {
    expect(
      place(`Traceback (most recent call last):\n  File "a.py", line 3, in f\nValueError: no\n${LOCKED}`),
    ).toBeNull();
    expect(
      place(`${LOCKED}\nTraceback (most recent call last):\n  File "a.py", line 3, in f\nValueError: no`),
    ).toBeNull();
  });

  test("a traceback of many lines, one frame again and again, and code of several lines", () => {
    const traceback = [
      "Traceback (most recent call last):",
      '  File "own.py", line 7, in walk',
      frames(90, (i) => `  File "/usr/lib/python3/dist-packages/lib.py", line ${i}, in f\n    x()\n    ^^^`),
      "  [Previous line repeated 975 more times]",
      '  File "/usr/lib/python3/dist-packages/lib.py", line 9, in f',
      "    con.execute(",
      '        "insert into orders values (?)",',
      "    )",
      "    ^",
      LOCKED,
    ];
    expect(place(traceback.join("\n"))).toBe("Python own.py:7, in walk");
  });

  test("a module has no name, nor has a lambda", () => {
    for (const name of ["<module>", "<lambda>", "<listcomp>"])
      expect(place(`  File "a.py", line 3, in ${name}\n    x()\n${LOCKED}`), name).toBe("Python a.py:3");
  });

  test("a record that has its traceback in one line", () => {
    const msg = `Traceback (most recent call last):\n  File "/srv/a.py", line 3, in f\n    x()\n${LOCKED}`;
    expect(place(JSON.stringify({ level: "error", msg }))).toBe("Python /srv/a.py:3, in f");
  });
});

describe("Node.js", () => {
  test.each([
    ["    at save (file:///srv/my%20app/orders.mjs:3:5)", "/srv/my app/orders.mjs:3, in save"],
    ["    at file:///srv/orders.mjs:3:5", "/srv/orders.mjs:3"],
    ["    at async Object.checkout (/srv/app/(shop)/page.tsx:3:5)", "/srv/app/(shop)/page.tsx:3, in Object.checkout"],
    ["    at Store.save [as write] (C:\\srv\\orders.js:3:5)", "C:\\srv\\orders.js:3, in Store.save"],
    ["    at new Store (/srv/orders.js:3:5) {", "/srv/orders.js:3, in new Store"],
    ["    at Object.<anonymous> (/srv/orders.js:3:5)", "/srv/orders.js:3"],
    ["    at webpack-internal:///(rsc)/./src/orders.ts:3:5", "webpack-internal:///(rsc)/./src/orders.ts:3"],
  ])("%s", (frame, expected) => {
    const stack = [
      "SqliteError: database is locked",
      "    at Database.exec (/srv/node_modules/better-sqlite3/lib/methods/wrappers.js:9:14)",
      "    at async Promise.all (index 0)",
      frame,
      "    at main (/srv/main.js:9:9)",
    ];
    expect(place(stack.join("\n"))).toBe(`Node.js ${expected}`);
  });

  test.each([
    "    at Database.exec (/srv/node_modules/better-sqlite3/lib/methods/wrappers.js:9:14)",
    "    at Module._compile (node:internal/modules/cjs/loader:1521:14)",
    "    at emit (events.js:200:13)",
    "    at eval (eval at <anonymous> (/srv/x.js:1:1), <anonymous>:1:1)",
    "    at <anonymous>",
    "    at https://deno.land/std/http/server.ts:3:5",
  ])("a library's: %s", (frame) => {
    expect(place(`SqliteError: database is locked\n${frame}`)).toBeNull();
  });

  test("what only mentions a place is no stack, and another error's stack is not this one's", () => {
    expect(place("SqliteError: database is locked\nlistening at 127.0.0.1:80:1")).toBeNull();
    expect(place("SqliteError: database is locked\nTypeError: no\n    at f (/srv/a.js:1:1)")).toBeNull();
  });

  test("Jest shows the source before the stack", () => {
    const text = [
      "    SqliteError: database is locked",
      "",
      "      3 | function save(db) {",
      "    > 4 |   db.exec('insert into t values (1)');",
      "        |      ^",
      "      at Database.exec (node_modules/better-sqlite3/lib/methods/wrappers.js:9:14)",
      "      at save (src/store.js:4:6)",
    ];
    expect(place(text.join("\n"))).toBe("Node.js src/store.js:4, in save");
  });

  test("a JSON record, and the stack of sqlite3 with verbose()", () => {
    const stack = "Error: SQLITE_BUSY: database is locked\n    at save (/srv/a.js:3:5)";
    expect(place(JSON.stringify({ level: 50, err: { stack } }))).toBe("Node.js /srv/a.js:3, in save");
    expect(
      place("Error: SQLITE_BUSY: database is locked\n--> in Database#exec('x')\n    at save (/srv/a.js:3:5)"),
    ).toBe("Node.js /srv/a.js:3, in save");
  });
});

describe("Ruby", () => {
  test("Rails: the backtrace without its libraries, after a blank line; and with them", () => {
    const log = [
      "ActiveRecord::StatementInvalid (SQLite3::BusyException: database is locked):",
      "  ",
      "app/models/order.rb:42:in `block in checkout'",
      "app/controllers/orders_controller.rb:7:in `create'",
    ];
    expect(place(log.join("\n"))).toBe("Ruby app/models/order.rb:42, in checkout");
    log.splice(2, 0, "/usr/share/gems/activerecord-7.1.3/lib/active_record/core.rb:9:in 'Class#save'");
    log.splice(3, 0, "<internal:kernel>:187:in `loop'", "vendor/bundle/ruby/3.2.0/gems/x-1/y.rb:1:in `z'");
    expect(place(log.join("\n"))).toBe("Ruby app/models/order.rb:42, in checkout");
  });

  test("Ruby 3.4 names the class; the script has no name; what Rails starts itself with is not the user's", () => {
    expect(place("orders.rb:3:in 'Order#save': database is locked (SQLite3::BusyException)")).toBe(
      "Ruby orders.rb:3, in Order#save",
    );
    expect(place("orders.rb:3:in `<main>': database is locked (SQLite3::BusyException)")).toBe("Ruby orders.rb:3");
    expect(place("SQLite3::BusyException: database is locked\nbin/rails:4:in `<main>'")).toBeNull();
  });
});

describe("Java and Kotlin", () => {
  const OWN = "\tat com.shop.OrderService.checkout(OrderService.java:42)";
  const library = (i: number) => `\tat org.springframework.aop.X.proceed(X.java:${i})`;

  test("an own frame deep below the library's, in a cause that prints only its first frames", () => {
    const text = [
      "org.springframework.dao.CannotAcquireLockException: no order",
      frames(40, library),
      OWN,
      "\tat com.shop.Main.main(Main.java:3)",
      frames(30, library),
      "Caused by: org.sqlite.SQLiteException: [SQLITE_BUSY] The database file is locked (database is locked)",
      "\tat org.sqlite.core.DB.newSQLException(DB.java:1182)",
      "\t... 62 more",
    ];
    expect(place(text.join("\n"))).toBe("Java OrderService.java:42, in com.shop.OrderService.checkout");
    // Only the frames that both have: the outer exception was made elsewhere.
    const shared = text.join("\n").replace("... 62 more", "... 31 more");
    expect(place(shared)).toBe("Java Main.java:3, in com.shop.Main.main");
    expect(place(text.join("\n").replace("... 62 more", "... 30 common frames omitted"))).toBeNull();
  });

  test("where the exception before it is out of sight, nothing is said of the frames in common", () => {
    const text = [
      "x",
      frames(700, () => OWN),
      "Caused by: org.sqlite.SQLiteException: [SQLITE_BUSY] The database file is locked (database is locked)",
      "\tat org.sqlite.core.DB.newSQLException(DB.java:1182)",
      "\t... 62 more",
    ];
    expect(place(text.join("\n"))).toBeNull();
  });

  test.each([
    ["\tat app//com.shop.Orders.save(Orders.kt:7)", "Orders.kt:7, in com.shop.Orders.save"],
    ["\tat com.shop.Orders.save(Orders.java:7) ~[classes/:na]", "Orders.java:7, in com.shop.Orders.save"],
    ["05-01 12:00:00.123  99  99 E AndroidRuntime: \tat com.shop.Db.save(Db.kt:7)", "Db.kt:7, in com.shop.Db.save"],
  ])("%s", (frame, expected) => {
    expect(place(`org.sqlite.SQLiteException: database is locked\n${frame}`)).toBe(`Java ${expected}`);
  });

  test.each([
    "\tat com.acme.Pool.get(Pool.java:7) ~[acme-pool-1.2.jar:1.2]",
    "\tat com.shop.Orders$$SpringCGLIB$$0.save(<generated>)",
    "\tat java.base/java.lang.Thread.run(Thread.java:840)",
    "\tat com.shop.Orders.save(Native Method)",
    "\tat android.database.sqlite.SQLiteConnection.nativeExecute(SQLiteConnection.java:9)",
  ])("a library's: %s", (frame) => {
    expect(place(`org.sqlite.SQLiteException: database is locked\n${frame}`)).toBeNull();
  });
});

describe("Go", () => {
  const panic = (...lines: readonly string[]) =>
    ["panic: database is locked", "", "goroutine 1 [running]:", ...lines].join("\n");

  test.each([
    ["main.save(0x1)\n\t./orders.go:12 +0x1d", "./orders.go:12, in main.save"],
    [
      "example.com/shop/orders.Save({0x1, 0x2})\n\texample.com/shop/orders/save.go:12 +0x1d",
      "example.com/shop/orders/save.go:12, in example.com/shop/orders.Save",
    ],
    [
      "shop/orders.(*Store).Save(...)\n\t/srv/shop/orders/save.go:12",
      "/srv/shop/orders/save.go:12, in shop/orders.(*Store).Save",
    ],
  ])("%s", (frame, expected) => {
    const text = panic(
      "panic({0x4b, 0x5})\n\t/usr/local/go/src/runtime/panic.go:884 +0x1d",
      "database/sql.(*DB).Exec(0x1)\n\t/usr/local/go/src/database/sql/sql.go:1673 +0x1d",
      "github.com/mattn/go-sqlite3.(*SQLiteConn).exec(0x1)",
      "\t/root/go/pkg/mod/github.com/mattn/go-sqlite3@v1.14.22/sqlite3.go:9",
      frame,
      "main.main()\n\t/srv/shop/main.go:3 +0x1d",
    );
    expect(place(text)).toBe(`Go ${expected}`);
  });

  test("pkg/errors prints no addresses; a server says which request", () => {
    expect(
      place("database is locked\nmain.save\n\t/srv/main.go:12\nruntime.main\n\t/usr/local/go/src/runtime/proc.go:250"),
    ).toBe("Go /srv/main.go:12, in main.save");
    expect(
      place(
        "http: panic serving 127.0.0.1:5: database is locked\ngoroutine 19 [running]:\n" +
          "main.serve(0x1)\n\t/srv/main.go:12 +0x1d",
      ),
    ).toBe("Go /srv/main.go:12, in main.serve");
  });

  test("who started a goroutine, and what another does, is not where it was raised", () => {
    const created = "created by main.main in goroutine 1\n\t/srv/main.go:9 +0x1d";
    expect(place(panic("net/http.(*conn).serve()\n\tnet/http/server.go:9 +0x1d", created))).toBeNull();
    expect(
      place(
        panic(
          "runtime.gopark()\n\t/usr/lib/go-1.19/src/runtime/proc.go:9",
          "",
          "goroutine 2 [select]:",
          "main.f()\n\t/srv/main.go:9",
        ),
      ),
    ).toBeNull();
  });
});

describe("Rust", () => {
  test("before 1.73 the place stands behind the message; a panic of a library is followed to the program", () => {
    expect(
      place("thread 'main' panicked at 'called `Result::unwrap()` on an `Err`: \"database is locked\"', src/db.rs:3:9"),
    ).toBe("Rust src/db.rs:3");
    const text = [
      "thread 'main' panicked at /root/.cargo/registry/src/index-1/r2d2-0.8/src/lib.rs:3:9:",
      "database is locked",
      "stack backtrace:",
      "   0: r2d2::get\n             at /root/.cargo/registry/src/index-1/r2d2-0.8/src/lib.rs:3:9",
      "   1: shop::save\n             at ./src/main.rs:7:5",
    ];
    expect(place(text.join("\n"))).toBe("Rust ./src/main.rs:7, in shop::save");
  });

  test("anyhow", () => {
    const text = [
      "Error: no order",
      "",
      "Caused by:",
      "    database is locked",
      "",
      "Stack backtrace:",
      "   0: anyhow::error::new\n             at /root/.cargo/registry/src/index-1/anyhow-1/src/error.rs:3:9",
      "   1: shop::save\n             at ./src/main.rs:7:5",
    ];
    expect(place(text.join("\n"))).toBe("Rust ./src/main.rs:7, in shop::save");
  });
});

describe("PHP", () => {
  test("Laravel: the frames below vendor are passed over", () => {
    const text = [
      "[2024-05-01 12:00:00] production.ERROR: SQLSTATE[HY000]: General error: 5 database is locked (SQL: insert) " +
        '{"exception":"[object] (Illuminate\\\\Database\\\\QueryException(code: HY000): SQLSTATE[HY000] at ' +
        "/srv/shop/vendor/laravel/framework/src/Illuminate/Database/Connection.php:829)",
      "[stacktrace]",
      "#0 /srv/shop/vendor/laravel/framework/src/Illuminate/Database/Connection.php(783): Illuminate->runQuery('x')",
      "#1 /srv/shop/app/Http/Controllers/OrderController.php(42): Illuminate\\Database\\Connection->insert('x', Array)",
      "#2 [internal function]: App\\Http\\Controllers\\OrderController->store(Object(Request))",
      "#3 {main}",
    ];
    expect(place(text.join("\n"))).toBe(
      "PHP /srv/shop/app/Http/Controllers/OrderController.php:42, in App\\Http\\Controllers\\OrderController->store",
    );
  });

  test("PHPUnit prints places alone", () => {
    const text =
      "PDOException: SQLSTATE[HY000]: General error: 5 database is locked\n\n/srv/vendor/a/b.php:3\n/srv/Store.php:7\n";
    expect(place(text)).toBe("PHP /srv/Store.php:7");
  });

  test("a warning has its place alone", () => {
    expect(place("PHP Warning:  SQLite3::exec(): database is locked in /srv/my shop/orders.php on line 12")).toBe(
      "PHP /srv/my shop/orders.php:12",
    );
  });
});

describe(".NET", () => {
  test("a library's frame has no file, or one of its own build; an inner exception stands first", () => {
    const text = [
      "Unhandled exception. Microsoft.EntityFrameworkCore.DbUpdateException: An error occurred.",
      " ---> Microsoft.Data.Sqlite.SqliteException (0x80004005): SQLite Error 5: 'database is locked'.",
      "   at Microsoft.Data.Sqlite.SqliteException.ThrowExceptionForRC(Int32 rc, sqlite3 db)",
      "   at Dapper.SqlMapper.Query() in /_/Dapper/SqlMapper.cs:line 99",
      "   --- End of inner exception stack trace ---",
      "   at Shop.Orders.Repository.Save(Int32 id) in /srv/my shop/Repository.cs:line 42",
      "   at Shop.Program.Main() in /srv/my shop/Program.cs:line 3",
    ];
    expect(place(text.join("\n"))).toBe(".NET /srv/my shop/Repository.cs:42, in Shop.Orders.Repository.Save");
  });
});

test("RSpec marks the backtrace", () => {
  const text = [
    "     SQLite3::BusyException:",
    "       database is locked",
    "     # /usr/lib/ruby/vendor_ruby/sqlite3/resultset.rb:108:in `step'",
    "     # ./lib/store.rb:8:in `block in save'",
  ];
  expect(place(text.join("\n"))).toBe("Ruby ./lib/store.rb:8, in save");
});

test("Perl: a library's place, and what is no file", () => {
  expect(place("DBD::SQLite::db do failed: database is locked at /usr/share/perl5/DBIx/Class.pm line 9.")).toBeNull();
  expect(place("database is locked at startup line 3.")).toBeNull();
});

describe("any text", () => {
  test("what is cut, doubled or damaged makes nothing throw", () => {
    const texts = [
      "python-chain",
      "java",
      "go",
      "rust",
      "php-chain",
      "perl-carp",
      "ruby-chain",
      "node-cause",
      "pytest",
    ].map((name) => readFileSync(new URL(`${name}.txt`, FOLDER), "utf8"));
    fc.assert(
      fc.property(fc.constantFrom(...texts).chain(damaged), (text) => {
        const { tallies } = recognise(text, ENTRIES);
        for (const at of tallies.flatMap(({ readings }) => readings.map((reading) => reading.raisedAt)))
          if (at !== null) expect(at.line).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 100 },
    );
  });

  test("long lines that almost are frames take a time that is linear in their length", () => {
    const almost = [
      'File "',
      "at a(",
      "at at at ",
      "at (eval at ",
      " (",
      "a.rb:1:in `",
      "x:1:",
      "#0 x(1",
      " at x line 1 at ",
      "panicked at 'x', ",
      ") in x:line ",
      "... 1 more",
      "Caused by: ",
      "a.b/c.",
      "\t/x.go:1",
      "1: ",
      "(".repeat(9),
      "main.f(",
      " ",
    ];
    const time = (line: string, length: number) => {
      const text = line.repeat(length / line.length);
      const lines = Array.from({ length: 200 }, (_, i) =>
        i === 100 ? `E   ${text} database is locked` : `    ${text}`,
      );
      const started = performance.now();
      for (const hit of [99, 100]) raisedAt(lines, [hit]);
      return performance.now() - started;
    };
    for (const text of almost) for (const length of [1900, 16_000]) expect(time(text, length), text).toBeLessThan(2000);
  });
});
