import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import type { SummaryLine } from "../../../../src/recording/summary-line.ts";
import { type EndFacts, endScreen } from "../../../../src/render/record/end-screen.ts";
import { BLOCKER, META, processSummary, summaryLine, transactionLine, waitLine } from "../../../support/record-end.ts";

const HOSTILE = "x\x1b[2J\n\u202e;drop";

function screen(summary: Partial<SummaryLine> = {}, width = 80, more: Partial<EndFacts> = {}, height = 50): string {
  const facts: EndFacts = { meta: META, summary: summaryLine(summary), story: null, file: null, ...more };
  return endScreen(facts, height, { width, ellipsis: "...", chalk: null });
}

test("80 columns", () => {
  expect(screen()).toMatchInlineSnapshot(`
    "14 writers waited 58.0 s in all (14 waits, the longest 5.9 s), were refused 312
    times and got SQLITE_BUSY 3 times; all of it behind 4242 (python3 manage.py
    import), which held the write lock for 5.8 s between \`begin immediate\` and
    \`commit\`, 97 % of that time outside SQLite.

    Waits, longest first
      WAITED  FOR    TRIES  OUTCOME  PROCESS, STATEMENT, AND BLOCKER
      5.9 s   WRITE     60  gave up  4250 (gunicorn: worker [app])
              insert into orders(customer, total, created_at) values(?, ?, ?)
              behind 4242 (python3 manage.py import), WRITE for 5.8 s: begin imme...
      712 ms  WRITE      9  got it   4250 (gunicorn: worker [app])
              delete from sessions where expires < ?
              behind 4242 (python3 manage.py import), WRITE for 5.8 s; free for 9...
      12 more

    Transactions, longest first
      OPEN FOR  KIND   OUTSIDE  END     PROCESS
      5.8 s     write     97 %  commit  4242 (python3 manage.py import)
                begin immediate; insert into products(name, price) values(?, ?) x...
      1,299 more

    Processes
       PID  COMMAND                   WRITES  TOTAL  LONGEST  WAITED  REFUSED  BUSY
      4242  python3 manage.py import       1  5.8 s    5.8 s       -        0     0
      4250  gunicorn: worker [app]     1,204  1.5 s    14 ms  20.0 s      280     3
      13 more
      WRITES: holds of the write lock. REFUSED: refused attempts. BUSY: calls that
      returned SQLITE_BUSY.

    What to change
      warning: 4242 (python3 manage.py import) kept a write transaction open for
        5.8 s, 97 % of it outside SQLite; others waited 58.0 s for it. Statement:
        \`begin immediate\`.
        Do slow work (network, files, computing) before BEGIN or after COMMIT; after
        BEGIN, check again what it relied on. See: sqlock explain transaction
      info: 4250 (gunicorn: worker [app]) made 3,000 transactions of one change each
        within 6.0 s, and held the write lock for 900 ms of it. Statement: \`insert
        into orders(customer, total, created_at) values(?,...\`.
        Put many rows into one transaction: the lock is taken once, but a crash
        before the commit loses all of them. See: sqlock explain transaction

    Not known
      Statements of process 4251 are not known: its SQLite is built into a program
      without symbols.

    Recorded for 30.0 s; source: the kernel's lock events and the calls of SQLite
      (exact).
    "
  `);
});

