import { Chalk } from "chalk";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DatabaseCheck } from "../../../../src/features/integrity/report.ts";
import { renderPretty } from "../../../../src/render/integrity/pretty.ts";
import { PLAIN } from "../../../../src/render/style.ts";
import widthOf from "../../../../src/render/width.ts";
import { anyReport } from "../../../support/any-report.ts";
import {
  absent,
  checks,
  corrupt,
  databaseCheck,
  integrityReport,
  locked,
  problem,
} from "../../../support/integrity.ts";
import { holder, lock } from "../../../support/report.ts";

const render = (databases: readonly DatabaseCheck[], width = 80) =>
  renderPretty(integrityReport(...databases), { style: { ...PLAIN, width } });

const wal = databaseCheck({ path: "/srv/app/wal.db", journalMode: "wal", readLockMs: 61_000, durationMs: 61_500 });

test("all is well: an entry each, and the sum", () => {
  const copied = databaseCheck({
    path: "/srv/app/old.db",
    method: "private-copy",
    methodReason: "a hot journal lies beside it",
    readLockMs: null,
  });
  const empty = databaseCheck({
    path: "/srv/app/empty.db",
    journalMode: "unknown",
    sizeBytes: 0,
    pageCount: 0,
    pageSize: null,
    readLockMs: null,
  });
  const databases = [databaseCheck(), wal, copied, empty];
  expect(render(databases)).toMatchInlineSnapshot(`
    "/srv/app/db.sqlite3: ok (rollback journal, 48 KiB, 12 pages of 4096; checked in
      place in 0.1 s; read lock for 0.1 s: no commits during that time)
    /srv/app/wal.db: ok (WAL mode, 48 KiB, 12 pages of 4096; checked in place in
      1 m 1 s; read lock for 1 m 1 s: no checkpoint beyond its snapshot during that
      time)
    /srv/app/old.db: ok (rollback journal, 48 KiB, 12 pages of 4096; checked on a
      private copy in 0.1 s: a hot journal lies beside it)
    /srv/app/empty.db: ok (empty: a valid database without pages; checked in place
      in 0.1 s)

    4 databases: 4 ok
    "
  `);
  // long-lines: 200 columns
  expect(render(databases, 200)).toMatchInlineSnapshot(`
    "/srv/app/db.sqlite3: ok (rollback journal, 48 KiB, 12 pages of 4096; checked in place in 0.1 s; read lock for 0.1 s: no commits during that time)
    /srv/app/wal.db: ok (WAL mode, 48 KiB, 12 pages of 4096; checked in place in 1 m 1 s; read lock for 1 m 1 s: no checkpoint beyond its snapshot during that time)
    /srv/app/old.db: ok (rollback journal, 48 KiB, 12 pages of 4096; checked on a private copy in 0.1 s: a hot journal lies beside it)
    /srv/app/empty.db: ok (empty: a valid database without pages; checked in place in 0.1 s)

    4 databases: 4 ok
    "
  `);
  // long-lines end
  expect(render([wal], Number.POSITIVE_INFINITY).split("\n")).toHaveLength(2);
});

test("a quick check is called one", () => {
  const said = "Quick check (--quick): the indexes were not compared with their tables.";
  expect(renderPretty({ ...integrityReport(databaseCheck()), quick: true }, { style: PLAIN })).toContain(`\n${said}\n`);
  expect(render([databaseCheck()])).not.toContain("quick");
});

test("a corrupt one: problems by table and index, the first few of each, and what to do", () => {
  expect(render([corrupt({ remedy: "Restore the last backup." })])).toMatchInlineSnapshot(`
    "/srv/app/db.sqlite3: corrupt, 6 problems (rollback journal, 48 KiB, 12 pages of
      4096; checked in place in 0.1 s; read lock for 0.1 s: no commits during that
      time)

      table orders, index orders_by_date: 5 problems (structure)
        wrong # of entries in index orders_by_date
        row 17 missing from index orders_by_date
        row 18 missing from index orders_by_date
        ... and 2 more
      table orders: 1 problem (foreign-keys)
        row 4 of orders refers to a row of customers that does not exist

      To do: Restore the last backup.
    "
  `);
});

test("a locked one: which processes keep the check out", () => {
  const writer = holder({
    locks: [lock("EXCLUSIVE")],
    activity: "exclusive",
    blocks: ["readers", "writers", "journal-mode"],
    heldAtLeastMs: 252_000,
  });
  // long-lines: 200 columns
  expect(render([locked({ blockedBy: [writer] }), absent()], 200)).toMatchInlineSnapshot(`
    "/srv/app/db.sqlite3: not checked: locked by 4242 (python manage.py shell) (rollback journal, 48 KiB, 12 pages of 4096)

     PID  USER  COMMAND                 STATE     ACTIVITY   LOCKS      HELD-FOR  BLOCKS            HANDLES
    4242  web   python manage.py shell  sleeping  exclusive  EXCLUSIVE  4 m 12 s  readers, writers  database:3

      To do: Wait until 4242 has finished, or look with --wait 1m.

    none.db: not checked: none.db does not exist
      To do: check the path

    2 databases: 2 not checked
    "
  `);
  // long-lines end
  expect(render([locked({ blockedBy: [writer] })])).toMatchInlineSnapshot(`
    "/srv/app/db.sqlite3: not checked: locked by 4242 (python manage.py shell)
      (rollback journal, 48 KiB, 12 pages of 4096)

     PID USER COMMAND                ACTIVITY  LOCKS     HELD-FOR BLOCKS
    4242 web  python manage.py shell exclusive EXCLUSIVE 4 m 12 s readers, writers

      To do: Wait until 4242 has finished, or look with --wait 1m.
    "
  `);
});

