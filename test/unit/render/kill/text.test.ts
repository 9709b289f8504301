/** What a person reads of kill: the plan, and what came of it. */
import { Chalk } from "chalk";
import { describe, expect, test } from "vitest";
import type { Candidate } from "../../../../src/features/kill/candidates.ts";
import type { Consequence } from "../../../../src/features/kill/consequences.ts";
import type { RefusalReason, SurvivalReason } from "../../../../src/features/kill/result.ts";
import type { Finding, Holder } from "../../../../src/model/report.ts";
import { consequenceTexts } from "../../../../src/render/kill/consequence.ts";
import { documentOf } from "../../../../src/render/kill/document.ts";
import { noteOf } from "../../../../src/render/kill/note.ts";
import { refusalText } from "../../../../src/render/kill/reason.ts";
import { nobodyText } from "../../../../src/render/kill/remaining.ts";
import { renderPlan, renderReport } from "../../../../src/render/kill/text.ts";
import { PLAIN } from "../../../../src/render/style.ts";
import { killCandidate, killReport, killSettings, processOutcome } from "../../../support/kill-report.ts";
import { holder, lock, walWriter } from "../../../support/report.ts";

const NO_JOURNAL = { kind: "no-journal", pid: 4242 } as const;
const LOST = { kind: "lost-file", pid: 4242, rescue: "Copy it first:\n  cp /proc/4242/fd/3 rescued" } as const;
const INIT = { kind: "container-init", pid: 4242 } as const;

const BARE = { container: null, containerUid: null, unit: null, unitManager: null, unitUid: null };

const ROOT = { uid: 0 };

test.each<[Consequence, string]>([
  [{ kind: "danger", danger: NO_JOURNAL }, "Danger: it holds the database exclusively, and no -journal could undo"],
  [{ kind: "danger", danger: INIT }, "Danger: it is pid 1 of its container (pid namespace)"],
  [
    { kind: "danger", danger: { kind: "half-written", pid: 4242 } },
    "Danger: it is likely overwriting the database file",
  ],
  [
    { kind: "danger", danger: { kind: "undone-elsewhere", pid: 4242, superJournal: "/app/db-mj0123459AB" } },
    "Danger: it is in a commit that covers several databases, and the super-journal that it names " +
      "(/app/db-mj0123459AB)",
  ],
  [{ kind: "foreign-lock" }, "It holds a lock that is not SQLite's: whether it has an open transaction is unknown."],
  [
    { kind: "reader-on-purpose", reader: "litestream" },
    "It is likely Litestream: once ended, it replicates nothing until",
  ],
  [
    { kind: "reader-on-purpose", reader: "backup" },
    "It likely copies the database: if it is ended, that copy is incomplete.",
  ],
  [{ kind: "danger", danger: LOST }, "Danger: it uses a file that was deleted or moved away"],
  [{ kind: "write-transaction", wal: true }, "It has an open write transaction: its uncommitted changes are lost"],
  [{ kind: "write-transaction", wal: false }, "It has an open write transaction: the next program that opens the"],
  [{ kind: "read-transaction" }, "It is reading: its read is interrupted."],
  [
    { kind: "exclusive-in-wal", uncommittedFrames: null },
    "It holds the EXCLUSIVE lock; whether it has a transaction open cannot be seen from outside. Its " +
      "uncommitted changes are lost, the committed ones are kept.",
  ],
  [
    { kind: "exclusive-in-wal", uncommittedFrames: 1 },
    "It holds the EXCLUSIVE lock; it likely has a write transaction open, with 1 frame not committed.",
  ],
  [
    { kind: "lets-go-on", pid: 4243, what: "checkpoint" },
    "The checkpoint of 4243 is waiting for it, and keeps others out until this process has ended.",
  ],
  [
    { kind: "waits-for-readers", what: "commit", pids: [4243, 4244] },
    "It keeps others out because its commit is waiting for the reads of 4243 and 4244: when those processes " +
      "have ended, " +
      "it continues.",
  ],
  [{ kind: "repeated", activity: "recovering" }, "It is recovering: the next program that opens the database does"],
  [{ kind: "no-transaction" }, "It has the database open without a transaction"],
  [{ kind: "unknown-activity" }, "What it is doing with the database is unknown"],
  [{ kind: "stopped", process: { pid: 4242, uid: 1000 } }, "It is stopped: kill -CONT 4242 lets it finish."],
  [
    { kind: "frozen", version: 1, thaw: { ...BARE, frozen: { path: "/sys/fs/cgroup/freezer/a", version: 1 } } },
    "Its cgroup is frozen: echo THAWED > /sys/fs/cgroup/freezer/a/freezer.state lets it finish. Until then " +
      "every signal",
  ],
  [
    { kind: "frozen", version: 2, thaw: { ...BARE, frozen: { path: "/sys/fs/cgroup/a", version: 2 } } },
    "Its cgroup is frozen: echo 0 > /sys/fs/cgroup/a/cgroup.freeze lets it finish. Until then a signal that it handles",
  ],
  [{ kind: "uninterruptible", waitsIn: "folio_wait_bit" }, "It is waiting in the kernel (folio_wait_bit), in state D:"],
  [{ kind: "uninterruptible", waitsIn: null }, "It is waiting in the kernel, in state D: signals wait until that"],
  [{ kind: "container", container: "db-1", uid: null }, "It runs in container db-1, which"],
  [{ kind: "container", container: "db-1", uid: 1001 }, "It runs in container db-1 of user 1001, which"],
  [
    { kind: "service", unit: "a.service", unitManager: "system", unitUid: null },
    "It is part of a.service: systemd restarts it if it is configured to; systemctl restart a.service is cleaner.",
  ],
  [
    { kind: "service", unit: "sshd.service", unitManager: "user", unitUid: 1001 },
    "It is part of sshd.service of user 1001's manager: that manager restarts it if it is configured to; " +
      "systemctl --user --machine=1001@.host restart sshd.service is cleaner.",
  ],
  [
    { kind: "service", unit: "db.service", unitManager: "container", unitUid: null },
    "It is part of db.service of the manager inside the container: that manager restarts it if it is configured to.",
  ],
  [
    { kind: "service", unit: "db.service", unitManager: null, unitUid: null },
    "It is part of db.service of an unknown manager: that manager restarts it if it is configu",
  ],
  [{ kind: "terminal", terminal: "pts/3" }, "It runs on pts/3: someone may be working there."],
  [{ kind: "continues" }, "It continues, and can finish what it was doing."],
])("the words of %j", (consequence, begin) => {
  expect(consequenceTexts(consequence, ROOT)[0]?.slice(0, begin.length)).toBe(begin);
});