// long-lines: of a terminal of 200 columns
test("200 columns", () => {
  expect(screen({}, 200)).toMatchInlineSnapshot(`
    "14 writers waited 58.0 s in all (14 waits, the longest 5.9 s), were refused 312 times and got
    SQLITE_BUSY 3 times; all of it behind 4242 (python3 manage.py import), which held the write lock for
    5.8 s between \`begin immediate\` and \`commit\`, 97 % of that time outside SQLite.

    Waits, longest first
      WAITED  FOR    TRIES  OUTCOME  PROCESS, AND ITS BLOCKER
      5.9 s   WRITE     60  gave up  4250 (gunicorn: worker [app]): insert into orders(customer, total, created_at) values(?, ?, ?)
                                     behind 4242 (python3 manage.py import), WRITE for 5.8 s: begin immediate
      712 ms  WRITE      9  got it   4250 (gunicorn: worker [app]): delete from sessions where expires < ?
                                     behind 4242 (python3 manage.py import), WRITE for 5.8 s; free for 90 ms before it looked: begin immediate
      12 more

    Transactions, longest first
      OPEN FOR  KIND     OUTSIDE  END       PROCESS AND STATEMENTS
      5.8 s     write       97 %  commit    4242 (python3 manage.py import): begin immediate; insert into products(name, price) values(?, ?) x 3,000; commit
      90 ms     upgrade     11 %  rollback  4250 (gunicorn: worker [app]): select id from orders where customer = ?; update orders set total = ? where id = ?
      1,298 more

    Processes
       PID  COMMAND                   WRITES  TOTAL  LONGEST  READS  LONGEST  WAITED  LONGEST  REFUSED  BUSY  BLOCKED
      4242  python3 manage.py import       1  5.8 s    5.8 s      0        -       -        -        0     0   58.0 s
      4250  gunicorn: worker [app]     1,204  1.5 s    14 ms      0        -  20.0 s    5.9 s      280     3        -
      13 more
      WRITES: holds of the write lock. REFUSED: refused attempts. BUSY: calls that returned SQLITE_BUSY.

    What to change
      warning: 4242 (python3 manage.py import) kept a write transaction open for 5.8 s, 97 % of it
        outside SQLite; others waited 58.0 s for it. Statement: \`begin immediate\`.
        Do slow work (network, files, computing) before BEGIN or after COMMIT; after BEGIN, check again
        what it relied on. See: sqlock explain transaction
      info: 4250 (gunicorn: worker [app]) made 3,000 transactions of one change each within 6.0 s, and
        held the write lock for 900 ms of it. Statement: \`insert into orders(customer, total,
        created_at) values(?,...\`.
        Put many rows into one transaction: the lock is taken once, but a crash before the commit loses
        all of them. See: sqlock explain transaction

    Not known
      Statements of process 4251 are not known: its SQLite is built into a program without symbols.

    Recorded for 30.0 s; source: the kernel's lock events and the calls of SQLite (exact).
    "
  `);
});
// long-lines end

describe.each([80, 200])("%i columns", (width) => {
  test("no line is wider, and the screen is no longer than a terminal", () => {
    const lines = screen({}, width).split("\n");
    expect(lines.filter((line) => stringWidth(line) > width)).toEqual([]);
    expect(lines.length).toBeLessThanOrEqual(50);
  });

  test("statements and names are shown as one line of visible characters", () => {
    const wait = waitLine({ sql: HOSTILE, blockers: [{ ...BLOCKER, sql: HOSTILE }] });
    const statements = [{ sql: HOSTILE, atMs: 1, ms: 1, result: null }];
    const transactions = [transactionLine({ statements })];
    const [process] = summaryLine().processes;
    const processes = process === undefined ? [] : [{ ...process, commandLine: [HOSTILE] }];
    const text = screen({ waits: [wait], transactions, processes }, width, { story: { wait, transactions } });
    expect(text).toMatch(/^[\n\x20-\x7e]+$/);
  });
});

test.each([24, 30, 36, 44, 60])("80 columns, %i lines: as much as fits, and the verdict stays in sight", (height) => {
  const facts: EndFacts = { meta: META, summary: summaryLine(), story: null, file: null };
  const text = endScreen(facts, height, { width: 80, ellipsis: "...", chalk: null });
  expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(height - 2);
  expect(text.startsWith("14 writers")).toBe(true);
  for (const part of ["What to change", "Not known"]) expect(text).toContain(part);
  expect(text.includes("\nWaits, longest first\n")).toBe(height > 24);
  expect(text.replace(/\s+/g, " ").includes("A taller terminal, or a pipe, also shows")).toBe(
    !text.includes("\nProcesses\n"),
  );
});

test("the story of a wait, in the order of time; each command once", () => {
  const story = { wait: waitLine(), transactions: [transactionLine()] };
  const text = screen({}, 200, { story });
  expect(text.slice(text.indexOf("How it came about"), text.indexOf("Waits, longest"))).toMatchInlineSnapshot(`
    "How it came about
      12:03:00.812  4242 (python3 manage.py import) runs begin immediate
      12:03:00.820  4242 runs insert into products(name, price) values(?, ?) x 3,000
      12:03:00.900  4250 (gunicorn: worker [app]) wants the write lock, which 4242 (python3 manage.py
                    import) has held for 88 ms, for \`insert into orders(customer, total, created_at)
                    values(?,...\`
      12:03:06.610  4242 runs commit
      12:03:06.612  4242 has committed, open for 5.8 s, 97 % of it outside SQLite
      12:03:06.751  4250 gives up after 5.9 s and 60 attempts (SQLITE_BUSY)

    "
  `);
});

