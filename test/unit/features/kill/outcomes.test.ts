/** What came of each process. */
import { describe, expect, test } from "vitest";
import { exitCodeOf } from "../../../../src/features/kill/exit-code.ts";
import {
  outcomeOf,
  outcomeOfRefusal,
  outcomeOfUnsent,
  plannedOutcome,
  restartedAmong,
} from "../../../../src/features/kill/outcomes.ts";
import { isSamePlan, permittedPlan, signalsOf } from "../../../../src/features/kill/plan.ts";
import { reportOf } from "../../../../src/features/kill/result.ts";
import type { Signal } from "../../../../src/features/kill/signals.ts";
import type { Finding, Holder } from "../../../../src/model/report.ts";
import { killCandidate, killSettings } from "../../../support/kill-report.ts";
import { databaseReport, holder, lock } from "../../../support/report.ts";

const EXCLUSIVE = holder({ locks: [lock("EXCLUSIVE")], blocks: ["readers", "writers"], activity: "exclusive" });

const candidate = (who: Holder = EXCLUSIVE) => killCandidate(who);

describe("of a process that was signalled", () => {
  const idle = { ...EXCLUSIVE, locks: [], blocks: [] };
  const another = { ...EXCLUSIVE, startTicks: 1n };
  const nothing = { endedAfterMs: undefined, releasedAfterMs: undefined };

  test.each<
    [string, Signal, { endedAfterMs?: number; releasedAfterMs?: number }, readonly Holder[], Record<string, unknown>]
  >([
    [
      "it has ended",
      "SIGTERM",
      { endedAfterMs: 12.4, releasedAfterMs: 8 },
      [],
      { result: "exited", afterMs: 12, holds: false, released: true, reason: null },
    ],
    [
      "it has closed the database and runs on",
      "SIGTERM",
      { releasedAfterMs: 80.6 },
      [],
      { result: "survived", afterMs: 81, holds: false, released: true, reason: { kind: "closed-the-database" } },
    ],
    [
      "another process has its pid by now",
      "SIGTERM",
      { releasedAfterMs: 80 },
      [another],
      { result: "survived", holds: false, released: true },
    ],
    [
      "it has released its locks",
      "SIGTERM",
      { releasedAfterMs: 80 },
      [idle],
      { result: "survived", afterMs: 80, holds: true, released: true, reason: { kind: "released-its-locks" } },
    ],
    [
      "it had released its locks, and blocks again",
      "SIGTERM",
      { releasedAfterMs: 80 },
      [EXCLUSIVE],
      { result: "survived", afterMs: null, holds: true, released: false, reason: { kind: "still-open" } },
    ],
    [
      "it has done nothing",
      "SIGKILL",
      {},
      [EXCLUSIVE],
      { result: "survived", afterMs: null, holds: true, released: false, reason: { kind: "still-open" } },
    ],
    [
      "its cgroup is frozen",
      "SIGKILL",
      {},
      [{ ...EXCLUSIVE, frozen: { path: "/sys/fs/cgroup/freezer/a", version: 1 } }],
      { result: "survived", released: false, reason: { kind: "frozen" } },
    ],
    [
      "it waits in the kernel",
      "SIGKILL",
      {},
      [{ ...EXCLUSIVE, uninterruptible: { idleMs: 14_000, waitsIn: null } }],
      { result: "survived", released: false, reason: { kind: "uninterruptible" } },
    ],
    [
      "it was continued, and still blocks",
      "SIGCONT",
      {},
      [EXCLUSIVE],
      { result: "survived", released: false, reason: { kind: "continued-and-blocks" } },
    ],
    [
      "it has closed the database unseen, at the last look",
      "SIGTERM",
      {},
      [],
      { result: "survived", afterMs: null, holds: false, released: false, reason: { kind: "closed-the-database" } },
    ],
  ])("%s", (_, lastSignal, times, remaining, expected) => {
    const signalled = { candidate: candidate(), signal: lastSignal, lastSignal, sentAt: 0 };
    const outcome = outcomeOf(signalled, { ...nothing, ...times }, remaining);
    expect(outcome).toMatchObject({ pid: 4242, signal: lastSignal, ...expected });
  });

  test("its dangers stand in the outcome; SIGCONT is none", () => {
    const signalled = { candidate: candidate(), signal: "SIGTERM", lastSignal: "SIGKILL", sentAt: 0 } as const;
    const ended = { endedAfterMs: 1, releasedAfterMs: undefined };
    expect(outcomeOf(signalled, ended, []).dangers).toEqual([{ kind: "no-journal", pid: 4242 }]);
    const continued = { ...signalled, signal: "SIGCONT", lastSignal: "SIGCONT" } as const;
    expect(outcomeOf(continued, nothing, [])).toMatchObject({ dangers: [], consequences: [{ kind: "continues" }] });
  });
});

test.each([
  ["gone", { result: "gone", holds: false, released: true, reason: { kind: "no-longer-blocking" } }],
  ["kernel-thread", { result: "refused", holds: true, released: false, reason: { kind: "kernel-thread" } }],
  [
    "no-permission",
    {
      result: "refused",
      holds: true,
      released: false,
      reason: { kind: "no-permission", user: "web", signal: "SIGINT" },
    },
  ],
] as const)("a signal that was not sent: %s", (why, expected) => {
  const outcome = outcomeOfUnsent({ candidate: candidate(), signal: "SIGINT" }, why);
  expect(outcome).toMatchObject({ pid: 4242, signal: null, afterMs: null, ...expected });
});

