/** What is new from one look to the next. */
import { expect, test } from "vitest";
import { type Fate, LookComparison } from "../../../../src/features/watch/look-comparison.ts";
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

test.each<[string, (DatabaseReport | null)[], Fate, string[]]>([
  ["it had it open already", [ONE, ONE], "closed", ["open 4242"]],
  ["it opens it, and closes it", [NONE, ONE, NONE], "closed", ["opened 4242", "closed 4242"]],
  ["it ends", [ONE, NONE], "ended", ["open 4242", "ended 4242"]],
  ["the file is gone, and so is the process", [ONE, null], "ended", ["open 4242", "ended 4242"]],
  ["the file was moved, and comes back: it was open all the time", [ONE, null, NONE, ONE], "open", ["open 4242"]],
  ["the file was replaced by a move, and it has the old one open", [ONE, NONE, NONE], "open", ["open 4242"]],
  ["not there yet", [null, ONE], "closed", ["opened 4242"]],
  [
    "another process with the same pid",
    [ONE, databaseReport({ holders: [holder({ startTicks: 1n })] })],
    "ended",
    ["open 4242", "opened 4242", "ended 4242"],
  ],
  ["one that shows only by a lock", [BY_LOCK, NONE], "closed", []],
  ["an OFD lock that was there", [OFD, ONE], "closed", ["open 4242", "held 4242 RESERVED", "released 4242 RESERVED"]],
  ["an OFD lock that is taken", [ONE, OFD], "closed", ["open 4242", "acquired 4242 RESERVED"]],
  [
    "a POSIX lock comes from /proc/locks",
    [ONE, databaseReport({ holders: [holder({ locks: [lock("WRITE")] })] })],
    "closed",
    ["open 4242"],
  ],
  [
    "a finding comes, is on one more process, on one less, and goes",
    [NONE, ...[[1], [1, 2], [2]].map((pids) => databaseReport({ findings: [finding(pids)] })), NONE],
    "closed",
    ["finding 1", "finding 2", "resolved 1", "resolved 2"],
  ],
  [
    "a finding on one process is two, and one again, in any order",
    [[[1, 2]], [[2], [1]], [[1, 2]]].map((all) => databaseReport({ findings: all.map(finding) })),
    "closed",
    ["finding 1"],
  ],
  [
    "one process after the other",
    [[1], [2]].map((pids) => databaseReport({ findings: [finding(pids)] })),
    "closed",
    ["finding 1", "finding 2", "resolved 1"],
  ],
  [
    "a finding on no process",
    [NONE, databaseReport({ findings: [finding([])] }), databaseReport({ findings: [finding([])] }), NONE],
    "closed",
    ["finding", "resolved"],
  ],
])("%s", (_, looks, fate, expected) => {
  const comparison = new LookComparison();
  const events = looks.flatMap((look, i) => comparison.next(PATH, look, i * 500, () => fate));
  expect(events.map(({ event, pid, lock: name }) => [event, pid, name].filter(Boolean).join(" "))).toEqual(expected);
});

test("what is over names the processes of which it is, and no other", () => {
  const comparison = new LookComparison();
  comparison.next(PATH, databaseReport({ findings: [finding([1, 2, 3])] }), 0, () => "closed");
  expect(comparison.next(PATH, databaseReport({ findings: [finding([2])] }), 500, () => "closed")).toMatchObject([
    { event: "resolved", pid: 1, finding: { pids: [1, 3] } },
  ]);
});

test("two databases are compared apart", () => {
  const comparison = new LookComparison();
  comparison.next("/a", ONE, 0, () => "closed");
  expect(comparison.next("/b", ONE, 0, () => "closed")).toMatchObject([{ event: "open", path: "/b" }]);
});

test("a file that was moved: closed by the process that has it open when that closes it", () => {
  const comparison = new LookComparison();
  const fates: Fate[] = ["open", "open", "closed"];
  const looks = [ONE, null, null, NONE, NONE].flatMap((look, i) =>
    comparison.next(PATH, look, i * 500, (_, report) => (report === ONE ? (fates.shift() ?? "ended") : "ended")),
  );
  expect(looks.map(({ event, at }) => [event, at.getTime()])).toEqual([
    ["open", 0],
    ["closed", 1500],
  ]);
});