test.each([
  [
    "who held it when the wait began",
    [{ fromMs: 1500 }, { pid: 4251, fromMs: 812.4 }],
    "lock, which 4251 has held for",
  ],
  ["who took it as the wait began", [{ fromMs: 900.5 }], "lock, which 4242 (python3 manage.py import) takes at this"],
  [
    "who took it later is not the one that was in the way then",
    [{ pid: 4251, fromMs: 1500 }, { fromMs: 1200 }],
    "for `insert into t`; 4242 (python3 manage.py import) takes it 300 ms later",
  ],
  ["nobody that is known", [], "lock, whose holder is not known, for `insert into t`"],
])("the story begins with %s", (_, blockers, text) => {
  const wait = waitLine({ sql: "insert into t", blockers: blockers.map((each) => ({ ...BLOCKER, ...each })) });
  expect(screen({}, 200, { story: { wait, transactions: [] } }).replace(/\s+/g, " ")).toContain(text);
});

test("the headings say in which order waits and transactions come", () => {
  const run = waitLine({ perhapsSeveralCalls: true });
  const open = transactionLine({ toMs: null, outcome: "open" });
  const mixed = screen({ waits: [waitLine(), run], transactions: [open, transactionLine()] }, 200);
  expect(mixed).toContain("\nWaits, longest first; then those that are perhaps several\n");
  expect(mixed).toContain("\nTransactions, longest first, after those still open\n");
  const alike = screen({ waits: [run], transactions: [open] }, 200);
  expect(alike).toContain("\nWaits, longest first\n");
  expect(alike).toContain("\nTransactions, longest first\n");
});

test("an empty recording has its verdict and what it was, and no empty tables", () => {
  const verdict = { ...summaryLine().verdict, state: "nothing", behind: [] } as const;
  const nothing = { waits: [], moreWaits: 0, transactions: [], moreTransactions: 0, processes: [], moreProcesses: 0 };
  const unknown = { ...summaryLine().unknown, lines: [] };
  expect(screen({ verdict, ...nothing, patterns: [], unknown }, 200)).toBe(
    "No lock was taken in 30.0 s.\n\n" +
      "Recorded for 30.0 s; source: the kernel's lock events and the calls of SQLite (exact).\n",
  );
});

test("--pid and --unit: the verdict says of whom it is", () => {
  const meta = { ...META, only: { pids: [4242], units: ["a.service"] } };
  expect(screen({}, 200, { meta })).toMatch(
    /^This counts only what concerns process 4242 and the unit a\.service\. 14 writers waited /,
  );
});

test("a sample says what it is, why, and what would be exact", () => {
  const meta = { ...META, source: "sampled", exact: false, because: "not-root", statements: false } as const;
  const text = screen({ exact: false, atLeast: true }, 200, { meta });
  expect(text).toContain("This is a sample: /proc/locks was read about every 2 ms.");
  expect(text).toContain("source: sampled, because only root may trace the kernel; with sudo it is exact.");
  expect(text).not.toMatch(/ REFUSED | BLOCKED\n/);
});

test("gaps, folded detail and unknown blockers are said", () => {
  const unknown = {
    lines: [],
    gaps: { times: 2, totalMs: 340, lostEvents: 97_283 },
    ...{
      waitsWithoutBlocker: 1,
      waitsWithoutStatement: 2,
      transactionsWithoutStatement: 1,
      waitsWithoutOutcome: 0,
      foldedUntilMs: 3_600_000,
    },
  };
  const text = screen({ unknown, atLeast: true }, Number.POSITIVE_INFINITY);
  expect(text).toContain("2 gaps of 340 ms in all: at least 97,283 events of the kernel were lost");
  expect(text).toContain("The blocker of 1 wait is not known");
  expect(text).toContain("The statements of 2 waits are not known: most likely their calls began before");
  expect(text).toContain("The statements of 1 transaction are not known: most likely their calls began before");
  expect(text).toContain("The file reached --max-size: of the first 1 h 0 m it has only counts.");
});

test.each([
  [2, 0, "2 gaps of 340 ms in all: another program switched the tracing off, or changed what is traced."],
  [1, 7, "they came faster than they could be read; and 1 time another program switched the tracing off"],
])("of two gaps %i because the tracing was switched off", (switchedOff, lostEvents, expected) => {
  const gaps = { times: 2, totalMs: 340, lostEvents, switchedOff };
  const none = { ...summaryLine().unknown, foldedUntilMs: null };
  expect(screen({ unknown: { ...none, gaps }, atLeast: true }, Number.POSITIVE_INFINITY)).toContain(expected);
});

