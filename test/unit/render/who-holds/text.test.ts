import { describe, expect, test } from "vitest";
import { diagnose } from "../../../../src/findings/diagnose.ts";
import type { Related } from "../../../../src/model/relate.ts";
import type { DatabaseReport, Finding, Report } from "../../../../src/model/report.ts";
import { PLAIN } from "../../../../src/render/style.ts";
import { findColumn } from "../../../../src/render/who-holds/columns.ts";
import { renderText } from "../../../../src/render/who-holds/text.ts";
import widthOf from "../../../../src/render/width.ts";
import { summaryOf } from "../../../../src/text/blocker.ts";
import { database, databaseReport, holder, lock, report, walWriter } from "../../../support/report.ts";
import { look } from "../../../support/snapshot.ts";

const columns = ["PID", "COMMAND", "ACTIVITY", "LOCKS", "BLOCKS"].flatMap((name) => findColumn(name) ?? []);

interface Look extends Partial<Report> {
  readonly width?: number;
  readonly locksOnly?: boolean;
}

const render = (
  databases: Report["databases"],
  { width = Number.POSITIVE_INFINITY, locksOnly = false, ...change }: Look = {},
) => renderText(report(databases, change), { columns, style: { ...PLAIN, width }, locksOnly });

/** What inspect makes of it. */
const explained = (change: Partial<Related>): DatabaseReport => {
  const related = database(change);
  const [seen, snapshot] = look({});
  return {
    ...related,
    summary: summaryOf(related),
    findings: diagnose({ database: related, seen, snapshot, staleAfterMs: 10_000 }),
  };
};

const WAL = {
  journalMode: "wal",
  wal: {
    frames: 3021,
    checkpointedFrames: 12,
    uncommittedFrames: 0,
    checkpointedKnown: true,
    readMarks: [0, 3021, null, null, null],
    unreadBytes: 0,
    complete: true,
  },
} as const;

test("a writer whose threads run, and nothing on file: what would tell is told", () => {
  const polls = walWriter({ idleMs: 200, heldAtLeastMs: 200, stale: [] });
  const unclear = (change: Partial<Related>) =>
    render([explained({ ...WAL, progress: { commits: 0, withinMs: 60, counterMoved: false }, ...change })]).includes(
      "sqlock watch /srv/",
    );
  expect(unclear({ holders: [polls] })).toBe(true);
  expect(unclear({ holders: [{ ...polls, heldLikelyMs: 3000, heldLikelyBasis: "wal-written" }] })).toBe(false);
  expect(unclear({ holders: [polls], progress: { commits: 3, withinMs: 60, counterMoved: true } })).toBe(false);
  expect(unclear({ holders: [polls], progress: null })).toBe(false);
  expect(unclear({ holders: [{ ...polls, idleMs: null, heldAtLeastMs: null }], progress: null })).toBe(true);
  expect(unclear({ holders: [{ ...polls, state: "running" }] })).toBe(false);
  const released = { commits: 0, withinMs: 60, counterMoved: false, released: [polls.pid] };
  expect(unclear({ holders: [polls], progress: released })).toBe(false);
  expect(unclear({ holders: [{ ...polls, idleMs: 5000 }] })).toBe(false);
});

test("a forgotten write transaction", () => {
  expect(render([explained({ ...WAL, holders: [walWriter()] })], { width: 80 })).toMatchInlineSnapshot(`
    "/srv/app/db.sqlite3: WAL mode, 48 KiB, 12 pages of 4096, WAL 3,021 frames,
      12 checkpointed, ext4 on /
     PID COMMAND                ACTIVITY LOCKS                 BLOCKS
    4242 python manage.py shell writing  SHARED, WRITE, READ1, writers, checkpoints,
                                         DMS                   journal-mode

    error uncommitted-write: 4242 (python manage.py shell) holds the write lock,
      asleep for 4 m 12 s: every other writer gets 'database is locked'.
      It holds SHARED, WRITE, READ1, DMS for at least 4 m 12 s, and none of its
      threads has run for 4 m 12 s: its write transaction is open, and nothing works
      on it. Likely a shell or database browser with unsaved changes, or a missing
      commit.
      To do: Commit or roll back in that program (it runs on pts/3). If nobody can,
      end the process: kill 4242 (SQLite undoes what was not committed).

    More on a finding: sqlock explain uncommitted-write
    "
  `);
});

test("a reader in rollback mode, in a pipe", () => {
  const reader = holder({ locks: [lock("SHARED")], activity: "reading", blocks: ["commits", "journal-mode"] });
  expect(render([explained({ holders: [reader] })])).toMatchInlineSnapshot(`
    "/srv/app/db.sqlite3: rollback journal, 48 KiB, 12 pages of 4096, ext4 on /
     PID  COMMAND                 ACTIVITY  LOCKS   BLOCKS
    4242  python manage.py shell  reading   SHARED  commits, journal-mode

    4242 (python manage.py shell) is reading, asleep for 4 m 12 s: no writer can commit until it has finished.
    "
  `);
});

