/** Which tests of which framework are run, and what of them says nothing about the tracer. */

export interface Suite {
  readonly name: string;
  /** Folders of the sources that the tests are run in a copy of: the first is the working directory. */
  readonly sources: readonly [string, ...string[]];
  /** Folders in those, for Python's path. */
  readonly paths: readonly string[];
  /** Arguments of Python, in the working directory. */
  readonly command: readonly string[];
  /** So many tests pass at least. */
  readonly atLeast: number;
  /** Nobody reads what the tracer writes. */
  readonly isUnread?: boolean;
  /** Tests that need not end the same way: their names, and why. */
  readonly exceptions?: readonly { readonly name: RegExp; readonly why: string }[];
}

const PYTEST = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "outcomes", "-o", "addopts="];
const DJANGO = ["tests/runtests.py", "--settings", "django_settings", "--noinput", "--parallel"];

export const SUITES: readonly Suite[] = [
  {
    name: "Django: transactions, threads, a server",
    sources: ["django"],
    paths: ["django"],
    command: [...DJANGO, "1"].concat(
      ["backends", "transactions", "transaction_hooks", "get_or_create", "select_for_update", "db_utils", "async"],
      ["bulk_create", "basic", "queries", "servers"],
    ),
    atLeast: 1000,
  },
  {
    name: "Django: forked processes",
    sources: ["django"],
    paths: ["django"],
    command: [...DJANGO, "2", "sessions_tests", "raw_query", "delete", "fixtures", "multiple_database"],
    atLeast: 800,
  },
  {
    name: "SQLAlchemy",
    sources: ["sqlalchemy"],
    paths: ["sqlalchemy/lib"],
    command: [...PYTEST, "--db", "sqlite"].concat(
      ["test/dialect/sqlite", "test/dialect/test_suite.py", "test/engine/test_transaction.py"],
      ["test/engine/test_execute.py", "test/engine/test_reflection.py", "test/orm/test_session.py"],
      ["test/orm/test_transaction.py", "test/orm/test_unitofwork.py", "test/orm/test_versioning.py"],
    ),
    atLeast: 2000,
  },
  {
    name: "SQLAlchemy: databases in files, also with aiosqlite",
    sources: ["sqlalchemy", "aiosqlite"],
    paths: ["sqlalchemy/lib", "aiosqlite"],
    command: [...PYTEST, "--db", "sqlite_file", "--db", "aiosqlite_file"].concat([
      "test/engine/test_transaction.py",
      "test/ext/asyncio/test_engine.py",
      "test/ext/asyncio/test_session.py",
    ]),
    atLeast: 200,
  },
  {
    name: "aiosqlite",
    sources: ["aiosqlite"],
    paths: ["aiosqlite"],
    command: [...PYTEST, "aiosqlite/tests/smoke.py"],
    atLeast: 30,
  },
  {
    name: "aiosqlite, unread",
    sources: ["aiosqlite"],
    paths: ["aiosqlite"],
    command: [...PYTEST, "aiosqlite/tests/smoke.py"],
    atLeast: 30,
    isUnread: true,
  },
  {
    name: "DiskCache",
    sources: ["diskcache"],
    paths: ["diskcache"],
    command: [...PYTEST, "tests", "--ignore=tests/test_djangocache.py", "--ignore=tests/test_doctest.py"],
    atLeast: 150,
  },
  {
    name: "sqlite-utils, unread",
    sources: ["sqlite_utils"],
    paths: ["sqlite_utils"],
    command: [...PYTEST, "tests", "--ignore=tests/test_hypothesis.py", "--ignore=tests/test_create_table_parser.py"],
    atLeast: 1000,
    isUnread: true,
  },
];
