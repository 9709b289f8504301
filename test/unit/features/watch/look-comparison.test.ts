/** What is new from one look to the next. */
import { expect, test } from "vitest";
import { LookComparison } from "../../../../src/features/watch/look-comparison.ts";
import type { DatabaseReport, Finding } from "../../../../src/model/report.ts";
import { databaseReport, holder, lock } from "../../../support/report.ts";
import { PATH } from "../../../support/watch-event.ts";

const finding = (pids: readonly number[]): Finding => ({
  id: "suspended-holder",
  severity: "warning",
  pids,
  summary: "s",
  detail: "",
  remedy: "",
});

const NONE = databaseReport();
const ONE = databaseReport({ holders: [holder()] });
const BY_LOCK = databaseReport({ holders: [holder({ handles: [], locks: [lock("SHARED")] })] });
const OFD = databaseReport({ holders: [holder({ locks: [lock("RESERVED", { api: "ofd" })] })] });

test.each<[string, (DatabaseReport | null)[], boolean, string[]]>([
  ["it had it open already", [ONE, ONE], true, ["open 4242"]],
  ["it opens it, and closes it", [NONE, ONE, NONE], true, ["opened 4242", "closed 4242"]],
  ["it ends", [ONE, NONE], false, ["open 4242", "ended 4242"]],
  ["the file is gone, and so is the process", [ONE, null], false, ["open 4242", "ended 4242"]],
  ["not there yet", [null, ONE], true, ["opened 4242"]],
  [
    "another process with the same pid",
    [ONE, databaseReport({ holders: [holder({ startTicks: 1n })] })],
    false,
    ["open 4242", "opened 4242", "ended 4242"],
  ],
  ["one that shows only by a lock", [BY_LOCK, NONE], true, []],
  ["an OFD lock that was there", [OFD, ONE], true, ["open 4242", "held 4242 RESERVED", "released 4242 RESERVED"]],
  ["an OFD lock that is taken", [ONE, OFD], true, ["open 4242", "acquired 4242 RESERVED"]],
  [
    "a POSIX lock comes from /proc/locks",
    [ONE, databaseReport({ holders: [holder({ locks: [lock("WRITE")] })] })],
    true,
    ["open 4242"],
  ],
  [
    "a finding comes, changes its processes, and goes",
    [NONE, databaseReport({ findings: [finding([1])] }), databaseReport({ findings: [finding([1, 2])] }), NONE],
    true,
    ["finding 1", "finding 1", "resolved 1", "resolved 1"],
  ],
])("%s", (_, looks, isAlive, expected) => {
  const comparison = new LookComparison();
  const events = looks.flatMap((look, i) => comparison.next(PATH, look, i * 500, () => isAlive));
  expect(events.map(({ event, pid, lock: name }) => [event, pid, name].filter(Boolean).join(" "))).toEqual(expected);
});

test("two databases are compared apart", () => {
  const comparison = new LookComparison();
  comparison.next("/a", ONE, 0, () => true);
  expect(comparison.next("/b", ONE, 0, () => true)).toMatchObject([{ event: "open", path: "/b" }]);
});
