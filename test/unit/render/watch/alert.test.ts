/** Alerts and their commands in words. */
import { expect, test } from "vitest";
import type { CommandProblem } from "../../../../src/features/alert/commands.ts";
import type { AlertFacts } from "../../../../src/features/watch/event.ts";
import { alertText, commandProblemText } from "../../../../src/render/watch/alert.ts";
import { textLine } from "../../../../src/render/watch/lines.ts";
import { lockEvent } from "../../../support/watch-event.ts";

const event = (change: Parameters<typeof lockEvent>[2] = {}, facts: Partial<AlertFacts> = {}) =>
  lockEvent("alert", 0, {
    heldMs: 5012,
    atLeast: false,
    alert: { blocks: ["writers"], waitsFor: [], user: "web", uid: 1000, lockDirectory: null, ...facts },
    ...change,
  });

test.each([
  [event(), "ALERT 4242 (python manage.py shell) has held WRITE for 5.0 s: others cannot write"],
  [
    event({ atLeast: true, heldMs: 252_000 }, { blocks: ["readers", "writers"] }),
    "ALERT 4242 (python manage.py shell) has held WRITE for at least 4 m 12 s: others cannot read or write",
  ],
  [
    event({ lock: "SHARED", role: "database", type: "read" }, { blocks: ["commits"] }),
    "ALERT 4242 (python manage.py shell) has held SHARED for 5.0 s: others cannot commit",
  ],
  [
    event({ lock: "PENDING", role: "database" }, { blocks: ["readers", "writers", "commits"], waitsFor: [1, 2] }),
    "ALERT 4242 (python manage.py shell) has held PENDING for 5.0 s: others cannot read, write or commit; " +
      "it is waiting for 1 and 2",
  ],
  [
    event({ pid: null, name: null, atLeast: true, api: "ofd" }),
    "ALERT an unknown process has held WRITE(ofd) for at least 5.0 s: others cannot write",
  ],
  [
    event(
      { pid: null, name: null, lock: null, role: null, type: null, api: null },
      { blocks: ["readers", "writers"], lockDirectory: "/srv/app/db.sqlite3.lock" },
    ),
    "ALERT the lock db.sqlite3.lock has existed for 5.0 s, its process is unknown: others that lock in this way " +
      "cannot read or write",
  ],
])("%#", (alert, expected) => {
  expect(alertText(alert)).toBe(expected);
  expect(textLine(alert, false)).toMatch(/^\d\d:\d\d:\d\d\.\d{3} ALERT .*\n$/);
});

test.each<[CommandProblem, string]>([
  [{ kind: "exit", code: 3 }, "--run for process 4242 failed with exit code 3"],
  [{ kind: "exit", code: 127 }, "--run for process 4242 failed with exit code 127 (command not found)"],
  [{ kind: "signal", signal: "SIGKILL" }, "--run for process 4242 was ended by SIGKILL"],
  [{ kind: "not-started", message: "EAGAIN" }, "--run for process 4242 could not be started: EAGAIN"],
  [
    { kind: "not-run", because: "released" },
    "--run for process 4242 was skipped: the lock was released while the previous command was running",
  ],
  [
    { kind: "not-run", because: "ended" },
    "--run for process 4242 was skipped: the previous command was still running at the end",
  ],
  [
    { kind: "not-run", because: "too-many" },
    "--run for process 4242 was skipped: too many commands of this database are waiting for the previous one",
  ],
  [{ kind: "left-running", pid: 99 }, "--run for process 4242 is still running, as process 99; it was not ended"],
])("%j", (problem, expected) => {
  expect(commandProblemText(event(), problem)).toBe(expected);
});

test("without a process, its command is that of the database", () => {
  expect(commandProblemText(event({ pid: null }), { kind: "exit", code: 1 })).toContain("for db.sqlite3 failed");
});
