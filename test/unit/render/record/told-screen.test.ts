/** The screen at the end where programs tell their lines of code: with the kernel, and beside samples. */
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import type { MetaLine, RecordingLine } from "../../../../src/recording/lines.ts";
import { Tally } from "../../../../src/recording/summary/tally.ts";
import { type EndFacts, endScreen } from "../../../../src/render/record/end-screen.ts";
import {
  blocker,
  callSite,
  connectionLine,
  lockLine,
  metaLine,
  processLine,
  refusalLine,
  statement,
  transactionLine,
  waitLine,
} from "../../../support/recording.ts";

const IMPORT = { file: "/srv/app/shop/import.py", function: "run" };
const KERNEL = metaLine({ callSites: true, because: "best" });
const SAMPLED = metaLine({
  ...{ callSites: true, source: "sampled", exact: false, statements: false, because: "not-root" },
});

const NAMES: readonly RecordingLine[] = [
  processLine({ pid: 4242, startTicks: "900", commandLine: ["/usr/bin/python3", "import.py"] }),
  processLine({ commandLine: ["gunicorn", "shop.wsgi"], name: "gunicorn" }),
];

const importing = transactionLine({
  ...{ pid: 4242, startTicks: "900", tid: 4242, fromMs: 800, writeFromMs: 800, toMs: 6_800, outcome: "commit" },
  ...{ insideMs: 200, outsideMs: 5_800, callSite: callSite(17, IMPORT) },
  statements: [
    statement({ sql: "begin immediate", atMs: 800 }),
    statement({ sql: "insert into products(name, price) values(?, ?)", atMs: 820, times: 3_000 }),
  ],
  program: {
    ...{ connectionId: 7, endedAt: callSite(29, IMPORT) },
    pause: { ms: 5_200, after: callSite(21, IMPORT), before: callSite(24, IMPORT) },
  },
});
const held = lockLine({
  ...{ pid: 4242, startTicks: "900", tid: 4242, fromMs: 800, toMs: 6_800, callSite: callSite(17, IMPORT) },
});
const inTheWay = blocker({ fromMs: 800, heldMs: 5_900, blockedMs: 5_000, callSite: callSite(17, IMPORT) });

/** With the kernel. */
const WAITED: readonly RecordingLine[] = [
  ...NAMES,
  waitLine({ waitedMs: 5_000, outcome: "gave-up", attempts: 54, callSite: callSite(42), blockers: [inTheWay] }),
  held,
  importing,
];

/** Beside samples: as the programs tell. */
const REFUSED: readonly RecordingLine[] = [
  ...NAMES,
  refusalLine({
    ...{ atMs: 5_900, callMs: 5_000, sure: "likely", connection: null, callSite: callSite(42), connectionId: 3 },
    blockers: [{ ...inTheWay, atLeast: true }],
  }),
  lockLine({ ...held, sql: null, atLeast: true }),
  { ...importing, program: { connectionId: 7, alone: true, ...importing.program } },
];

function screen(
  meta: MetaLine,
  lines: readonly RecordingLine[],
  width = Number.POSITIVE_INFINITY,
  more: Partial<EndFacts> = {},
): string {
  const tally = new Tally();
  for (const line of [meta, ...lines]) tally.add(line);
  const facts: EndFacts = { meta, summary: tally.summary(8_000), story: null, file: null, folder: "/srv/app", ...more };
  return endScreen(facts, Number.POSITIVE_INFINITY, { width, ellipsis: "...", chalk: null });
}