test("the rescue of a lost file is a text of its own; a unit is quoted for the shell", () => {
  expect(consequenceTexts({ kind: "danger", danger: LOST }, ROOT)[1]).toBe(LOST.rescue);
  expect(consequenceTexts({ kind: "danger", danger: { ...LOST, rescue: null } }, ROOT)).toHaveLength(1);
  const service = { kind: "service", unit: "a b.service", unitManager: "system", unitUid: null } as const;
  expect(consequenceTexts(service, ROOT)[0]).toContain("restart 'a b.service' is cleaner");
});

test.each<[RefusalReason, RegExp]>([
  [{ kind: "not-a-holder" }, /^it does not hold the database$/],
  [{ kind: "ended-or-closed" }, /^it has ended or closed the database$/],
  [{ kind: "no-longer-blocking" }, /blocked nothing for longer than a moment, before it was signalled$/],
  [{ kind: "pid-1" }, /^it is pid 1: the whole system/],
  [{ kind: "own-ancestor" }, /^sqlock was started from it/],
  [{ kind: "hidden" }, /^it is hidden \(hidepid\)/],
  [{ kind: "kernel-thread" }, /^it is a thread of the kernel$/],
  [
    { kind: "danger", danger: LOST },
    /exists nowhere else; rescue that first, then name the process with --pid 4242 --force$/,
  ],
  [{ kind: "danger", danger: NO_JOURNAL }, /leaves the database corrupt; to end it anyway: --pid 4242 --force$/],
  [{ kind: "another-file" }, /^the path now leads to a different file$/],
  [
    { kind: "passed-lock", apis: ["ofd", "flock"] },
    /^it blocks only by OFD and flock locks, which come with an open descriptor: .* anyway: --pid 4242$/,
  ],
  [{ kind: "companion-only", roles: ["shm"] }, /^its own locks are only on the -shm, .*anyway: --pid 4242$/],
  [
    { kind: "other-user", user: { uid: 0, name: "root" }, owner: { uid: 1001, name: null } },
    /^it belongs to root, and the database belongs to user 1001: root ends .* only with --pid 4242$/,
  ],
  [
    { kind: "no-permission", user: "web", signal: "SIGINT" },
    /^it belongs to web, .* not allowed to signal it: sudo sqlock kill db\.sqlite3 --pid 4242 --signal INT --yes$/,
  ],
  [
    { kind: "no-permission", user: null, signal: "SIGTERM" },
    /^it belongs to another user, and you are not allowed to signal it/,
  ],
])("why it was not signalled: %j", (reason, expected) => {
  expect(
    refusalText(reason, 4242, killReport({ viewer: { uid: 1001 }, settings: killSettings({ yes: true }) })),
  ).toMatch(expected);
});

