import { describe, expect, test } from "vitest";
import type { JournalModeReport, ObstacleReport } from "../../../../src/features/journal-mode/report.ts";
import type { Finding } from "../../../../src/model/report.ts";
import { errorReport } from "../../../../src/render/journal-mode/document.ts";
import { adviceOf } from "../../../../src/render/journal-mode/effects.ts";
import { renderPretty } from "../../../../src/render/journal-mode/text.ts";
import { PLAIN } from "../../../../src/render/style.ts";
import { holder, lock } from "../../../support/report.ts";

function report(change: Partial<JournalModeReport>): JournalModeReport {
  const nothing = errorReport(
    { givenAs: "/srv/app/db.sqlite3", error: { code: "", message: "", hint: "" } },
    null,
    false,
  );
  return {
    ...nothing,
    before: "delete",
    after: "delete",
    sizeBytes: 49152,
    pageSize: 4096,
    pageCount: 12,
    reason: null,
    error: null,
    ...change,
  };
}

const render = (change: Partial<JournalModeReport>, width = 80) => renderPretty(report(change), { ...PLAIN, width });

test("switched", () => {
  expect(
    render({ asked: "wal", after: "wal", changed: true, waitedMs: 2345, advice: adviceOf("wal") }),
  ).toMatchInlineSnapshot(`
    "/srv/app/db.sqlite3 was switched from rollback-journal mode to WAL mode (after
      2 s).
      Verified: its header says so, and another process could read it.

    Settings for the program, which the file does not store:
      - PRAGMA busy_timeout = 5000: on every connection; it then waits up to 5 s for
        a lock, instead of failing at once
      - PRAGMA synchronous = NORMAL: on every connection; in WAL mode a commit then
        does not wait for the disk; a power failure may lose the last commits, but
        never the database
      - BEGIN IMMEDIATE: for transactions that write; one that reads first and
        writes later fails at once while another connection writes, whatever the
        timeout
    "
  `);
  expect(
    render({ asked: "delete", before: "wal", changed: true, proof: { frames: 3021, pages: 812, rewritten: 2 } }),
  ).toMatchInlineSnapshot(`
    "/srv/app/db.sqlite3 was switched from WAL mode to rollback-journal mode.
      Verified: its header says so, and another process could read it. Of the 812
      pages in the 3,021 frames of its -wal, 810 are in the database, and 2 cannot
      be compared: another process has committed since.
    "
  `);
});

test("the user that root switched it as, or would; and a -wal that was too large to compare", () => {
  const openedAs = { uid: 1001, of: "database", folderUid: 0 } as const;
  const notCompared = { kind: "too-many-frames", frames: 5_000_000, limit: 4_194_304 } as const;
  const unknown = { kind: "may-be-rewritten", frames: 3021, pages: 812, differing: 811 } as const;
  expect(
    [
      render({ asked: "delete", before: "wal", changed: true, openedAs, notCompared, waitedMs: 1 }),
      render({ asked: "delete", before: "wal", changed: true, notCompared: unknown }),
      render({ asked: "wal", dryRun: true, wouldSwitch: true, openedAs }),
      render({ asked: "wal", reason: "it is full", openedAs, waitedMs: 1 }),
    ].join("---\n"),
  ).toMatchInlineSnapshot(`
    "/srv/app/db.sqlite3 was switched from WAL mode to rollback-journal mode.
      Verified: its header says so, and another process could read it. Its -wal had
      5,000,000 frames, which are more than can be compared (4,194,304).

    (switched as uid 1001, its owner (its folder belongs to uid 0; the owner of the
      files counts))
    ---
    /srv/app/db.sqlite3 was switched from WAL mode to rollback-journal mode.
      Verified: its header says so, and another process could read it. Of the 812
      pages in the 3,021 frames of its -wal, 1 is in the database, and 811 cannot be
      compared: another process may have committed since.
    ---
    /srv/app/db.sqlite3 would be switched from rollback-journal mode to WAL mode.
      Nothing was changed (--dry-run).

    (to be switched as uid 1001, its owner (its folder belongs to uid 0; the owner
      of the files counts))
    ---
    /srv/app/db.sqlite3 was not switched: it is full. It is still in
      rollback-journal mode.

    (tried as uid 1001, its owner (its folder belongs to uid 0; the owner of the
      files counts))
    "
  `);
});

test("not switched: which processes block it", () => {
  const reader = holder({
    pid: 4242,
    locks: [lock("SHARED")],
    activity: "reading",
    blocks: ["commits", "journal-mode"],
  });
  expect(
    render({ asked: "wal", reason: "4242 (python manage.py shell) uses it at this moment", blockedBy: [reader] }),
  ).toMatchInlineSnapshot(`
    "/srv/app/db.sqlite3 was not switched: 4242 (python manage.py shell) uses it at
      this moment. It is still in rollback-journal mode.

     PID USER COMMAND                ACTIVITY LOCKS  HELD-FOR BLOCKS
    4242 web  python manage.py shell reading  SHARED ?        commits, journal-mode

      To do: try again when it has finished, or wait longer (--wait 1m)
    "
  `);
});

