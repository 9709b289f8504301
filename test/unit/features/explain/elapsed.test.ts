import { describe, expect, test } from "vitest";
import { timeoutIn } from "../../../../src/features/explain/busy-timeout.ts";
import { elapsedIn } from "../../../../src/features/explain/elapsed.ts";

/** The message stands on the line with `locked`; all of them. */
function elapsed(...texts: string[]): [number, number, true?] | null {
  const lines = texts.map((text, i) => ({ number: i + 1, text }));
  const hits = texts.flatMap((text, i) => (text.includes("locked") ? [i] : []));
  const found = elapsedIn(lines, hits);
  return found === null ? null : found.atMost ? [found.ms, found.line, true] : [found.ms, found.line];
}

describe("how long it waited", () => {
  test.each<[string, number]>([
    ["database is locked after 5003ms", 5003],
    ["locked (elapsed: 5.01s)", 5010],
    ["locked elapsed=0.02s", 20],
    ["[5023ms] locked", 5023],
    ["locked (12.5 ms)", 12.5],
    ["locked, took 20 seconds", 20_000],
    ["locked: waited for 3 secs", 3000],
    ['{"err":"locked","duration_ms":5001}', 5001],
    ['{"err":"locked","durationMs": 5001}', 5001],
    ["query failed in 300 milliseconds: locked", 300],
  ])("%s", (text, ms) => {
    expect(elapsed(text)).toEqual([ms, 1]);
  });

  test.each([
    "locked, retrying after 5s",
    "locked, retry after 5s",
    "locked: try again after 5 seconds",
    "locked [generated in 0.00011s]",
    "locked after 3 retries",
    "locked (5)",
    "locked 5003ms",
    "locked after 99999999999999999999s",
    "locked 12:00:05,123",
    "locked elapsed=5003",
  ])("not: %s", (text) => {
    expect(elapsed(text)).toBeNull();
  });

  test("in the record of the message, in words of the failure; not of what is only near", () => {
    expect(elapsed("locked", "elapsed: 1.5s")).toEqual([1500, 2]);
    expect(elapsed("{", '  "durationMs": 5001,', '  "err": "locked",', '  "status": 500', "}")).toEqual([5001, 2]);
    expect(elapsed("task 3 failed after 0.007 s", "locked")).toEqual([7, 1]);
    expect(elapsed("locked", "ERROR save failed after 5.01s")).toEqual([5010, 2]);
    for (const other of [
      "POST /x took 5.0s",
      "GET /health 200 elapsed=1ms",
      "redis connect took 0.004s",
      "redis: failed after 0.004s",
      "level=info msg=request path=/ok took=3ms",
      "level=info msg='cleanup failed after 3ms'",
      "[5003ms] y",
      "  at x (took 5ms)",
    ]) {
      expect(elapsed(other, "locked"), other).toBeNull();
      expect(elapsed("locked", other), other).toBeNull();
    }
  });

  const TRACEBACK = [
    "Traceback (most recent call last):",
    '  File "x.py", line 1, in f',
    "    f()",
    "OperationalError: database is locked",
  ];

  test("the statement that Django logged, before its traceback", () => {
    expect(
      elapsed(
        "(0.000) BEGIN; args=None",
        "DEBUG (5.012) INSERT INTO t; args=['x']",
        "Internal Server Error: /x",
        ...TRACEBACK,
      ),
    ).toEqual([5012, 2]);
    expect(elapsed("DEBUG (2.016) insert into t values (1); args=None", ...TRACEBACK)).toEqual([2016, 1]);
    expect(elapsed("(5.012) INSERT INTO t", "a", "b", "c", "d", ...TRACEBACK)).toBeNull();
  });

  const SEARCHED = [
    "Traceback (most recent call last):",
    '  File "x.py", line 1, in f',
    "    f()",
    "app.DoesNotExist: matching query does not exist.",
  ];
  const CHAIN = [...SEARCHED, "", "During handling of the above exception, another exception occurred:", ""];

  test("before the first traceback of a chain; a traceback that is none of it ends it", () => {
    expect(elapsed("(0.007) INSERT INTO t; args=['x']", ...CHAIN, ...TRACEBACK)).toEqual([7, 1]);
    expect(elapsed("failed after 0.007 s (timeout 20.0 s)", ...CHAIN, ...TRACEBACK)).toEqual([7, 1]);
    expect(elapsed("(0.007) INSERT INTO t; args=['x']", ...SEARCHED, "", ...TRACEBACK)).toBeNull();
  });

  test("of several statements the one that writes, and none that another one followed", () => {
    expect(
      elapsed("DEBUG (5.012) INSERT INTO t; args=[1]", "DEBUG (0.000) SELECT 1", "x.OperationalError: locked"),
    ).toEqual([5012, 1]);
    expect(
      elapsed("DEBUG (0.001) INSERT INTO t; args=[1]", "DEBUG (0.000) SELECT 1", "x.OperationalError: locked"),
    ).toBeNull();
    expect(elapsed("DEBUG (0.000) SELECT 1", "x.OperationalError: locked")).toBeNull();
    expect(elapsed("DEBUG (0.000) SAVEPOINT s1", "x.OperationalError: locked")).toBeNull();
  });

  test("a COMMIT that failed and was not logged did not take what the statement before it took", () => {
    const commit = [
      "Traceback (most recent call last):",
      '  File "x.py", line 1, in _commit',
      "    return self.connection.commit()",
      "OperationalError: locked",
    ];
    expect(elapsed("(0.001) INSERT INTO t; args=None", ...commit)).toBeNull();
    expect(elapsed("(5.010) COMMIT; args=None", ...commit)).toEqual([5010, 1]);
  });

  test("the statement that Entity Framework says has failed", () => {
    const log = [
      "      Failed executing DbCommand (30,012ms) [Parameters=[], CommandTimeout='30']",
      "      INSERT INTO t VALUES (1);",
      "SQLite Error 5: 'locked'.",
    ];
    expect(elapsed(...log)).toEqual([30_012, 1]);
    expect(timeoutIn([{ number: 1, text: log[0] ?? "" }], 0, null)).toEqual({ ms: 30_000, line: 1 });
  });

  test("the statement that Rails logged", () => {
    expect(
      elapsed("  User Create (5003.1ms)  INSERT INTO users", "SQLite3::BusyException: database is locked"),
    ).toEqual([5003.1, 1]);
  });

  test("the times of the statement's line and of the next: at most so long", () => {
    const insert = "2024-05-01 12:00:00,120 INFO sqlalchemy.engine.Engine INSERT INTO t VALUES (?)";
    const generated = "2024-05-01 12:00:00,121 INFO sqlalchemy.engine.Engine [generated in 0.00011s] (1,)";
    const rollback = "2024-05-01 12:00:05,130 INFO sqlalchemy.engine.Engine ROLLBACK";
    expect(elapsed(insert, generated, rollback, ...TRACEBACK)).toEqual([5010, 1, true]);
    expect(
      elapsed(
        "12:00:00.000 BEGIN (implicit)",
        "12:00:01.000 insert into t values (1)",
        "12:00:01.500 ROLLBACK",
        ...TRACEBACK,
      ),
    ).toEqual([500, 2, true]);
    expect(elapsed("23:59:59.900 BEGIN", "00:00:00.100 database is locked")).toEqual([200, 1, true]);
    // nothing to do with each other
    expect(elapsed("12:00:00.900 BEGIN", "12:30:00.100 database is locked")).toBeNull();
    expect(elapsed("12:00:00 BEGIN", "12:00:05 database is locked")).toBeNull(); // a second more or less
    expect(elapsed("12:00:00.900 SELECT 1", "12:00:01.100 database is locked")).toBeNull();
  });
});

