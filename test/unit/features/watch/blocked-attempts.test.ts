import { expect, test } from "vitest";
import { attemptsKey, BlockedAttempts } from "../../../../src/features/watch/blocked-attempts.ts";
import type { Finding, Holder } from "../../../../src/model/report.ts";
import { databaseReport, holder, lock, walWriter } from "../../../support/report.ts";
import { PATH } from "../../../support/watch-event.ts";

const waitingFor = (pids: readonly number[]) => [
  { id: "likely-waiting", severity: "info", pids, summary: "", detail: "", remedy: "" } as const,
];

test("a wait that each look sees is one attempt", () => {
  const attempts = new BlockedAttempts();
  const blocked = databaseReport({
    holders: [walWriter(), holder({ pid: 4243 }), holder({ pid: 4244 })],
    findings: waitingFor([4243]),
  });
  attempts.addLook(blocked);
  attempts.addLook(blocked);
  attempts.addLook({ ...blocked, findings: waitingFor([4243, 4244]) });
  attempts.addLook({ ...blocked, findings: [] });
  attempts.addLook(blocked);
  expect([...attempts.counts]).toEqual([[attemptsKey(PATH, 4242, "WRITE"), 3]]);
});

test("a process that waits in fcntl(F_SETLKW) shows by its lock; where no process blocks there is no attempt", () => {
  const waiter = holder({ pid: 4243, locks: [lock("WRITE", { waiting: true })] });
  const attempts = new BlockedAttempts();
  attempts.addLook(databaseReport({ holders: [waiter, holder()] }));
  expect(attempts.counts.size).toBe(0);
  attempts.addLook(databaseReport({ holders: [waiter, walWriter()] }));
  expect([...attempts.counts]).toEqual([[attemptsKey(PATH, 4242, "WRITE"), 1]]);
});

const finding = (id: Finding["id"], pids: readonly number[]): Finding[] => [
  { id, severity: "info", pids, summary: "", detail: "", remedy: "" },
];

test.each<[string, Partial<Holder>, readonly Finding[], string[]]>([
  ["a writer in WAL mode", walWriter(), waitingFor([9]), ["4242 WRITE"]],
  [
    "a writer in rollback mode, by its strongest lock",
    { locks: [lock("SHARED"), lock("RESERVED"), lock("PENDING")], blocks: ["readers", "writers"] },
    waitingFor([9]),
    ["4242 PENDING"],
  ],
  ["a reader that blocks only commits", { locks: [lock("SHARED")], blocks: ["commits"] }, waitingFor([9]), []],
  ["it only waits for its lock", { locks: [lock("WRITE", { waiting: true })], blocks: ["writers"] }, [], []],
  ["it waits and blocks itself: no attempt of others", walWriter(), waitingFor([4242]), []],
  ["another finding on the other process", walWriter(), finding("orphaned-holder", [9]), []],
])("%s", (_, blocker, findings, expected) => {
  const attempts = new BlockedAttempts();
  attempts.addLook(databaseReport({ holders: [holder(blocker), holder({ pid: 9 })], findings }));
  expect([...attempts.counts.keys()]).toEqual(expected.map((key) => `${key} ${PATH}`));
});

test("two databases are counted apart", () => {
  const attempts = new BlockedAttempts();
  const look = (path: string) => databaseReport({ path, holders: [walWriter()], findings: waitingFor([9]) });
  for (const path of ["/a", "/b", "/a"]) attempts.addLook(look(path));
  expect([...attempts.counts]).toEqual([
    [attemptsKey("/a", 4242, "WRITE"), 1],
    [attemptsKey("/b", 4242, "WRITE"), 1],
  ]);
});