test("a lock of an open file without a process is said", () => {
  const none = { ...summaryLine().unknown, foldedUntilMs: null };
  const lines = [{ what: "blocker", why: "open-file", pids: [] }];
  const unknown = { ...none, lines };
  expect(screen({ unknown }, Number.POSITIVE_INFINITY)).toContain(
    "Holders are not known: a lock belongs to an open file (OFD), and no process was found that has that file open.",
  );
});

test("the file: where it is, and whose", () => {
  expect(screen({}, 200, { file: { path: "/root/x.jsonl", owner: null, problem: null, isFolder: false } })).toMatch(
    /\nThe recording is in \/root\/x\.jsonl\.\n$/,
  );
  expect(screen({}, 200, { file: { path: "/home/m/x", owner: 1000, problem: null, isFolder: false } })).toContain(
    "The recording is in /home/m/x (it belongs to uid 1000, the owner of the folder).",
  );
});

test("where the file could not be written any more, the end says so", () => {
  const problem = { path: "/mnt/x.jsonl", code: "ENOSPC", bytes: 90 };
  const text = screen({}, 200, { file: { path: "/mnt/x.jsonl", owner: null, problem, isFolder: false } });
  expect(text).toContain("The recording is not complete: /mnt/x.jsonl has its beginning (the disk is full).");
  expect(text).not.toContain("The recording is in");
  const folder = screen({}, 200, { file: { path: "/mnt/x", owner: null, problem, isFolder: true } });
  expect(folder).toContain("The recording is not complete: /mnt/x.jsonl does not have its end (the disk is full).");
});

test("several databases: each row names its own", () => {
  const meta = { ...META, databases: [...META.databases, { path: "/srv/b.db", givenAs: "b.db" }] };
  const counts = { writeHolds: 9, writeHeldMs: 90, writeHeldShare: 0.1, waits: 1, waitedMs: 5, gaveUp: 0, refusals: 0 };
  const more = { databases: [{ path: "/srv/b.db", ...counts }], transactions: [transactionLine()] };
  const text = screen({ ...more, waits: [waitLine({ path: "/srv/b.db" })] }, 200, { meta });
  expect(text).toMatch(/gave up {2}b\.db: 4250/);
  expect(text).toMatch(/commit {2}db\.sqlite3: 4242/);
  expect(text).toMatch(/^ {2}b\.db +9 +90 ms +10 %/m);
});

test("refusals at once that read the same are one row; a run of refusals may be several calls", () => {
  const refused = { outcome: "gave-up", attempts: 1, waitedMs: 0.02 } as const;
  const waits = [waitLine({ perhapsSeveralCalls: true }), waitLine(refused), waitLine({ ...refused, fromMs: 7 })];
  const text = screen({ waits }, 200);
  expect(text).toMatch(/at once {2}WRITE +1 {2}gave up {2}4250.* x 2: insert/);
  expect(text).toContain("; perhaps several calls");
});

test("an end that is not known has a legend", () => {
  expect(screen({ transactions: [transactionLine({ outcome: "unknown" })] })).toContain(". END ?: committed or");
});

test("a command line of any length is cut, also through a pipe", () => {
  const processes = [processSummary({ commandLine: ["python3", "-c", "x".repeat(600)] })];
  const row = /^ +4242 {2}python3 -c.*$/m.exec(screen({ processes }, Number.POSITIVE_INFINITY))?.[0] ?? "";
  expect(row).toContain("...");
  expect(row.length).toBeLessThan(200);
});

test("without statements, how many calls returned SQLITE_BUSY is not known", () => {
  const row = /^ +4250 {2}gunicorn.*$/m.exec(screen({}, 200, { meta: { ...META, statements: false } }))?.[0];
  expect(row).toMatch(/280 +\? +-$/);
});

test("runs of refusals may have been several SQLITE_BUSY each", () => {
  const runs = { times: 2, totalMs: 9, longestMs: 8, atLeast: false };
  const cellOf = (gaveUp: number) =>
    /((?:>= )?\S+) +-$/.exec(
      /^ +4242 {2}python3.*$/m.exec(
        screen({ processes: [processSummary({ runs, gaveUp, blockedOthersMs: 0 })] }, 200),
      )?.[0] ?? "",
    )?.[1];
  expect([cellOf(0), cellOf(3)]).toEqual(["?", ">= 3"]);
});