describe("how long it might have waited", () => {
  test("beside the time that it took, and only there", () => {
    const timeout = (line: string) => timeoutIn([{ number: 1, text: line }], 0, null);
    expect(timeout("failed after 0.007 s (timeout 20.0 s)")).toEqual({ ms: 20_000, line: 1 });
    expect(timeout("connect to redis: timeout 20.0 s")).toBeNull();
  });

  const timeout = (text: string, unit: "s" | "ms" | null = null) =>
    timeoutIn(
      [
        { number: 7, text },
        { number: 8, text: "locked" },
      ],
      1,
      unit,
    );

  test.each<[string, "s" | "ms" | null, number]>([
    ["PRAGMA busy_timeout = 5000", null, 5000],
    ["PRAGMA busy_timeout=200;", null, 200],
    ["file:app.db?_pragma=busy_timeout(7000)", null, 7000],
    ["file:app.db?_busy_timeout=20000&x", null, 20_000],
    ["file:app.db?_timeout=100", null, 100],
    ["busyTimeout: 5000", null, 5000],
    ["sqlite3.connect('x.db', timeout=20)", "s", 20_000],
    ["'OPTIONS': {'timeout': 0.5}", "s", 500],
    ["new Database('x.db', { timeout: 3000 })", "ms", 3000],
    ["Data Source=app.db;Default Timeout=60", "s", 60_000],
    ["sqlite timeout=20s", null, 20_000],
    ["PRAGMA busy_timeout = 0", null, 0],
    ['con = sqlite3.connect("x.db", 30)', "s", 30_000],
    ['con = sqlite3.connect("x.db", 0.5, isolation_level=None)', "s", 500],
  ])("%s", (text, unit, ms) => {
    expect(timeout(text, unit)).toEqual({ ms, line: 7 });
  });

  test.each<[string, "s" | "ms" | null]>([
    ["requests.get(url, timeout=20)", "s"],
    ["sqlite3.connect('x.db', timeout=20)", null], // of a library whose unit is not known
    ["SQLITE_BUSY_TIMEOUT (773)", null],
    ["the timeout of sqlite", "s"],
    ['sqlite3.connect("x.db", timeout)', "s"],
    ['sqlite3.connect(path("x.db", 30))', "s"],
    ["  timeout: 5000", "ms"],
    ["connection_timeout=5 sqlite", "s"],
  ])("not: %s", (text, unit) => {
    expect(timeout(text, unit)).toBeNull();
  });

  test("over several lines: of a call that a traceback shows, of Rails' database.yml", () => {
    const over = (...texts: string[]) =>
      timeoutIn(
        [...texts, "locked"].map((text, i) => ({ number: i + 1, text })),
        texts.length,
        "s",
      );
    expect(over("    con = sqlite3.connect(", '        "x.db",', "        timeout=30.0,", "    )")).toEqual({
      ms: 30_000,
      line: 1,
    });
    expect(over("    con = sqlite3.connect(", '        "x.db",', "        # no end")).toBeNull();
    expect(over("    r = requests.get(", "        timeout=30.0,", "    )")).toBeNull();
    expect(over("development:", "  adapter: sqlite3", "  timeout: 5000")).toEqual({ ms: 5000, line: 3 });
    expect(over("development:", "  adapter: postgresql", "  timeout: 5000")).toBeNull();
  });

  test("the nearest", () => {
    const lines = ["busy_timeout=1", "x", "x", "busy_timeout=2", "locked"].map((text, i) => ({ number: i + 1, text }));
    expect(timeoutIn(lines, 4, null)).toEqual({ ms: 2, line: 4 });
  });
});