test("nobody, of several databases; some processes were not seen", () => {
  const databases = [databaseReport(), databaseReport({ path: "/srv/other.db", ...WAL })];
  const unseen = {
    processes: 12,
    reasons: ["owned by other users"],
    reason: "owned by other users",
    remedy: "run with sudo",
  };
  expect(render(databases, { unseen })).toMatchInlineSnapshot(`
    "/srv/app/db.sqlite3: rollback journal, 48 KiB, 12 pages of 4096, ext4 on /
    nobody visible has db.sqlite3 open

    /srv/other.db: WAL mode, 48 KiB, 12 pages of 4096, WAL 3,021 frames, 12 checkpointed, ext4 on /
    nobody visible has other.db open

    12 processes could not be looked into (owned by other users): to see them, run with sudo.
    "
  `);
});

test("nobody has a lock, when only locks were looked for", () => {
  expect(render([databaseReport()], { locksOnly: true })).toContain(
    "nobody has a lock on db.sqlite3 (open files were not looked for: --locks-only)\n",
  );
});

describe("the line on a database", () => {
  const line = (change: Partial<DatabaseReport>) => render([databaseReport(change)]).split("\n")[0];

  test.each<[Partial<DatabaseReport>, string]>([
    [{}, "/srv/app/db.sqlite3: rollback journal, 48 KiB, 12 pages of 4096, ext4 on /"],
    [{ sizeBytes: null, pageCount: null, fileSystem: null }, "/srv/app/db.sqlite3: deleted"],
    [
      { journalMode: "unknown", sizeBytes: 0, pageSize: null, pageCount: 0 },
      "/srv/app/db.sqlite3: empty (no journal mode yet), 0 B, ext4 on /",
    ],
    [
      { journalMode: "unknown", pageSize: null, pageCount: null },
      "/srv/app/db.sqlite3: journal mode unknown (cannot be read), 48 KiB, ext4 on /",
    ],
    [
      { journal: { hot: true, header: "valid", sizeBytes: 9 }, pageCount: null },
      "/srv/app/db.sqlite3: rollback journal, 48 KiB, hot journal, ext4 on /",
    ],
    [
      { journal: { hot: null, header: "valid", sizeBytes: 9 }, pageCount: null },
      "/srv/app/db.sqlite3: rollback journal, 48 KiB, journal (hot?), ext4 on /",
    ],
    [
      { journal: { hot: false, header: "valid", sizeBytes: 9 }, pageCount: 1, fileSystem: null },
      "/srv/app/db.sqlite3: rollback journal, 48 KiB, 1 page of 4096",
    ],
    [
      { pageCount: null, fileSystem: { type: "nfs4", mountPoint: "/mnt/a b", network: true, readOnly: true } },
      "/srv/app/db.sqlite3: rollback journal, 48 KiB, nfs4 on /mnt/a b (read-only)",
    ],
  ])("%j", (change, expected) => {
    expect(line(change)).toBe(expected);
  });

  test("names are escaped", () => {
    expect(line({ path: "/srv/\x1b[31m\n.db", fileSystem: null })).toBe(
      "/srv/\\e[31m\\n.db: rollback journal, 48 KiB, 12 pages of 4096",
    );
  });
});

test("where there are findings, the gravest one's explanation is named once", () => {
  const found = explained({ ...WAL, holders: [walWriter()] });
  expect(render([found, found]).match(/sqlock explain/g)).toHaveLength(1);
  expect(render([explained({})])).not.toContain("sqlock explain");
});

test("of paths that could not be looked at nothing is printed here", () => {
  const failed = { givenAs: "x", error: { code: "no-such-file", message: "x does not exist", hint: "check the path" } };
  expect(render([failed], { unseen: { processes: 1, reasons: ["a"], reason: "a", remedy: "b" } })).toBe("");
});

test("a sentence is left out where a finding says the same", () => {
  const finding: Finding = {
    id: "uncommitted-write",
    severity: "error",
    pids: [4242],
    summary: "the finding",
    detail: "d",
    remedy: "r",
  };
  const holders = [walWriter(), walWriter({ pid: 4243, commandLine: ["4242"] })];
  const text = (id: Finding["id"]) => render([databaseReport({ holders, findings: [{ ...finding, id }] })]);
  const sentence = (pid: number) => new RegExp(`^${pid} \\(.+\\) holds the write lock`, "m");
  expect(text("uncommitted-write")).not.toMatch(sentence(4242));
  expect(text("uncommitted-write")).toMatch(sentence(4243));
  expect(text("deleted-file")).toMatch(sentence(4242));
});

test("no line of prose is wider than the terminal, of wide characters either", () => {
  const wide = walWriter({ commandLine: ["データベース 管理 ツール 起動 中"] });
  for (const width of [40, 60, 80, 120]) {
    const [, prose = ""] = render([explained({ ...WAL, holders: [wide] })], { width }).split("\n\n");
    expect(prose).toContain("To do:");
    for (const line of prose.split("\n")) expect(widthOf(line)).toBeLessThanOrEqual(width);
  }
});