test.each([
  ["not-a-holder", "gone"],
  ["ended-or-closed", "gone"],
  ["pid-1", "refused"],
  ["hidden", "refused"],
] as const)("a refusal, %s: %s", (kind, result) => {
  const gone = result === "gone";
  expect(outcomeOfRefusal({ pid: 9, holder: null, reason: { kind } })).toMatchObject({
    pid: 9,
    result,
    holds: !gone,
    released: gone,
    dangers: [],
  });
});

test("a refusal because of a danger has the danger", () => {
  const danger = { kind: "container-init", pid: 9 } as const;
  expect(outcomeOfRefusal({ pid: 9, holder: null, reason: { kind: "danger", danger } }).dangers).toEqual([danger]);
});

test("--dry-run: each with the signal that it would get", () => {
  const plan = { ended: [candidate()], continued: [candidate(holder({ pid: 5, state: "stopped" }))], refusals: [] };
  expect(signalsOf(plan, "SIGHUP").map((each) => plannedOutcome(each, "sent"))).toMatchObject([
    { pid: 4242, result: "planned", signal: "SIGHUP", holds: null, dangers: [{ kind: "no-journal" }] },
    { pid: 5, result: "planned", signal: "SIGCONT", consequences: [{ kind: "continues" }] },
  ]);
});

test.each([
  ["no-permission", { result: "refused", reason: { kind: "no-permission", user: "web", signal: "SIGHUP" } }, 2],
  ["kernel-thread", { result: "refused", reason: { kind: "kernel-thread" } }, 2],
  ["gone", { result: "gone", reason: { kind: "no-longer-blocking" } }, 0],
  ["sent", { result: "planned", signal: "SIGHUP", reason: null }, 0],
] as const)("--dry-run, where the kernel would answer %s: what the signal itself would come to", (answer, is, code) => {
  const planned = { candidate: candidate({ ...EXCLUSIVE, user: "web" }), signal: "SIGHUP" } as const;
  const outcome = plannedOutcome(planned, answer);
  expect(outcome).toMatchObject(is);
  if (answer !== "sent") expect(outcome).toEqual(outcomeOfUnsent(planned, answer));
  const report = reportOf(databaseReport(), killSettings({ dryRun: true }), [outcome]);
  expect(exitCodeOf({ kind: "done", report, interrupted: false })).toBe(code);
});

test("before the question, those that the caller is not allowed to signal are refused, and the others stay", () => {
  const [own, foreign] = [candidate(holder({ pid: 5 })), candidate(holder({ pid: 6, user: "root" }))];
  const stopped = candidate(holder({ pid: 7, user: "root", state: "stopped" }));
  const plan = { ended: [own, foreign], continued: [stopped], refusals: [] };
  expect(permittedPlan(plan, "SIGTERM", (each) => (each.candidate === own ? "sent" : "no-permission"))).toEqual({
    ended: [own],
    continued: [],
    refusals: [
      { pid: 6, holder: foreign.holder, reason: { kind: "no-permission", user: "root", signal: "SIGTERM" } },
      { pid: 7, holder: stopped.holder, reason: { kind: "no-permission", user: "root", signal: "SIGCONT" } },
    ],
  });
  expect(permittedPlan(plan, "SIGTERM", () => "gone")).toEqual(plan);
});

test.each<[string, Partial<Holder>, boolean]>([
  ["idle for longer", { idleMs: 999_000, heldAtLeastMs: 1 }, true],
  ["another activity", { activity: "idle" }, false],
  ["a danger less", { locks: [] }, false],
  ["another program by now (exec)", { commandLine: ["sqlite3"] }, false],
])("a plan is the same where it does the same: %s", (_, change, same) => {
  const plan = (who: Holder) => ({ ended: [candidate(who)], continued: [], refusals: [] });
  expect(isSamePlan(plan(EXCLUSIVE), plan({ ...EXCLUSIVE, ...change }))).toBe(same);
});

test.each<[string, Partial<Holder>, boolean]>([
  ["the same command line, started since", { startTicks: 500n }, true],
  ["started before the signals (forked by the one that ended)", { startTicks: 499n }, false],
  ["hidden: its start is not known", { startTicks: null }, false],
  ["another command line", { startTicks: 500n, commandLine: ["sqlite3"] }, false],
  [
    "the same service",
    { startTicks: 500n, commandLine: ["sqlite3"], unit: "app.service", unitManager: "system" },
    true,
  ],
  [
    "a service of that name of a user's own manager",
    { startTicks: 500n, commandLine: ["sqlite3"], unit: "app.service", unitManager: "user", unitUid: 1001 },
    false,
  ],
  [
    "a service of that name in a container",
    { startTicks: 500n, commandLine: ["sqlite3"], unit: "app.service", unitManager: "container", container: "lxc:a" },
    false,
  ],
  ["no command line", { startTicks: 500n, commandLine: [] }, false],
])("restarted: %s", (_, change, restarted) => {
  const before = candidate(holder({ unit: "app.service", unitManager: "system" }));
  const now = holder({ pid: 4300, ...change });
  const pids = restartedAmong([now], [{ candidate: before, signal: "SIGTERM" }], 500n);
  expect(pids).toEqual(restarted ? [4300] : []);
});

test.each<[Finding["id"][], boolean]>([
  [[], false],
  [["orphaned-holder"], false],
  [["hot-journal"], true],
  [["leftover-wal", "wal-oversized"], true],
])("with %j the next program that opens the database recovers it: %s", (ids, expected) => {
  const findings = ids.map((id): Finding => ({ id, severity: "info", pids: [], summary: "", detail: "", remedy: "" }));
  expect(reportOf(databaseReport({ findings }), killSettings(), []).recoversOnOpen).toBe(expected);
});
