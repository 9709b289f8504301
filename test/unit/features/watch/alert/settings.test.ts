/** The options --alert and --run. */
import { expect, test } from "vitest";
import { alertSettings } from "../../../../../src/features/watch/alert/settings.ts";

test.each([
  [undefined, undefined, null],
  ["5s", undefined, { afterMs: 5000, command: null }],
  ["100ms", "date >> log", { afterMs: 100, command: "date >> log" }],
  ["5", "true", { afterMs: 5000, command: "true" }],
])("--alert %s --run %s", (alert, run, expected) => {
  expect(alertSettings(alert, run)).toEqual(expected);
});

test.each([
  [undefined, "true", "--run needs --alert"],
  ["0", undefined, '--alert "0" is not a time'],
  ["", undefined, '--alert "" is not a time'],
  ["soon", undefined, '--alert "soon" is not a time'],
  ["-5s", undefined, '--alert "-5s" is not a time'],
  ["99ms", undefined, '--alert "99ms" is too short'],
  ["5s", "", "--run has no command"],
  ["5s", " \n", "--run has no command"],
])("--alert %j --run %j is refused", (alert, run, message) => {
  expect(() => alertSettings(alert, run)).toThrow(message);
});
