import { expect, test } from "vitest";
import type { Entry } from "../../../../src/features/explain/entry.ts";
import { explain, failedExplanation } from "../../../../src/features/explain/explain.ts";
import { lookUp } from "../../../../src/features/explain/lookup.ts";
import type { Report } from "../../../../src/model/report.ts";
import { renderListing } from "../../../../src/render/explain/listing.ts";
import { renderExplanation } from "../../../../src/render/explain/text.ts";
import { PLAIN } from "../../../../src/render/style.ts";
import widthOf from "../../../../src/render/width.ts";
import { databaseReport, holder, lock, report, walWriter } from "../../../support/report.ts";
import { cause, ENTRIES, LOCKED, recognise } from "../../features/explain/fixtures.ts";

const PAGE = {
  title: "A forgotten write",
  evidence: "It sleeps.",
  meaning: "Nobody can write.",
  remedy: "Commit.",
  limits: "Whether it is meant.",
};
const KNOWLEDGE = { entries: ENTRIES, pages: { "uncommitted-write": PAGE } };

interface With {
  readonly text?: string;
  readonly name?: string;
  readonly report?: Report;
  readonly entries?: readonly Entry[];
  readonly elapsedMs?: number;
  readonly timeoutMs?: number;
  readonly width?: number;
}

const render = ({
  text,
  name,
  report = undefined,
  elapsedMs = undefined,
  timeoutMs = undefined,
  width = 80,
  entries = ENTRIES,
}: With): string =>
  renderExplanation(
    explain(
      { ...KNOWLEDGE, entries },
      {
        named: name === undefined ? null : lookUp(name, entries),
        recognition: text === undefined ? null : recognise(text, entries),
        timing: { elapsedMs: elapsedMs ?? null, timeoutMs: timeoutMs ?? null },
        report: report ?? null,
        database: report === undefined ? null : "db.sqlite3",
        version: "1",
      },
    ),
    { ...PLAIN, width },
  );

const FINDING = {
  id: "uncommitted-write",
  severity: "error",
  pids: [4242],
  summary: "4242 holds the write lock.",
  detail: "For long.",
  remedy: "Commit.",
} as const;

test("a message in a log, and how long it waited", () => {
  const log =
    "PRAGMA busy_timeout=5000\ndjango.db.utils.OperationalError: database is locked after 20ms\n\nattempt to " +
    "write a readonly database";
  expect(render({ text: log })).toMatchInlineSnapshot(`
    "database is locked
      Line 2: django.db.utils.OperationalError: database is locked after 20ms
      Reported by Django (Python). SQLITE_BUSY (5).
      Also in the text: attempt to write a readonly database (line 4).

    Somebody else holds a lock.

    How long it waited: It failed after 0.02 s (line 2), and the busy timeout is 5 s
    (line 1): it did not wait. SQLite refuses at once where waiting could deadlock,
    for example when a read transaction tries to write; a longer timeout does not
    help then.

    Causes, the most likely first:
    1. what upgrade (it failed at once)
       How to tell: tell upgrade
       Fix: cure upgrade
           python

    Not this time:
      2. what holder (it failed at once)
      3. what none (a timeout is set)
      4. what own (it failed at once)

    Next:
      sqlock who-holds DATABASE
    "
  `);
});

test("what the database shows is the cause; the others by name", () => {
  const found = report([
    databaseReport({
      holders: [walWriter(), holder({ pid: 77, activity: "writing", blocks: ["writers"] })],
      findings: [FINDING],
    }),
  ]);
  expect(render({ text: "database is locked", report: found })).toMatchInlineSnapshot(`
    "database is locked
      SQLITE_BUSY (5).

    Somebody else holds a lock.

    This time, on db.sqlite3: what holder
      error uncommitted-write: 4242 holds the write lock.
        For long.
        To do: Commit.
      77 (python manage.py shell) holds the write lock, asleep for 4 m 12 s: every
        other writer gets 'database is locked'.

    Cause found:
    1. what holder (uncommitted-write was found)
       How to tell: tell holder
       Another process is involved.
       Fix: cure holder

    Less likely (sqlock explain locked explains them):
      2. what upgrade
      3. what none
      4. what own

    Next:
      sqlock who-holds db.sqlite3
    "
  `);
});

test("a database on which nobody is in the way, and what could not be seen", () => {
  const unseen = {
    processes: 3,
    reasons: ["owned by other users"],
    reason: "owned by other users",
    remedy: "run with sudo",
  } as const;
  expect(
    render({ report: report([databaseReport()], { unseen: unseen as unknown as Report["unseen"] }) }),
  ).toMatchInlineSnapshot(`
    "Now, on db.sqlite3:
      At this moment no process that can be seen has it open.

    3 processes could not be inspected (owned by other users). To see them, run with
    sudo.

    Next:
      sqlock who-holds db.sqlite3
    "
  `);
  const two = report([databaseReport({ holders: [holder(), holder({ pid: 7 })] })]);
  expect(render({ text: "database is locked", report: two })).toContain(
    "At this moment 2 processes have it open (4242 and 7), and none of them blocks\n  another: what " +
      "blocked the program no longer does. Look again while it happens.\n",
  );
});

