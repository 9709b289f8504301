/** Every exit code of kill, as docs/guide.md has them; the document says the same. */
import { describe, expect, test } from "vitest";
import { exitCodeOf, isStillBlocked } from "../../../../src/features/kill/exit-code.ts";
import type { KillReport, KillResult } from "../../../../src/features/kill/result.ts";
import type { KillSettings } from "../../../../src/features/kill/settings.ts";
import { documentOf } from "../../../../src/render/kill/document.ts";
import { killReport, killSettings, processOutcome } from "../../../support/kill-report.ts";
import { blocker } from "../../../support/report.ts";

type Left = Partial<Pick<KillReport, "blockers" | "lockDirectory" | "progress" | "unsafeToOpen" | "unknown">>;

const FREE: Left = {};
const WRITER: Left = { blockers: [blocker({ effect: "writers" }), blocker({ effect: "checkpoints" })] };
const DIRECTORY: Left = { lockDirectory: { path: "/srv/app/db.sqlite3.lock", since: new Date(0) } };

const UNSAFE: Left = {
  unsafeToOpen: [{ id: "lost-locks", severity: "error", pids: [4242], summary: "s", detail: "d", remedy: "r" }],
};

const ENDED = processOutcome();
const RELEASED = processOutcome({ result: "survived", holds: true, reason: { kind: "released-its-locks" } });
const SURVIVED = processOutcome({ result: "survived", holds: true, released: false, reason: { kind: "still-open" } });
const GONE = processOutcome({ holder: null, result: "gone", signal: null, reason: { kind: "not-a-holder" } });
const REFUSED = processOutcome({ result: "refused", signal: null, released: false, reason: { kind: "pid-1" } });
const PLANNED = processOutcome({ result: "planned", holds: null, released: false });

function done(settings: Partial<KillSettings>, outcomes: KillReport["outcomes"], left: Left = FREE): KillResult {
  const report = killReport({ settings: killSettings(settings), outcomes, ...left });
  return { kind: "done", report, interrupted: false };
}

const YES = { yes: true };
const PID = { pids: [4242] };

describe("of processes that were signalled, or were to be", () => {
  test.each<[string, KillResult, number]>([
    ["--yes, ended, free", done(YES, [ENDED]), 0],
    ["--yes, ended, somebody still blocks writers", done(YES, [ENDED], WRITER), 1],
    ["--yes, nobody to signal, free", done(YES, []), 0],
    ["--yes, nobody to signal, somebody blocks", done(YES, [], WRITER), 1],
    ["--yes, a lock directory stands", done(YES, [ENDED], DIRECTORY), 1],
    ["--yes, ended, not safe to open", done(YES, [ENDED], UNSAFE), 1],
    ["--yes, nobody to signal, not safe to open", done(YES, [], UNSAFE), 1],
    ["--stale, nobody is stale, not safe to open", done({ stale: true }, [], UNSAFE), 1],
    ["picked from the list, ended, not safe to open", done({}, [ENDED], UNSAFE), 0],
    ["--dry-run, not safe to open", done({ ...YES, dryRun: true }, [PLANNED], UNSAFE), 0],
    ["--stale --yes, nobody is stale, somebody blocks", done({ ...YES, stale: true }, [], WRITER), 1],
    ["--stale at a terminal, ended, somebody blocks", done({ stale: true }, [ENDED], WRITER), 1],
    ["picked from the list, ended, somebody else blocks", done({}, [ENDED], WRITER), 0],
    ["--pid --yes, ended, somebody else blocks", done({ ...YES, ...PID }, [ENDED], WRITER), 1],
    ["--pid --yes, not a holder, free", done({ ...YES, ...PID }, [GONE]), 0],
    ["--pid --yes, not a holder, somebody blocks", done({ ...YES, ...PID }, [GONE], WRITER), 1],
    ["--pid at a terminal, ended, somebody else blocks", done(PID, [ENDED], WRITER), 0],
    ["--pid at a terminal, not a holder, somebody blocks", done(PID, [GONE], WRITER), 1],
    ["it runs on without its locks", done(YES, [RELEASED]), 0],
    ["it runs on with them", done(YES, [SURVIVED], WRITER), 1],
    ["it runs on and has the database open", done(YES, [SURVIVED]), 1],
    ["one was refused", done(YES, [ENDED, REFUSED], WRITER), 2],
    ["--dry-run", done({ ...YES, dryRun: true }, [PLANNED], WRITER), 0],
    ["--dry-run --pid, not a holder", done({ ...PID, dryRun: true }, [GONE], WRITER), 0],
    ["--dry-run, one would be refused", done({ ...YES, dryRun: true }, [REFUSED]), 2],
  ])("%s: %#", (_, result, expected) => {
    expect(exitCodeOf(result)).toBe(expected);
  });
});

test.each<[string, KillResult, number]>([
  ["the path leads to another file", { ...done(YES, []), report: killReport({ pathChanged: true }) } as KillResult, 2],
  ["Ctrl-C after the signals", { ...done(YES, [ENDED], WRITER), interrupted: true } as KillResult, 130],
  ["no, at the question", { kind: "cancelled" }, 130],
  ["no such file", { kind: "error", error: { givenAs: "x", error: { code: "c", message: "m", hint: "h" } } }, 2],
  ["no terminal, no --yes", { kind: "unconfirmed", report: killReport({ outcomes: [] }), pids: [4242] }, 2],
  ["no terminal, not a holder", { kind: "unconfirmed", report: killReport({ outcomes: [GONE] }), pids: [] }, 2],
  ["no terminal, nobody to signal", { kind: "unconfirmed", report: killReport({ outcomes: [] }), pids: [] }, 0],
  [
    "no terminal, nobody to signal, somebody blocks",
    { kind: "unconfirmed", report: killReport({ outcomes: [], ...WRITER }), pids: [] },
    1,
  ],
])("%s", (_, result, expected) => {
  expect(exitCodeOf(result)).toBe(expected);
});

test.each<[Left, boolean]>([
  [FREE, false],
  [WRITER, true],
  [DIRECTORY, true],
  [UNSAFE, true],
  [{ ...UNSAFE, progress: { commits: 1, withinMs: 60, counterMoved: true } }, true],
  [{ unknown: "Unknown: a -journal lies beside it." }, true],
  [{ blockers: [blocker({ effect: "readers", pid: null, sure: "unknown" })] }, true],
  [{ blockers: [blocker({ effect: "commits" })] }, true],
  [{ ...WRITER, progress: { commits: 0, withinMs: 60, counterMoved: false } }, true],
  // programs at work, one after the other
  [{ ...WRITER, progress: { commits: 1, withinMs: 60, counterMoved: true } }, false],
  [{ ...DIRECTORY, progress: { commits: 1, withinMs: 60, counterMoved: true } }, true],
  [{ blockers: [blocker({ effect: "checkpoints" }), blocker({ effect: "journal-mode" })] }, false],
])("the document agrees (%#)", (left, expected) => {
  const report = killReport({ settings: killSettings(YES), ...left });
  expect(isStillBlocked(report)).toBe(expected);
  expect(documentOf(report).stillBlocked).toBe(expected);
  expect(exitCodeOf({ kind: "done", report, interrupted: false })).toBe(expected ? 1 : 0);
  expect(documentOf({ ...report, pathChanged: true }).stillBlocked).toBeNull();
});