test("with the kernel, 80 columns", () => {
  expect(screen(KERNEL, WAITED, 80)).toMatchInlineSnapshot(`
    "1 writer waited 5.0 s, was refused 54 times and got SQLITE_BUSY once; all of it
    behind 4242 (python3 import.py), which began its transaction at
    shop/import.py:17 in run and held the write lock for 6.0 s between \`begin
    immediate\` and \`insert into products(name, price) values(?, ?)\`, 97 % of that
    time outside SQLite.

    Waits, longest first
      WAITED  FOR    TRIES  OUTCOME  PROCESS, STATEMENT, AND BLOCKER
      5.0 s   WRITE     54  gave up  4250 (gunicorn shop.wsgi)
              at shop/views.py:42 in create_order: insert into t values (?)
              behind 4242 (python3 import.py) at shop/import.py:17 in run, WRITE for
                5.9 s: begin immediate

    Transactions, longest first
      OPEN FOR  KIND   OUTSIDE  END     PROCESS
      6.0 s     write     97 %  commit  4242 (python3 import.py)
                begun at shop/import.py:17 in run, ended at shop/import.py:29
                nothing for 5.2 s after shop/import.py:21 in run (before line 24)
                begin immediate; insert into products(name, price) values(?, ?) x...

    Processes
       PID  COMMAND             WRITES  TOTAL  LONGEST  WAITED  REFUSED  BUSY
      4242  python3 import.py        1  6.0 s    6.0 s       -        0     0
      4250  gunicorn shop.wsgi       0      -        -   5.0 s       54     1
      WRITES: holds of the write lock. REFUSED: refused attempts. BUSY: calls that
      returned SQLITE_BUSY.

    What to change
      warning: 4242 (python3 import.py) kept a write transaction open for 6.0 s,
        97 % of it outside SQLite; others waited 5.0 s for it; begun at
        shop/import.py:17 in run, nothing for 5.2 s after shop/import.py:21 in run
        (before line 24). Statement: \`begin immediate\`.
        Do slow work (network, files, computing) before BEGIN or after COMMIT; after
        BEGIN, check again what it relied on. See: sqlock explain transaction

    Recorded for 8.0 s; source: the kernel's lock events and the calls of SQLite
      (exact).
    "
  `);
});

// long-lines: of a terminal of 200 columns
test("with the kernel, 200 columns", () => {
  expect(screen(KERNEL, WAITED, 200)).toMatchInlineSnapshot(`
    "1 writer waited 5.0 s, was refused 54 times and got SQLITE_BUSY once; all of it behind 4242 (python3
    import.py), which began its transaction at shop/import.py:17 in run and held the write lock for
    6.0 s between \`begin immediate\` and \`insert into products(name, price) values(?, ?)\`, 97 % of that
    time outside SQLite.

    Waits, longest first
      WAITED  FOR    TRIES  OUTCOME  PROCESS, AND ITS BLOCKER
      5.0 s   WRITE     54  gave up  4250 (gunicorn shop.wsgi) at shop/views.py:42 in create_order: insert into t values (?)
                                     behind 4242 (python3 import.py) at shop/import.py:17 in run, WRITE for 5.9 s: begin immediate

    Transactions, longest first
      OPEN FOR  KIND   OUTSIDE  END     PROCESS AND STATEMENTS
      6.0 s     write     97 %  commit  4242 (python3 import.py): begin immediate; insert into products(name, price) values(?, ?) x 3,000
                begun at shop/import.py:17 in run, ended at shop/import.py:29; nothing for 5.2 s after shop/import.py:21 in run (before line 24)

    Processes
       PID  COMMAND             WRITES  TOTAL  LONGEST  READS  LONGEST  WAITED  LONGEST  REFUSED  BUSY  BLOCKED
      4242  python3 import.py        1  6.0 s    6.0 s      0        -       -        -        0     0    5.0 s
      4250  gunicorn shop.wsgi       0      -        -      0        -   5.0 s    5.0 s       54     1        -
      WRITES: holds of the write lock. REFUSED: refused attempts. BUSY: calls that returned SQLITE_BUSY.

    What to change
      warning: 4242 (python3 import.py) kept a write transaction open for 6.0 s, 97 % of it outside
        SQLite; others waited 5.0 s for it; begun at shop/import.py:17 in run, nothing for 5.2 s after
        shop/import.py:21 in run (before line 24). Statement: \`begin immediate\`.
        Do slow work (network, files, computing) before BEGIN or after COMMIT; after BEGIN, check again
        what it relied on. See: sqlock explain transaction

    Recorded for 8.0 s; source: the kernel's lock events and the calls of SQLite (exact).
    "
  `);
});