test("an unknown process is a row of the table", () => {
  const text = render({
    asked: "wal",
    reason: "somebody unknown (SHARED) uses it at this moment",
    blockedByUnowned: [lock("SHARED", { api: "ofd" })],
  });
  expect(text).toContain("owner unknown");
});

test("refused; and what --force went past is still said", () => {
  const obstacle = {
    code: "hard-linked",
    message: "db.sqlite3 has 2 names",
    remedy: "find them",
    forcible: true,
    forced: false,
  } as const;
  expect(render({ asked: "wal", reason: obstacle.message, obstacles: [obstacle] })).toMatchInlineSnapshot(`
    "/srv/app/db.sqlite3 was not switched: db.sqlite3 has 2 names. It is still in
      rollback-journal mode.

      To do: find them
    "
  `);
  expect(render({ asked: "wal", after: "wal", changed: true, obstacles: [{ ...obstacle, forced: true }] })).toContain(
    "Overridden by --force: db.sqlite3 has 2 names.",
  );
});

test("what is to be done is said once: of a blocker that is an obstacle, and of two obstacles", () => {
  const finding: Finding = {
    id: "lost-locks",
    severity: "error",
    pids: [4242],
    summary: "It lost its locks.",
    detail: "",
    remedy: "Restart it.",
  };
  const obstacle = (code: ObstacleReport["code"], message: string): ObstacleReport => ({
    code,
    message,
    remedy: finding.remedy,
    forcible: false,
    forced: false,
  });
  const obstacles = [obstacle("lost-locks", "it lost its locks"), obstacle("other-locking", "it locks otherwise")];
  const report = { asked: "wal", reason: "it lost its locks", blockedBy: [holder()], findings: [finding] } as const;
  const text = render({ ...report, obstacles });
  expect(text.match(/Restart it/g)).toHaveLength(1);
  expect(text).toMatch(/Also: it locks otherwise\.\n +To do: Restart it\./);
  expect(text).not.toContain("error lost-locks");
  expect(render(report)).toContain("error lost-locks");
});

describe("one to do for each process", () => {
  const [forgotten, other] = [holder({ pid: 1, blocks: ["journal-mode"] }), holder({ pid: 2 })];
  const finding: Finding = {
    id: "uncommitted-write",
    severity: "warning",
    pids: [1],
    summary: "1 left its transaction open.",
    detail: "",
    remedy: "end it:\n  kill 1",
  };
  const CLOSE = /close its connections \(stop the service; no process needs to be killed\)/g;
  const asked = { asked: "delete", before: "wal", reason: "it is open" } as const;
  test.each<[string, Partial<JournalModeReport>, number, number, RegExp]>([
    ["a finding explains it", { blockedBy: [forgotten], findings: [finding] }, 1, 0, / Then: try again; if 1 is/],
    ["no finding does", { blockedBy: [other], findings: [finding] }, 1, 1, /To do: have it close/],
    ["of two, it explains one", { blockedBy: [forgotten, other], findings: [finding] }, 2, 1, /To do about 2 \(/],
    [
      "and an unknown process",
      { blockedBy: [forgotten], blockedByUnowned: [lock("SHARED")], findings: [finding] },
      2,
      1,
      /To do about the unknown process: /,
    ],
  ])("%s", (_, change, toDos, closes, expected) => {
    for (const how of [asked, { ...asked, dryRun: true }, { ...asked, asked: null }]) {
      const text = render({ ...how, ...change }, 200).replaceAll(/\s+/g, " ");
      const shown = change.blockedBy?.includes(forgotten) === true || how.asked === null ? 1 : 0;
      expect(text.match(/uncommitted-write/g) ?? []).toHaveLength(shown);
      expect(text.match(/To do/g)).toHaveLength(change.blockedBy?.includes(forgotten) === true ? toDos : toDos + shown);
      expect(text.match(CLOSE) ?? []).toHaveLength(closes);
      expect(text).toMatch(expected);
      if (closes === 0 && toDos === 1) expect(text).not.toMatch(/wait longer/);
    }
  });
});

test("processes that root would see: with the command that only shows the mode", () => {
  const reason = "owned by other users";
  const unseen = { processes: 2, reasons: [reason], reason, remedy: "run with sudo", asRoot: true } as const;
  for (const asked of [null, "wal"] as const)
    expect(render({ asked, reason: "it is locked", unseen }, 200).replaceAll(/\s+/g, " ")).toMatch(
      /[Tt]o see them: sudo sqlock journal-mode \/srv\/app\/db.sqlite3 $/,
    );
});

test("nothing that comes from outside reaches the terminal as it is", () => {
  const text = render({ path: "/srv/\u001b[31mdb", asked: "wal", reason: "\u001b[2J" });
  expect(text).not.toContain("\u001b");
});
