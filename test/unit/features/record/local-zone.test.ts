/** The zone that a recorder names, for each way in which TZ can be set. */
import { expect, test } from "vitest";
import { type LocalTimeSettings, localZone } from "../../../../src/features/record/local-zone.ts";

const utcMs = Date.UTC(2026, 6, 1);
const HOUR_MS = 3_600_000;

test.each<[string, Omit<LocalTimeSettings, "utcMs">, string]>([
  ["Intl knows it", { tz: undefined, named: "Europe/Berlin", offsetMs: 2 * HOUR_MS }, "Europe/Berlin"],
  ["a path", { tz: "/usr/share/zoneinfo/Europe/Berlin", named: undefined, offsetMs: 2 * HOUR_MS }, "Europe/Berlin"],
  [
    "a path after a colon",
    { tz: ":/usr/share/zoneinfo/Asia/Kolkata", named: undefined, offsetMs: 5.5 * HOUR_MS },
    "Asia/Kolkata",
  ],
  [
    "a path of posix",
    { tz: "/usr/share/zoneinfo/posix/America/Lima", named: undefined, offsetMs: -5 * HOUR_MS },
    "America/Lima",
  ],
  ["a name that Intl does not tell", { tz: ":America/Lima", named: undefined, offsetMs: -5 * HOUR_MS }, "America/Lima"],
  ["clocks do not show that zone", { tz: "/usr/share/zoneinfo/Europe/Berlin", named: undefined, offsetMs: 0 }, "UTC"],
  ["none such", { tz: "Mars/X", named: undefined, offsetMs: 0 }, "UTC"],
  ["Etc/Unknown", { tz: "", named: "Etc/Unknown", offsetMs: 45 * 60_000 }, "+00:45"],
  ["a file elsewhere", { tz: "/nowhere/zone", named: undefined, offsetMs: -3.5 * HOUR_MS }, "-03:30"],
])("%s", (_, settings, expected) => {
  expect(localZone({ ...settings, utcMs })).toBe(expected);
});
