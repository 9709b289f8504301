/** The table at the end. */
import { describe, expect, test } from "vitest";
import type { HolderSummary, WalSummary, WatchSummary } from "../../../../src/features/watch/event.ts";
import { PLAIN } from "../../../../src/render/style.ts";
import { summaryText } from "../../../../src/render/watch/summary.ts";
import { type Column, tableLines } from "../../../../src/render/watch/table.ts";
import { PATH } from "../../../support/watch-event.ts";

const row = (change: Partial<HolderSummary> = {}): HolderSummary => ({
  path: PATH,
  pid: 4242,
  name: "python manage.py shell",
  lock: "WRITE",
  role: "shm",
  times: 1200,
  totalMs: 24_000,
  longestMs: 48.3,
  share: 0.4,
  blockedAttempts: 3,
  cutOff: false,
  ...change,
});

const summary = (holders: readonly HolderSummary[], paths: readonly string[] = [PATH]): WatchSummary => ({
  schemaVersion: 1,
  at: new Date(0),
  event: "summary",
  source: "sampled",
  paths,
  watchedMs: 60_000,
  readings: 30_000,
  longestGapMs: 12,
  holders,
  wal: [],
  unseen: null,
});

test("what a person sees; the locks of an open connection in WAL mode are left out", () => {
  const text = summaryText(
    summary([
      row(),
      row({ pid: 7, name: null, lock: "FOREIGN", role: "database", times: 1, share: 0.001, cutOff: true }),
      row({ lock: "SHARED", role: "database" }),
      row({ lock: "DMS" }),
      row({ pid: 9, lock: "SHARED", role: "database", blockedAttempts: 0 }),
    ]),
    { ...PLAIN, width: 100 },
  );
  expect(text).toMatchInlineSnapshot(`
    "Watched for 1 m 0 s. /proc/locks was read every 2.0 ms; the longest gap was 12 ms.

     PID  COMMAND                 LOCK               TIMES    TOTAL  LONGEST  SHARE  BLOCKED
    4242  python manage.py shell  WRITE              1,200     24 s    48 ms   40 %        3
       7  ?                       FOREIGN(database)      1  >= 24 s    48 ms  0.1 %        3
       9  python manage.py shell  SHARED             1,200     24 s    48 ms   40 %        0

    Two holds with a pause between them that is shorter than the time between two readings count as one.
      BLOCKED: how often another process was seen waiting for the lock; short waits leave no trace, so
      there may have been more.
    "
  `);
});

test("of several databases; no process; processes that could not be inspected", () => {
  expect(summaryText(summary([row()], [PATH, "/b"]))).toMatch(/^DATABASE +PID .*\ndb\.sqlite3 +4242 /m);
  expect(summaryText(summary([]))).toContain("No process was seen to take a lock.");
  const unseen = {
    processes: 2,
    reasons: ["owned by other users"],
    reason: "owned by other users",
    remedy: "run with sudo",
  };
  expect(summaryText({ ...summary([row()]), unseen })).toContain("2 processes could not be inspected");
  expect(summaryText({ ...summary([row()], ["/srv/a b.db"]), unseen: { ...unseen, asRoot: true } })).toContain(
    "To see them: sudo sqlock watch '/srv/a b.db'\n",
  );
});

test.each<[number, RegExp]>([
  [0, /^Watched for 1 m 0 s\. Every lock was counted, from the kernel's events\.\n/],
  [250, /^Watched for 1 m 0 s\. Locks are from the kernel's events, of which some were lost \(for 250 ms at most\): /],
])("from the kernel, whose longest gap was %d ms", (longestGapMs, head) => {
  const kernel = { ...summary([row()]), source: "kernel", readings: 0, longestGapMs } as const;
  const text = summaryText(kernel).replace(/\n {2}/g, " ");
  expect(text).toMatch(head);
  expect(text).toContain("BLOCKED: how many waits of other processes the lock has caused.\n");
  expect(text).not.toContain("Two holds with a pause between them");
});

test("no line is wider than the terminal", () => {
  const lines = (["kernel", "sampled"] as const).flatMap((source) =>
    summaryText({ ...summary([]), source, longestGapMs: 250 }, { ...PLAIN, width: 60 }).split("\n"),
  );
  expect(lines.filter((line) => line.length > 60)).toEqual([]);
});

describe("the WAL", () => {
  const [MIB, wal] = [
    2 ** 20,
    {
      path: PATH,
      sizeAtStartBytes: 0,
      sizeBytes: 0,
      largestBytes: 0,
      perMinuteBytes: null,
      measuredMs: 0,
      diskFullInMs: null,
    },
  ];
  test.each<[Partial<WalSummary>, string]>([
    [
      { sizeAtStartBytes: 4 * MIB, sizeBytes: 4 * MIB, largestBytes: 4 * MIB },
      "WAL: 4 MiB at the start, 4 MiB at the end.",
    ],
    [
      { sizeAtStartBytes: 4 * MIB, sizeBytes: 0, largestBytes: 9 * MIB, perMinuteBytes: 0 },
      "WAL: 4 MiB at the start, 0 B at the end, 9 MiB at most.",
    ],
    [
      {
        sizeBytes: 9 * MIB,
        largestBytes: 9 * MIB,
        perMinuteBytes: MIB,
        measuredMs: 38_000,
        diskFullInMs: 3 * 3_600_000,
      },
      "WAL: 0 B at the start, 9 MiB at the end; in the last 38 s it grew by 1 MiB per minute; at this rate the " +
        "disk is full in about 3 h.",
    ],
  ])("%#", (change, line) => {
    expect(summaryText({ ...summary([row()]), wal: [{ ...wal, ...change }] })).toContain(`\n${line}\n`);
  });

  test("of one of several databases", () => {
    const text = summaryText({
      ...summary([row()], [PATH, "/b"]),
      wal: [{ ...wal, sizeBytes: MIB, largestBytes: MIB }],
    });
    expect(text).toContain("\ndb.sqlite3: WAL: 0 B at the start, 1 MiB at the end.\n");
  });
});

const COLUMNS: readonly Column<readonly [number, string, string]>[] = [
  { name: "N", value: ([n]) => String(n), right: true },
  { name: "LONG", value: ([, text]) => text, cut: true },
  { name: "LAST", value: ([, , text]) => text, minTableWidth: 20 },
];

test.each<[number, string[]]>([
  [Number.POSITIVE_INFINITY, [" N  LONG        LAST", " 1  abcdefghij  x", "22  k           yz"]],
  [20, [" N  LONG        LAST", " 1  abcdefghij  x", "22  k           yz"]],
  [19, [" N  LONG", " 1  abcdefghij", "22  k"]],
  [12, [" N  LONG", " 1  abcde...", "22  k"]],
  [5, [" N  LONG", " 1  ab...", "22  k"]], // no column is cut to less than five
])("a table %d wide", (width, expected) => {
  const rows = [
    [1, "abcdefghij", "x"],
    [22, "k", "yz"],
  ] as const;
  const { header, lines } = tableLines(COLUMNS, rows, { width, ellipsis: "..." });
  expect([header, ...lines]).toEqual(expected);
});