// long-lines end

test("beside samples, 80 columns", () => {
  expect(screen(SAMPLED, REFUSED, 80)).toMatchInlineSnapshot(`
    "1 writer got SQLITE_BUSY at least once, because the lock did not become free
    while they waited, after up to 5.0 s inside SQLite, at shop/views.py:42 in
    create_order (likely); all of them behind 4242 (python3 import.py) (likely),
    which began its transaction at shop/import.py:17 in run and held the write lock
    for at least 6.0 s (\`begin immediate\`); whether others had to wait, samples
    cannot show.

    Transactions, as the programs tell, longest first
      OPEN FOR  KIND   OUTSIDE  END     PROCESS
      6.0 s     write     97 %  commit  4242 (python3 import.py)
                begun at shop/import.py:17 in run, ended at shop/import.py:29
                nothing for 5.2 s after shop/import.py:21 in run (before line 24)
                begin immediate; insert into products(name, price) values(?, ?) x...

    Processes
       PID  COMMAND             WRITES  TOTAL   LONGEST  BUSY
      4242  python3 import.py        1  6.0 s  >= 6.0 s     0
      4250  gunicorn shop.wsgi       0      -         -     1
      WRITES: holds of the write lock that were seen. BUSY: calls that returned
      SQLITE_BUSY, as the programs tell.

    What to change
      warning: 4242 (python3 import.py) kept a write transaction open for 6.0 s,
        97 % of it outside SQLite; others waited at least 5.0 s for it; begun at
        shop/import.py:17 in run, nothing for 5.2 s after shop/import.py:21 in run
        (before line 24). Statement: \`begin immediate\`.
        Do slow work (network, files, computing) before BEGIN or after COMMIT; after
        BEGIN, check again what it relied on. See: sqlock explain transaction

    Not known
      This is a sample: /proc/locks was read about every 2 ms. A lock that was held
      for a shorter time may have been missed, and two holds with a shorter pause
      count as one. Transactions, statements and refused calls are those that the
      command's programs tell; of waits, those of their calls that took long while
      others were seen to have the lock (likely).

    Recorded for 8.0 s; source: sampled, because only root may trace the kernel;
      with sudo it is exact.
    "
  `);
});

const kept = connectionLine({ closed: "process-ended", closedMs: null, closedAt: null });

test("connections that were not closed", () => {
  const lines = [
    ...Array.from({ length: 12 }, () => connectionLine({ closed: "collected" })),
    ...Array.from({ length: 30 }, () => kept),
    connectionLine({ openedAt: callSite(80, IMPORT) }),
  ];
  expect(screen(KERNEL, [...NAMES, ...lines], 80)).toMatchInlineSnapshot(`
    "No lock was taken in 8.0 s.

    Processes
       PID  COMMAND             WRITES  TOTAL  LONGEST  WAITED  REFUSED  BUSY
      4242  python3 import.py        0      -        -       -        0     0
      4250  gunicorn shop.wsgi       0      -        -       -        0     0

    Connections
      OPENED  CLOSED  DROPPED  LEFT  OPENED AT
          42       0       12    30  shop/views.py:4 in create_order
      DROPPED: without close(). LEFT: open at the end of the recording, or of their
      process.

    What to change
      warning: 4250 (gunicorn shop.wsgi) opened 42 connections at shop/views.py:4 in
        create_order, and closed none of them: 12 were dropped without close() and
        30 were still open at the end.
        Close each connection: \`with contextlib.closing(sqlite3.connect(path)) as
        conn\`. \`with conn\` alone ends the transaction, not the connection. See:
        sqlock explain idle

    Recorded for 8.0 s; source: the kernel's lock events and the calls of SQLite
      (exact).
    "
  `);
});