test("parts that were not checked stand under the verdict, each with its reason", () => {
  const left = { result: "not-checked", reason: "skipped (--no-foreign-keys)", reasonCode: "left-out" } as const;
  const module = { result: "not-checked", reason: "no such module: spellfix1", reasonCode: "missing-module" } as const;
  expect(
    render([
      corrupt({
        checks: checks({ "foreign-keys": left, "virtual-tables": module }),
        problems: [problem("x")],
        remedy: "r",
      }),
      databaseCheck(),
    ]),
  ).toMatchInlineSnapshot(`
    "/srv/app/db.sqlite3: corrupt, 1 problem (rollback journal, 48 KiB, 12 pages of
      4096; checked in place in 0.1 s; read lock for 0.1 s: no commits during that
      time)
      Not checked: virtual-tables: no such module: spellfix1
      Not checked: foreign-keys: skipped (--no-foreign-keys)

      the file: 1 problem (structure)
        x

      To do: r

    /srv/app/db.sqlite3: ok (rollback journal, 48 KiB, 12 pages of 4096; checked in
      place in 0.1 s; read lock for 0.1 s: no commits during that time)

    2 databases: 1 ok, 1 corrupt
    "
  `);
  // long-lines: 200 columns
  expect(render([databaseCheck({ checks: checks({ "foreign-keys": left }) })], 200)).toMatchInlineSnapshot(`
    "/srv/app/db.sqlite3: ok (rollback journal, 48 KiB, 12 pages of 4096; checked in place in 0.1 s; read lock for 0.1 s: no commits during that time)
      Not checked: foreign-keys: skipped (--no-foreign-keys)
    "
  `);
  // long-lines end
});

test("findings are as in who-holds, with where they are explained", () => {
  const finding = {
    id: "hot-journal",
    severity: "warning",
    pids: [],
    summary: "a crash left it.",
    detail: "It has 3 pages.",
    remedy: "Open it.",
  } as const;
  expect(render([databaseCheck({ findings: [finding] }), databaseCheck()])).toMatchInlineSnapshot(`
    "/srv/app/db.sqlite3: ok (rollback journal, 48 KiB, 12 pages of 4096; checked in
      place in 0.1 s; read lock for 0.1 s: no commits during that time)

    warning hot-journal: a crash left it.
      It has 3 pages.
      To do: Open it.

    /srv/app/db.sqlite3: ok (rollback journal, 48 KiB, 12 pages of 4096; checked in
      place in 0.1 s; read lock for 0.1 s: no commits during that time)

    More on a finding: sqlock explain hot-journal

    2 databases: 2 ok
    "
  `);
});

describe("many problems", () => {
  test("of one place: three, and how many more", () => {
    const text = render([
      corrupt({ problems: Array.from({ length: 12 }, (_, i) => problem(`p${i}`, { table: "t" })) }),
    ]);
    expect(text).toContain("  table t: 12 problems (structure)\n    p0\n    p1\n    p2\n    ... and 9 more\n");
  });

  test("in many places: ten, and how many more", () => {
    const text = render([
      corrupt({ problems: Array.from({ length: 24 }, (_, i) => problem("p", { table: `t${i % 12}` })) }),
    ]);
    expect(text).toContain(
      "  table t9: 2 problems (structure)\n    p\n    p\n  ... and 4 problems in 2 other places: see --reporter json\n",
    );
    expect(text).not.toContain("t10");
  });

  test("more than were asked for", () => {
    const text = render([corrupt({ truncated: true })]);
    expect(text).toContain("corrupt, 6 problems or more");
    expect(text).toContain("There may be more: the check stopped here (--max-problems).");
  });
});

test("rows and pages are named where SQLite's words do not have them", () => {
  const problems = [
    problem("x", { rowid: 17n, page: 3 }),
    problem("row 17 is on page 3", { rowid: 17n, page: 3 }),
    problem("row 170", { rowid: 17n }),
  ];
  expect(render([corrupt({ problems })])).toContain(
    "    x (row 17, page 3)\n    row 17 is on page 3\n    row 170 (row 17)\n",
  );
});

test("without colour it says the same", () => {
  const databases = [databaseCheck(), corrupt(), locked({ blockedBy: [holder()] }), absent()];
  const coloured = renderPretty(integrityReport(...databases), {
    style: { ...PLAIN, width: 80, chalk: new Chalk({ level: 1 }) },
  });
  // biome-ignore lint/complexity/useRegexLiterals: the escape is easier to see in a string
  expect(coloured.replace(new RegExp("\u001b\\[\\d+m", "g"), "")).toBe(render(databases));
  for (const verdict of ["\u001b[32mok", "\u001b[31mcorrupt", "\u001b[33mnot checked"])
    expect(coloured).toContain(verdict);
});

test("any report: visible characters only, and every verdict is there", () => {
  fc.assert(
    fc.property(anyReport, (report) => {
      const text = renderPretty(report, { style: { ...PLAIN, width: 80 } });
      expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u);
      for (const verdict of new Set(report.databases.map((each) => each.verdict.replace("-", " "))))
        expect(text).toContain(`: ${verdict}`);
    }),
    { numRuns: 30 }, // a report has up to 14 databases, each with any text in every field
  );
});

test("no line of prose is wider than the terminal", () => {
  for (const width of [40, 60, 80, 120]) {
    const text = render([corrupt(), wal, locked()], width);
    for (const line of text.split("\n")) expect(widthOf(line), line).toBeLessThanOrEqual(width);
  }
});