test.each<[Partial<Holder>, string]>([
  [{}, "idle"],
  [{ blocks: ["journal-mode"] }, "idle"],
  [{ blocks: ["writers", "checkpoints", "journal-mode"] }, "blocks writers, checkpoints"],
  [
    { blocks: ["writers"], stale: ["idle-in-transaction"], idleMs: 252_000 },
    "blocks writers; idle in a transaction for 4 m 12 s",
  ],
  [
    { blocks: ["writers"], stale: ["likely-idle-in-transaction"], idleMs: null, heldLikelyMs: 14_000 },
    "blocks writers; likely idle in a transaction (~14 s)",
  ],
  [{ blocks: ["writers"], stale: ["stopped"], idleMs: null }, "blocks writers; stopped"],
  [{ stale: ["deleted-file"] }, "idle; uses a deleted file"],
])("in the list: %j is %s", (change, expected) => {
  expect(noteOf(killCandidate(change))).toBe(expected);
});

const TURNS = { commits: 9, withinMs: 53 };

test("one that takes turns: in the list, before the question, and in the report", () => {
  const candidate = { ...killCandidate({ blocks: ["writers"] }), takenByYes: false, turns: TURNS };
  expect(noteOf(candidate)).toBe("blocks writers; takes turns (at least 9 commits within 53 ms)");
  const plan = { ended: [candidate], continued: [], refusals: [] };
  expect(renderPlan(plan, "SIGTERM", killReport(), { ...PLAIN, width: 90 })).toContain(
    "\n  Warning: it takes turns (at least 9 commits within 53 ms): it is not stuck.\n",
  );
  const spared = [{ holder: holder(), turns: TURNS }];
  const none = killReport({ outcomes: [], spared, remaining: [holder()] });
  expect(renderReport(none, { ...PLAIN, width: 200 }).replaceAll(/\s+/g, " ")).toBe(
    "No process was signalled (/srv/app/db.sqlite3): 4242 (python manage.py shell) takes turns (at least 9 " +
      "commits within 53 ms): it is not stuck; to end it anyway: --pid 4242. ",
  );
  expect(renderReport(killReport({ spared }), { ...PLAIN, width: 200 })).toContain(
    "\n\n4242 (python manage.py shell) takes turns (at least 9",
  );
  expect(documentOf(killReport({ spared })).spared).toMatchObject([{ pid: 4242, reasonKind: "takes-turns" }]);
});

const AS_ROOT: Candidate = {
  ...killCandidate({ blocks: ["writers"] }),
  doubts: {
    byYes: [
      { kind: "passed-lock", apis: ["ofd"] },
      { kind: "other-user", user: null, owner: { uid: 1001, name: "web" } },
    ],
    byStale: [{ kind: "companion-only", roles: ["shm"] }],
  },
};

test("the list and the plan warn of what does not prove that it is the one to be ended", () => {
  expect(noteOf(AS_ROOT)).toBe(
    "blocks writers; warning: only OFD locks, which may have been passed to it; warning: belongs to an unknown " +
      "user, not to web",
  );
  expect(noteOf({ ...AS_ROOT, takenByYes: false })).toBe("blocks writers; warning: only by locks on the -shm");
  const plan = { ended: [AS_ROOT], continued: [], refusals: [] };
  expect(renderPlan(plan, "SIGTERM", killReport(), { ...PLAIN, width: 90 })).toMatch(
    /^4242 \(python manage\.py shell\) will get SIGTERM\.\n {2}Warning: it blocks only by OFD locks/,
  );
});

test("the plan: each that gets the signal, each that continues, each that is left alone", () => {
  const { holder: init } = killCandidate({ pid: 1 });
  const plan = {
    ended: [killCandidate({ locks: [lock("EXCLUSIVE")], activity: "exclusive", terminal: "pts/3" })],
    continued: [killCandidate({ pid: 4300, state: "stopped" })],
    refusals: [{ pid: 1, holder: init, reason: { kind: "pid-1" } as const }],
  };
  expect(renderPlan(plan, "SIGTERM", killReport(), { ...PLAIN, width: 90 })).toMatchInlineSnapshot(`
    "4242 (python manage.py shell) will get SIGTERM.
      Danger: it holds the database exclusively, and no -journal could undo what it has
      written: its journal may be in memory or off (journal_mode=MEMORY, OFF); ending it then
      leaves the database corrupt.
      It runs on pts/3: someone may be working there.

    4300 (python manage.py shell) will continue (SIGCONT), and can finish what it was doing.

    1 (python manage.py shell) will not be signalled: it is pid 1: the whole system (or
      container) would end with it.

    "
  `);
});

