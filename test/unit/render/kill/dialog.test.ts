/** The list, the questions, the command to give instead, and the document. */
import { expect, test } from "vitest";
import type { KillSettings } from "../../../../src/features/kill/settings.ts";
import { renderJson } from "../../../../src/render/json.ts";
import { killCommand } from "../../../../src/render/kill/command.ts";
import { choicesOf, pickedOf, planQuestion, sigkillQuestion } from "../../../../src/render/kill/dialog.ts";
import { documentOf } from "../../../../src/render/kill/document.ts";
import { killCandidate, killReport, killSettings, processOutcome } from "../../../support/kill-report.ts";
import { expectToFit } from "../../../support/schema.ts";

const WRITER = killCandidate({ pid: 10, blocks: ["writers"] });
const STOPPED = killCandidate({ pid: 11, state: "stopped" });

test("a stopped process may be continued, or ended", () => {
  const choices = choicesOf([WRITER, STOPPED]);
  expect(choices.map(({ label }) => label)).toEqual([
    "10 blocks writers: python manage.py shell",
    "11 is stopped: let it continue (kill -CONT): python manage.py shell",
    "11 idle: python manage.py shell",
  ]);
  const [end, go, endStopped] = choices.map(({ id }) => id);
  const picked = (...ids: (string | undefined)[]) =>
    pickedOf(
      ids.flatMap((id) => id ?? []),
      [WRITER, STOPPED],
    );
  expect(picked()).toEqual({ ended: [], continued: [] });
  expect(picked(end, go)).toEqual({ ended: [WRITER], continued: [STOPPED] });
  expect(picked(go, endStopped)).toEqual({ ended: [STOPPED], continued: [] });
});

test.each([
  [[WRITER, killCandidate({ pid: 12 })], [], "Send SIGTERM to 10, 12?"],
  [[], [STOPPED], "Let 11 continue?"],
  [[WRITER], [STOPPED], "Send SIGTERM to 10, and let 11 continue?"],
])("the question (%#)", (ended, continued, expected) => {
  expect(planQuestion({ ended, continued, refusals: [] }, "SIGTERM")).toBe(expected);
});

test("after the grace", () => {
  const blocking = { candidate: WRITER, signal: "SIGTERM", lastSignal: "SIGTERM", sentAt: 0 } as const;
  expect(sigkillQuestion([blocking], 500)).toBe(
    "10 (python manage.py shell) has not ended within 0.5 s. Send SIGKILL?",
  );
  expect(sigkillQuestion([blocking, blocking], 5000)).toMatch(/ have not ended within 5 s\./);
});

test.each<[string, number[], Partial<KillSettings>, string]>([
  ["db.sqlite3", [1, 2], {}, "sqlock kill db.sqlite3 --pid 1 2"],
  ["it's", [1], {}, "sqlock kill 'it'\\''s' --pid 1"],
  ["-db", [1], { yes: true }, "sqlock kill ./-db --pid 1 --yes"],
  [
    "db",
    [1],
    { signal: "SIGINT", graceMs: 2000, force: true, yes: true },
    "sqlock kill db --pid 1 --signal INT --grace 2000ms --force --yes",
  ],
])("the whole command (%#)", (path, pids, settings, expected) => {
  expect(killCommand(path, pids, killSettings(settings))).toBe(expected);
});

test("the document: facts beside the sentences", () => {
  const dangers = [{ kind: "lost-file", pid: 4242, rescue: "a remedy" }] as const;
  const refused = processOutcome({
    result: "refused",
    signal: null,
    afterMs: null,
    reason: { kind: "danger", danger: dangers[0] },
    consequences: [],
    dangers,
  });
  const document = documentOf(killReport({ outcomes: [processOutcome(), refused] }));
  expectToFit("kill", JSON.parse(renderJson(document)));
  expect(document.outcomes).toMatchObject([
    {
      name: "4242 (python manage.py shell)",
      result: "exited",
      reason: null,
      consequences: [
        "It has the database open without a lock, so it has no transaction under SQLite's default locking: no data " +
          "is lost, unless the process locks in another way, or not at all (nolock=1).",
      ],
      dangers: [],
    },
    {
      result: "refused",
      reason: expect.stringMatching(/--pid 4242 --force$/),
      dangers: [{ kind: "lost-file", pid: 4242 }],
    },
  ]);
});

test("the document of what could not be done", () => {
  const error = { code: "not-a-holder", message: "no process was signalled", hint: "see who holds it" };
  const document = documentOf(killReport({ outcomes: [] }), error);
  expectToFit("kill", JSON.parse(renderJson(document)));
  expect(document).toMatchObject({ schemaVersion: 1, dryRun: false, error });
});
