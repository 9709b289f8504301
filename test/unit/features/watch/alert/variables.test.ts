/** What the command of an alert finds in its environment. */
import { expect, test } from "vitest";
import type { Alert } from "../../../../../src/features/watch/alert/alert.ts";
import { variablesOf } from "../../../../../src/features/watch/alert/variables.ts";
import { HOSTILE } from "../../../../support/hostile-names.ts";
import { holder, lock } from "../../../../support/report.ts";

const alert = (change: Partial<Alert> = {}): Alert => ({
  atMs: Date.UTC(2026, 10, 22, 12, 3, 7, 214),
  path: "/srv/app/db.sqlite3",
  holder: holder({ unit: "app.service", container: "c0ffee" }),
  lock: lock("PENDING"),
  lockDirectory: null,
  heldMs: 5012.6,
  atLeast: false,
  blocks: ["readers", "writers"],
  waitsFor: [4243, 4244],
  episode: 1,
  ...change,
});

test("all that is known", () => {
  expect(variablesOf(alert(), "the line")).toEqual({
    SQLOCK_DATABASE: "/srv/app/db.sqlite3",
    SQLOCK_PID: "4242",
    SQLOCK_LOCK: "PENDING",
    SQLOCK_LOCK_DIRECTORY: "",
    SQLOCK_HELD_MS: "5012",
    SQLOCK_HELD_AT_LEAST: "0",
    SQLOCK_BLOCKS: "readers,writers",
    SQLOCK_WAITS_FOR: "4243,4244",
    SQLOCK_COMMAND: "python manage.py shell",
    SQLOCK_USER: "web",
    SQLOCK_UID: "1000",
    SQLOCK_UNIT: "app.service",
    SQLOCK_CONTAINER: "c0ffee",
    SQLOCK_AT: "2026-11-22T12:03:07.214Z",
    SQLOCK_MESSAGE: "the line",
  });
});

test("what is not known is empty, and still set: nothing of it comes from elsewhere", () => {
  const unknown = variablesOf(alert({ holder: null, lock: null, lockDirectory: "/srv/app/db.sqlite3.lock" }), "");
  expect(unknown).toMatchObject({
    SQLOCK_PID: "",
    SQLOCK_LOCK: "",
    SQLOCK_COMMAND: "",
    SQLOCK_USER: "",
    SQLOCK_UID: "",
  });
  expect(Object.keys(unknown)).toEqual(Object.keys(variablesOf(alert(), "")));
});

test("a user without a name is its number", () => {
  expect(variablesOf(alert({ holder: holder({ user: null, uid: 4711 }) }), "")["SQLOCK_USER"]).toBe("4711");
});

test("what a process calls itself is one visible line of limited length", () => {
  const evil = holder({
    commandLine: [`x;${HOSTILE}`, "y".repeat(3_000_000)],
    user: HOSTILE,
    unit: HOSTILE,
    container: HOSTILE,
  });
  const waitsFor = Array.from({ length: 100_000 }, (_, i) => 4_000_000 + i);
  for (const [name, value] of Object.entries(variablesOf(alert({ holder: evil, waitsFor }), ""))) {
    expect(value.length, name).toBeLessThanOrEqual(1000);
    expect(value, name).not.toMatch(/\p{Cc}|\p{Cf}/u);
  }
});