test("the danger is red, what follows from it is not", () => {
  const plan = { ended: [killCandidate({ stale: ["deleted-file"] })], continued: [], refusals: [] };
  const text = renderPlan(plan, "SIGTERM", killReport(), { ...PLAIN, chalk: new Chalk({ level: 1 }) });
  expect(text.match(/\u001b\[31m.*?\u001b\[39m/gs)).toEqual([expect.stringMatching(/Danger: .*nowhere else\./)]);
});

describe("the report", () => {
  const survived = (kind: SurvivalReason, released: boolean) =>
    processOutcome({ result: "survived", released, afterMs: released ? 1500 : null, reason: { kind } });

  test.each([
    ["ended", processOutcome(), "4242 (python manage.py shell) has ended after 14 ms (SIGTERM)."],
    [
      "closed it",
      survived("closed-the-database", true),
      "4242 (python manage.py shell) (SIGTERM): it is still running, and closed the database after 1 s.",
    ],
    [
      "released its locks",
      survived("released-its-locks", true),
      "4242 (python manage.py shell) (SIGTERM): it is still running and has the database open, but released its " +
        "locks " +
        "after 1 s.",
    ],
    [
      "still has it",
      survived("still-open", false),
      "4242 (python manage.py shell) has not ended (SIGTERM): it still has the database open.",
    ],
    [
      "was continued and blocks",
      { ...survived("continued-and-blocks", false), signal: "SIGCONT" as const },
      "4242 (python manage.py shell) (SIGCONT): it continues, and still blocks others.",
    ],
    [
      "is no holder",
      processOutcome({ pid: 9, holder: null, result: "gone", signal: null, reason: { kind: "not-a-holder" } }),
      "9 was not signalled: it does not hold the database.",
    ],
    [
      "refused",
      processOutcome({ result: "refused", signal: null, reason: { kind: "hidden" } }),
      "4242 (python manage.py shell) was not signalled: it is hidden (hidepid): only its own user and root can see " +
        "that it is still the same process.",
    ],
  ])("of one that %s", (_, outcome, expected) => {
    expect(renderReport(killReport({ outcomes: [outcome] }), PLAIN).split("\n")[0]).toBe(expected);
  });

  test("--dry-run: who would get the signal and what that does, nothing of what is left", () => {
    const planned = processOutcome({ result: "planned", afterMs: null, holds: null, released: false });
    const report = killReport({ outcomes: [planned], settings: killSettings({ dryRun: true }), remaining: [holder()] });
    expect(renderReport(report, PLAIN)).toBe(
      "4242 (python manage.py shell) would get SIGTERM (--dry-run).\n" +
        "  It has the database open without a lock, so it has no transaction under SQLite's default locking: no " +
        "data is lost, unless the process locks in another way, or not at all (nolock=1).\n",
    );
  });

  const hot: Finding = { id: "hot-journal", severity: "warning", pids: [], summary: "s", detail: "d", remedy: "r" };

  test.each<[string, Parameters<typeof killReport>[0], string]>([
    ["nobody", {}, "No process holds /srv/app/db.sqlite3 now."],
    [
      "nobody, and a hot journal",
      { findings: [hot], recoversOnOpen: true },
      "No process holds /srv/app/db.sqlite3 now; the next program that opens it recovers it.",
    ],
    [
      "one that does not block",
      { remaining: [holder()] },
      "1 process holds /srv/app/db.sqlite3 now; it does not block readers, writers, commits or checkpoints.",
    ],
    [
      "one that blocks",
      { remaining: [walWriter(), holder({ pid: 1 })] },
      "2 processes hold /srv/app/db.sqlite3 now; blocking: 4242 (python manage.py shell).",
    ],
    [
      "one that was started again",
      { remaining: [holder({ unit: "app.service", unitManager: "system" })], restarted: [4242] },
      "4242 (python manage.py shell) is new: a supervisor has started the program again; use " +
        "systemctl restart app.service instead.",
    ],
    [
      "nobody who can be seen",
      { unownedLocks: [lock("RESERVED", { api: "ofd" })] },
      "No process that can be seen holds /srv/app/db.sqlite3 now; a process that cannot be seen holds RESERVED.",
    ],
    [
      "one, and somebody who cannot be seen",
      { remaining: [holder()], unownedLocks: [lock("RESERVED", { api: "ofd" }), lock("SHARED", { api: "ofd" })] },
      "1 process holds /srv/app/db.sqlite3 now; it does not block readers, writers, commits or checkpoints; " +
        "a process that cannot be seen holds RESERVED, SHARED.",
    ],
    [
      "one that a user's own manager has started again",
      { remaining: [holder({ unit: "sshd.service", unitManager: "user", unitUid: 7 })], restarted: [4242] },
      "4242 (python manage.py shell) is new: a supervisor has started the program again; use systemctl --user " +
        "--machine=7@.host restart sshd.service instead.",
    ],
    [
      "a database that may be damaged",
      { outcomes: [processOutcome({ dangers: [NO_JOURNAL] })] },
      "Its database may be damaged. Check it before anything writes to it: sqlock integrity /srv/app/db.sqlite3",
    ],
  ])("what is left: %s", (_, change, expected) => {
    expect(renderReport(killReport(change), PLAIN).split("\n")).toContain(expected);
  });

  test("a path that leads to another file by now: nothing is said of who holds the database", () => {
    const survivor = { ...survived("out-of-sight", false), holds: null };
    const text = renderReport(killReport({ pathChanged: true, outcomes: [survivor] }), PLAIN);
    expect(text).toBe(
      "4242 (python manage.py shell) has not ended (SIGTERM): it is still running, and what it holds is unknown: the " +
        "path now leads to a different file.\n\n" +
        "/srv/app/db.sqlite3: the path now leads to a different file; which processes hold that one " +
        "was not checked.\n",
    );
    expect(renderReport(killReport({ pathChanged: true, outcomes: [] }), PLAIN)).toBe(
      "No process was signalled (/srv/app/db.sqlite3): the path now leads to a different file.\n",
    );
  });

  test.each([
    ["another danger", processOutcome({ dangers: [LOST, INIT] })],
    ["it was not ended", processOutcome({ result: "refused", dangers: [NO_JOURNAL], reason: { kind: "pid-1" } })],
  ])("no check where %s", (_, outcome) => {
    expect(renderReport(killReport({ outcomes: [outcome] }), PLAIN)).not.toContain("sqlock integrity");
  });

  test("a command line forges no line, and no escape reaches the terminal", () => {
    const evil = holder({ commandLine: ["python", "x\nNobody holds it now\u001b[2J"] });
    const text = renderReport(killReport({ outcomes: [processOutcome({ holder: evil })] }), PLAIN);
    expect(text).not.toContain("\u001b");
    expect(text).not.toMatch(/^Nobody holds it now/m);
  });
});

test.each<[readonly Holder[], string]>([
  [[], "no process holds it"],
  [[holder()], "1 process holds it, and it does not block readers, writers, commits or checkpoints"],
  [
    [holder({ blocks: ["journal-mode"] })],
    "1 process holds it, and it does not block readers, writers, commits or checkpoints",
  ],
  [
    [holder({ blocks: ["commits"] }), holder({ pid: 1 })],
    "2 processes hold it, and one of them blocks others, and only commits: 4242 (python manage.py shell)",
  ],
  [
    [holder({ blocks: ["checkpoints"] })],
    "1 process holds it, and it blocks only checkpoints: 4242 (python manage.py shell)",
  ],
  [
    [holder({ blocks: ["checkpoints"] }), holder({ pid: 1, blocks: ["commits"] })],
    "2 processes hold it, and 2 of them block others, and only commits and checkpoints: 4242 (python manage.py " +
      "shell), 1 (python manage.py shell)",
  ],
  [
    [walWriter()],
    "1 process holds it, and the one that blocks others is not stopped, idle in a transaction or left over; " +
      "blocking: 4242 (python manage.py shell)",
  ],
  [
    [walWriter({ stale: ["likely-idle-in-transaction"] })],
    "1 process holds it, and the one that blocks others is not stopped, idle in a transaction or left over; " +
      "blocking: 4242 (python manage.py shell); likely idle in a transaction, which --likely selects: 4242",
  ],
])("nobody was selected (%#)", (remaining, expected) => {
  expect(nobodyText(killReport({ remaining }))).toBe(expected);
});

test("where others may use it out of sight, nobody is nobody who can be seen", () => {
  expect(nobodyText(killReport({ outOfSight: true }))).toBe("no process that can be seen holds it");
  const text = renderReport(killReport({ outOfSight: true }), PLAIN);
  expect(text).toContain("No process that can be seen holds /srv/app/db.sqlite3 now.");
});
