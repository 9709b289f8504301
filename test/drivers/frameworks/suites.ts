/** Which tests of which framework are run, and what of them says nothing about the tracer. */

export interface Suite {
  readonly name: string;
  /** The source that is copied, to be the working directory: its tests need that. Else it is an empty folder. */
  readonly copied?: string;
  /** Folders of the sources, for Python's path. */
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
const DJANGO = ["-m", "runtests", "--settings", "django_settings", "--noinput", "--parallel"];

export const SUITES: readonly Suite[] = [
  {
    name: "Django: transactions, threads, a server",
    paths: ["django", "django/tests"],
    command: [...DJANGO, "1", "backends", "transactions", "transaction_hooks", "get_or_create"].concat(
      ["select_for_update", "db_utils", "async", "bulk_create", "basic", "servers"],
      ["queries.test_bulk_update", "queries.test_iterator", "queries.test_qs_combinators"],
    ),
    atLeast: 600,
  },
  {
    name: "Django: forked processes",
    paths: ["django", "django/tests"],
    command: [...DJANGO, "2", "sessions_tests", "raw_query", "delete", "fixtures", "multiple_database"],
    atLeast: 800,
  },
  {
    name: "SQLAlchemy",
    copied: "sqlalchemy",
    paths: ["sqlalchemy/lib"],
    command: [...PYTEST, "--db", "sqlite", "test/dialect/sqlite", "test/engine/test_transaction.py"].concat(
      ["test/engine/test_execute.py", "test/orm/test_session.py", "test/orm/test_transaction.py"],
      ["test/orm/test_unitofwork.py"],
    ),
    atLeast: 700,
  },
  {
    name: "SQLAlchemy: databases in files, also with aiosqlite",
    copied: "sqlalchemy",
    paths: ["sqlalchemy/lib", "aiosqlite"],
    command: [...PYTEST, "--db", "sqlite_file", "--db", "aiosqlite_file", "test/engine/test_transaction.py"].concat([
      "test/ext/asyncio/test_engine.py",
      "test/ext/asyncio/test_session.py",
    ]),
    atLeast: 200,
  },
  {
    name: "aiosqlite",
    copied: "aiosqlite",
    paths: ["aiosqlite"],
    command: [...PYTEST, "aiosqlite/tests/smoke.py"],
    atLeast: 30,
  },
  {
    // Its sources come without the pages that test_doctest.py reads, and without the settings of test_djangocache.py.
    name: "DiskCache: threads and processes that share a file",
    copied: "diskcache",
    paths: ["diskcache"],
    command: [...PYTEST, "tests/test_fanout.py", "tests/test_recipes.py"],
    atLeast: 40,
  },
  {
    name: "DiskCache, with nobody who reads what the tracer writes",
    copied: "diskcache",
    paths: ["diskcache"],
    command: [...PYTEST, "tests/test_core.py", "tests/test_deque.py", "tests/test_index.py"],
    atLeast: 100,
    isUnread: true,
  },
  {
    name: "sqlite-utils",
    copied: "sqlite_utils",
    paths: ["sqlite_utils"],
    command: [...PYTEST, "tests", "--ignore=tests/test_hypothesis.py", "--ignore=tests/test_create_table_parser.py"],
    atLeast: 1000,
  },
];
