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
    "a finding comes, is on one more process, on one less, and goes",
    [NONE, ...[[1], [1, 2], [2]].map((pids) => databaseReport({ findings: [finding(pids)] })), NONE],
    true,
    ["finding 1", "finding 2", "resolved 1", "resolved 2"],
  ],
  [
    "a finding on one process is two, and one again, in any order",
    [[[1, 2]], [[2], [1]], [[1, 2]]].map((all) => databaseReport({ findings: all.map(finding) })),
    true,
    ["finding 1"],
  ],
  [
    "one process after the other",
    [[1], [2]].map((pids) => databaseReport({ findings: [finding(pids)] })),
    true,
    ["finding 1", "finding 2", "resolved 1"],
  ],
  [
    "a finding on no process",
    [NONE, databaseReport({ findings: [finding([])] }), databaseReport({ findings: [finding([])] }), NONE],
    true,
    ["finding", "resolved"],
  ],
])("%s", (_, looks, isAlive, expected) => {
  const comparison = new LookComparison();
  const events = looks.flatMap((look, i) => comparison.next(PATH, look, i * 500, () => isAlive));
  expect(events.map(({ event, pid, lock: name }) => [event, pid, name].filter(Boolean).join(" "))).toEqual(expected);
});

test("what is over names the processes of which it is, and no other", () => {
  const comparison = new LookComparison();
  comparison.next(PATH, databaseReport({ findings: [finding([1, 2, 3])] }), 0, () => true);
  expect(comparison.next(PATH, databaseReport({ findings: [finding([2])] }), 500, () => true)).toMatchObject([
    { event: "resolved", pid: 1, finding: { pids: [1, 3] } },
  ]);
});

test("two databases are compared apart", () => {
  const comparison = new LookComparison();
  comparison.next("/a", ONE, 0, () => true);
  expect(comparison.next("/b", ONE, 0, () => true)).toMatchObject([{ event: "open", path: "/b" }]);
});
