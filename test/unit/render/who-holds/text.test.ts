import { describe, expect, test } from "vitest";
import { diagnose } from "../../../../src/findings/diagnose.ts";
import type { Related } from "../../../../src/model/relate.ts";
import type { DatabaseReport, Finding, Report } from "../../../../src/model/report.ts";
import { verdictOf } from "../../../../src/model/verdict.ts";
import { PLAIN } from "../../../../src/render/style.ts";
import { namedColumns } from "../../../../src/render/who-holds/column-choice.ts";
import { findColumn } from "../../../../src/render/who-holds/columns.ts";
import type { LockWords } from "../../../../src/render/who-holds/lock-legend.ts";
import { renderText } from "../../../../src/render/who-holds/text.ts";
import widthOf from "../../../../src/render/width.ts";
import { summaryOf } from "../../../../src/text/blocker.ts";
import { verdictSentence } from "../../../../src/text/verdict.ts";
import { blocker, database, databaseReport, holder, lock, report, walWriter } from "../../../support/report.ts";
import { look } from "../../../support/snapshot.ts";

const columns = namedColumns(
  ["PID", "COMMAND", "ACTIVITY", "LOCKS", "BLOCKS"].flatMap((name) => findColumn(name) ?? []),
);

interface Look extends Partial<Report> {
  readonly width?: number;
  readonly lockWords?: LockWords;
}

const render = (
  databases: Report["databases"],
  { width = Number.POSITIVE_INFINITY, lockWords = "none", ...change }: Look = {},
) => renderText(report(databases, change), { columns, lockWords, style: { ...PLAIN, width } });

/** What inspect makes of it. */
const explained = (change: Partial<Related>): DatabaseReport => {
  const { holders = [] } = change;
  const blockers = holders.flatMap(({ pid, blocks, heldAtLeastMs }) =>
    blocks.map((effect) => blocker({ pid, effect, heldAtLeastMs })),
  );
  const related = database({ blockers, ...change });
  const [seen, snapshot] = look({});
  const findings = diagnose({ database: related, seen, snapshot, staleAfterMs: 10_000 });
  const verdict = verdictOf(related, { ...snapshot, findings, unsafe: [] });
  const sentence = verdictSentence(verdict, related, { findings, unseen: snapshot.unseen });
  return { ...related, verdict: { ...verdict, sentence }, summary: summaryOf(related), findings };
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
  expect(unclear({ holders: [{ ...polls, heldAtLeastMs: 1000 }] })).toBe(false); // by a later look
});

test("what is unclear names its process, and is not said of one that a finding explains", () => {
  const polls = walWriter({ idleMs: 200, heldAtLeastMs: 200, stale: [] });
  const at = explained({ ...WAL, holders: [polls], progress: { commits: 0, withinMs: 60, counterMoved: false } });
  expect(render([at])).toContain("Whether 4242 (python manage.py shell) is working");
  const finding = { pids: [4242], summary: "s", detail: "d", remedy: "r" };
  const waits: Finding = { ...finding, id: "same-process-contention", severity: "warning" };
  expect(render([{ ...at, findings: [waits] }])).not.toContain("Whether 4242");
  expect(render([{ ...at, findings: [{ ...waits, severity: "info" }] }])).toContain("Whether 4242");
  expect(render([{ ...at, findings: [{ ...waits, pids: [7] }] }])).toContain("Whether 4242");
});

test("a forgotten write transaction", () => {
  expect(render([explained({ ...WAL, holders: [walWriter()] })], { width: 80 })).toMatchInlineSnapshot(`
    "Locked for writers: 4242 (python manage.py shell) has held the write lock for at
      least 4 m 12 s and is idle.
    /srv/app/db.sqlite3: WAL mode, 48 KiB, 12 pages of 4096, WAL 3,021 frames,
      12 checkpointed, ext4 on /
     PID COMMAND                ACTIVITY LOCKS                 BLOCKS
    4242 python manage.py shell writing  WRITE, READ1, SHARED, writers, checkpoints,
                                         DMS                   journal-mode

    error uncommitted-write: 4242 (python manage.py shell) holds the write lock,
      asleep for 4 m 12 s: every other writer gets 'database is locked'.
      It has held WRITE, READ1, SHARED and DMS for at least 4 m 12 s, and none of
      its threads has run for 4 m 12 s: its write transaction is open, and nothing
      works on it. Likely a shell or database browser with unsaved changes, or a
      missing commit.
      To do: Commit or roll back in that program (it runs on pts/3). If nobody can,
      end the process: kill 4242 (SQLite undoes what was not committed).

    More on a finding: sqlock explain uncommitted-write
    "
  `);
});

test("at 40 columns the facts and the command begin a line, and no word is broken", () => {
  const text = render([explained({ ...WAL, path: "/srv/shop/app/database.sqlite3", holders: [walWriter()] })], {
    width: 40,
  });
  expect(text).toContain("\n/srv/shop/app/database.sqlite3:\n  WAL mode, 48 KiB, 12 pages of 4096,\n");
  expect(text).toMatch(/\n\nMore on a finding:\n {2}sqlock explain uncommitted-write\n$/);
});

test("a reader in rollback mode, in a pipe", () => {
  const reader = holder({ locks: [lock("SHARED")], activity: "reading", blocks: ["commits", "journal-mode"] });
  expect(render([explained({ holders: [reader] })])).toMatchInlineSnapshot(`
    "Locked for commits: 4242 (python manage.py shell) has had a read open for an unknown time.
    /srv/app/db.sqlite3: rollback journal, 48 KiB, 12 pages of 4096, ext4 on /
     PID  COMMAND                 ACTIVITY  LOCKS   BLOCKS
    4242  python manage.py shell  reading   SHARED  commits, journal-mode
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
    "Not locked, nobody has it open.
    /srv/app/db.sqlite3: rollback journal, 48 KiB, 12 pages of 4096, ext4 on /

    Not locked, nobody has it open.
    /srv/other.db: WAL mode, 48 KiB, 12 pages of 4096, WAL 3,021 frames, 12 checkpointed, ext4 on /

    12 processes could not be inspected (owned by other users). To see them, run with sudo.
    "
  `);
});

test("init alone is named only where something has no owner", () => {
  const unseen = { processes: 1, reasons: ["x"], reason: "x", remedy: "do this", initAlone: true } as const;
  expect(render([databaseReport()], { unseen })).not.toContain("could not be inspected");
  expect(render([databaseReport({ unownedLocks: [lock("RESERVED")] })], { unseen })).toContain(
    "1 process could not be inspected, even as root. To see it, do this.\n",
  );
});

describe("the line on a database", () => {
  const line = (change: Partial<DatabaseReport>) => render([databaseReport(change)]).split("\n")[1];

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