test("that not all could be seen is a note beside what was", () => {
  const limit = {
    ...FINDING,
    id: "other-namespace",
    severity: "info",
    pids: [],
    summary: "Only what is visible.",
    remedy: "Run it on the host.",
  } as const;
  const unseen = {
    processes: null,
    reasons: ["outside"],
    reason: "outside",
    remedy: "run it on the host",
  } as unknown as Report["unseen"];
  const shown = render({
    text: "database is locked",
    elapsedMs: 20,
    timeoutMs: 5000,
    report: report([databaseReport({ findings: [limit] })], { unseen }),
  });
  expect(shown).toContain(
    `Now, on db.sqlite3:
  At this moment no process that can be seen has it open: what blocked the
  program no longer does, or cannot be seen. Look again while it happens.
  Not everything could be seen: Only what is visible. Run it on the host.

How long it waited:`,
  );
  expect(shown).toContain("most likely first:\n1. what upgrade (it failed at once)");
});

test("a holder that shows a cause without a finding", () => {
  const entries = [{ ...LOCKED, causes: [cause({ id: "any" }), cause({ id: "all", shownBy: "exclusive" })] }];
  const held = holder({ pid: 7, activity: "exclusive", blocks: ["readers", "writers"], locks: [lock("EXCLUSIVE")] });
  const looked = report([databaseReport({ holders: [held] })]);
  expect(render({ text: "database is locked", report: looked, entries })).toContain(
    `This time, on db.sqlite3: what all
  7 (python manage.py shell) holds the EXCLUSIVE lock, asleep for 4 m 12 s:
    every other reader and writer gets 'database is locked'.

Cause found:
1. what all (7 holds EXCLUSIVE now)
`,
  );
});

test("the cause stands at the database on which it shows", () => {
  const entries = [{ ...LOCKED, causes: [cause({ id: "any" }), cause({ id: "all", shownBy: "exclusive" })] }];
  const held = (pid: number) =>
    holder({ pid, activity: "exclusive", blocks: ["readers", "writers"], locks: [lock("EXCLUSIVE")] });
  const two = report([
    databaseReport({ holders: [held(7)] }),
    databaseReport({ path: "/srv/other.db", holders: [held(8)] }),
  ]);
  const shown = render({ text: "database is locked", report: two, entries });
  expect(shown).toContain("This time, on db.sqlite3: what all\n  7 ");
  expect(shown).toContain("Now, on other.db:\n  8 ");
});

test("of a message that is no lock, nothing is said to have blocked it", () => {
  const shown = render({ text: "attempt to write a readonly database", report: report([databaseReport()]) });
  expect(shown).not.toMatch(/blocked the program|while it happens/);
  expect(shown).toContain("At this moment no process has it open. sqlock checked which processes have it");
});

test("an extended code, and what it rules out", () => {
  expect(render({ name: "517" })).toMatchInlineSnapshot(`
    "database is locked
      SQLITE_BUSY (5), extended: SQLITE_BUSY_SNAPSHOT (517).
      A snapshot that is old.

    Somebody else holds a lock.

    Causes, the most likely first:
    1. what upgrade (the code is SQLITE_BUSY_SNAPSHOT)
       How to tell: tell upgrade
       Fix: cure upgrade
           BEGIN IMMEDIATE;

    Not this time (the code is SQLITE_BUSY_SNAPSHOT):
      2. what holder
      3. what none
      4. what own

    Next:
      sqlock who-holds DATABASE
    "
  `);
});

test("a finding", () => {
  expect(render({ name: "uncommitted-write" })).toMatchInlineSnapshot(`
    "uncommitted-write: A forgotten write
      Detected when: It sleeps.
      What it means: Nobody can write.
      To do: Commit.
      Limits: Whether it is meant.
      Errors it causes: 'database is locked'
    "
  `);
});