test("connections that say nothing have no part", () => {
  expect(screen(KERNEL, [connectionLine(), kept])).not.toContain("Connections");
});

describe.each([80, 110, 200])("%i columns", (width) => {
  test("no line is wider, and hostile names are visible characters", () => {
    const hostile = { file: `/${"long/".repeat(50)}x\x1b[2J\n.py`, function: "\u202ey", task: "\x1b]0;z\x07" };
    const at = callSite(1, hostile);
    const lines = [
      ...NAMES,
      waitLine({ callSite: at, blockers: [blocker({ callSite: at })], outcome: "gave-up" }),
      {
        ...importing,
        callSite: at,
        program: { connectionId: 1, endedAt: at, pause: { ms: 5_000, after: at, before: at } },
      },
      connectionLine({ openedAt: at, closed: "collected", memory: "\x1b[2J", path: null, driver: "\x1b[2J" }),
    ];
    const wait = lines.find((line) => line.type === "wait");
    const story = wait === undefined ? null : { wait, transactions: [importing] };
    const text = screen(KERNEL, lines, width, { story });
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e]/u);
    for (const line of text.split("\n")) expect(stringWidth(line)).toBeLessThanOrEqual(width);
  });
});

test("beside samples, where no call was refused", () => {
  const text = screen(SAMPLED, [held, importing]);
  expect(text).toMatch(/^No traced program of the command got SQLITE_BUSY, and at least 1 transaction wrote /);
  expect(text).toContain("Transactions, statements and refused calls are those that the command's programs tell;");
});

test("beside samples, where no program of the command could be traced: nothing is claimed of its calls", () => {
  const untraced: RecordingLine = {
    ...{ type: "unknown", atMs: 9, what: "call-site", why: "not-traced", pids: [], untilMs: null },
  };
  const text = screen(SAMPLED, [held, untraced]);
  expect(text).toMatch(/^The write lock was taken at least once/);
  expect(text).toContain("Waits, refused calls and statements cannot be seen.");
  expect(text).toContain("Lines of code are not known: no program of the command uses SQLite through");
});

test("the story has the lines of code", () => {
  const wait = WAITED.find((line) => line.type === "wait");
  if (wait === undefined) throw new Error("no wait");
  const text = screen(KERNEL, WAITED, 200, { story: { wait, transactions: [importing] } }).replace(/\s+/g, " ");
  expect(text).toContain("runs begin immediate at shop/import.py:17 in run");
  expect(text).toContain("wants the write lock at shop/views.py:42 in create_order, which 4242 (python3 import.py)");
  expect(text).toContain("has committed at shop/import.py:29 in run, open for 6.0 s");
  expect(text).toContain("nothing for 5.2 s after shop/import.py:21 in run (before line 24)");
});

test("databases that the command opened are told apart, too", () => {
  const other = lockLine({ path: "/srv/app/other.db" });
  const meta = { ...KERNEL, databases: [] };
  expect(screen(meta, [...NAMES, held, other])).toMatch(/Databases\n +DATABASE +WRITES/);
});

test("locks without statements: a refused call that waited is not said to be refused without a wait", () => {
  const run = waitLine({
    perhapsSeveralCalls: true,
    outcome: "unknown",
    result: null,
    sql: null,
    blockers: [inTheWay],
  });
  const text = screen({ ...KERNEL, statements: false }, [...WAITED.slice(0, 2), run, ...REFUSED.slice(2)]);
  expect(text).toMatch(/got SQLITE_BUSY at least once; all of it behind 4242/);
  expect(text).not.toContain("without a wait");
});

test("beside samples: a wait that the program tells of is likely", () => {
  const waited = waitLine({ sure: "likely", attempts: 0, connection: null, blockers: [inTheWay] });
  const text = screen(SAMPLED, [...NAMES, waited, held, importing]).replace(/\s+/g, " ");
  expect(text).toContain("1 writer likely waited at least 900 ms and got the lock; ");
  expect(text).toContain("; samples cannot show other waits.");
});