test("the user's own code that raised it, and where else it was raised", () => {
  const raised = (line: number) => `  File "orders/views.py", line ${line}, in checkout\n    x()\ndatabase is locked\n`;
  expect(render({ text: raised(42) })).toContain(
    "by a Python program. SQLITE_BUSY (5).\n  Raised here: orders/views.py:42, in checkout\n",
  );
  expect(render({ text: [42, 7, 7, 8, 9, 10, 11].map(raised).join("") })).toContain(
    `  Raised here: orders/views.py:42, in checkout
  Also raised here: orders/views.py:7, in checkout (2 times); orders/views.py:8,
    in checkout; orders/views.py:9, in checkout; 2 more places
`,
  );
  const hostile = '  File "a\u202e\x07.py", line 1, in f\x1b[31m\u202e\n    x()\ndatabase is locked';
  expect(render({ text: hostile })).toContain("  Raised here: a\\u{202e}\\x07.py:1, in f\\u{202e}\n");
});

test("a topic: what it is, and what concerns it, a command a line", () => {
  const shown = render({ text: "wal", entries: [{ ...LOCKED, id: "database-is-locked" }] });
  expect(shown).toMatch(/^WAL mode\nIn WAL mode a commit is appended/);
  expect(shown).toContain("\nMessages:\n  sqlock explain database-is-locked  database is locked\n");
  expect(shown).toMatch(/\nFindings of who-holds:\n {2}sqlock explain wal-oversized/);
  expect(shown).toMatch(/\nNext:\n {2}sqlock who-holds DATABASE\n/);
  expect(shown.split("\n").filter((line) => line.length > 80)).toEqual([]);
});

test("nothing recognised", () => {
  expect(render({ text: "all is well" })).toMatchInlineSnapshot(`
    "sqlock knows no message in this text.
    sqlock explain --list shows everything that it knows.
    "
  `);
  expect(render({ text: "databse is lockd\nno" })).toMatchInlineSnapshot(`
    "sqlock knows no message in these 2 lines.
    Did you mean?
      database is locked    (sqlock explain locked)
    "
  `);
  expect(render({ name: "19" })).toMatchInlineSnapshot(`
    "sqlock knows no message with this code.
    sqlock explain --list shows everything that it knows.
    "
  `);
});

test("no answer has no text; what was seen of the database is told all the same", () => {
  const error = { code: "empty-text", message: "m", hint: "h" };
  expect(renderExplanation(failedExplanation(error, null, "1"), PLAIN)).toBe("");
  expect(renderExplanation(failedExplanation(error, report([databaseReport()]), "1"), PLAIN)).toContain(
    "Now, on db.sqlite3:",
  );
});

test("what was read is made harmless", () => {
  const text = `\x1b[2Jdatabase is locked \u202e\x07 ${"x".repeat(1000)}`;
  const shown = render({ text });
  expect(shown).not.toMatch(/[\x00-\x09\x0b-\x1f\u202e]/);
  expect(shown).toContain("database is locked \\u{202e}\\x07");
  expect(shown).not.toContain("x".repeat(300));
});

test("a word that is wider than the terminal is cut", () => {
  for (const word of ["x".repeat(5000), "字".repeat(5000)]) {
    const wide = render({ text: `database is locked ${word}` })
      .split("\n")
      .filter((line) => widthOf(line) > 80);
    expect(wide).toEqual([]);
  }
});

test("who else said it", () => {
  expect(render({ text: "panic: database is locked\n\nsqlite3.OperationalError: database is locked" })).toContain(
    "  Reported by sqlite3 of the standard library (Python). SQLITE_BUSY (5).\n" +
      "  Also reported by a Go program (line 1).\n",
  );
});

test("no line of prose is wider than the terminal; commands are never broken", () => {
  for (const width of [40, 80, 100, 200]) {
    const text = render({ text: "sqlite3.OperationalError: database is locked", width });
    const wide = text.split("\n").filter((line) => line.length > Math.min(width, 100));
    expect(wide, String(width)).toEqual([]);
  }
  expect(render({ text: "database is locked", width: Number.POSITIVE_INFINITY })).toBe(
    render({ text: "database is locked", width: 80 }),
  );
});

test("the list fits the terminal", () => {
  const listing = {
    schemaVersion: 1,
    sqlock: "1",
    messages: [
      { id: "locked", title: "database is locked", code: { name: "SQLITE_BUSY", number: 5 }, extended: [] },
      {
        id: "closed",
        title: "a title that is rather long and must be broken into two lines",
        code: null,
        extended: [],
      },
    ],
    findings: [{ id: "uncommitted-write", title: "A forgotten write" }],
    topics: [{ id: "wal", title: "WAL mode" }],
  } as const;
  expect(renderListing(listing, { ...PLAIN, width: 60 })).toMatchInlineSnapshot(`
    "CODE      MESSAGE                                     ID
    BUSY (5)  database is locked                          locked
    -         a title that is rather long and must be     closed
              broken into two lines

    FINDING            WHAT IT IS
    uncommitted-write  A forgotten write

    TOPIC  WHAT IT IS
    wal    WAL mode

    To read about one: sqlock explain ID (or CODE, TOPIC, TEXT)
    "
  `);
});
