/** Which processes are shown, and for how long those that have gone. */
import { expect, test } from "vitest";
import { GONE_SHOWN_MS, SeenProcesses } from "../../../../src/features/watch/seen-processes.ts";
import { databaseReport, holder } from "../../../support/report.ts";
import { lockEvent } from "../../../support/watch-event.ts";

const open = (...pids: number[]) => databaseReport({ holders: pids.map((pid) => holder({ pid })) });
const NO_LOCK = () => false;

test("one that a look finds, that closes it, and that opens it again", () => {
  const seen = new SeenProcesses();
  seen.addLook(open(7), 0, NO_LOCK);
  expect(seen.at(100)).toEqual([{ pid: 7, command: "python manage.py shell", gone: null }]);
  seen.addLook(open(), 500, NO_LOCK);
  seen.addEnd(7, "closed", 500);
  expect(seen.at(600)).toMatchObject([{ pid: 7, gone: { atMs: 500, how: "closed" } }]);
  seen.addLook(open(7), 1000, NO_LOCK);
  expect(seen.at(1100)).toMatchObject([{ pid: 7, gone: null }]);
});

test("one that shows by its locks alone: there until a look that began after them does not find it", () => {
  const seen = new SeenProcesses();
  seen.addLock(lockEvent("acquired", 100));
  seen.addLook(open(), 50, NO_LOCK); // began before
  expect(seen.at(200)).toEqual([{ pid: 4242, command: "python manage.py shell", gone: null }]);
  seen.addLook(open(), 300, () => true); // it holds the lock
  expect(seen.at(400)).toMatchObject([{ gone: null }]);
  seen.addLock(lockEvent("released", 450));
  seen.addLook(open(), 600, NO_LOCK);
  expect(seen.at(700)).toMatchObject([{ gone: { atMs: 600, how: null } }]);
  seen.addLock(lockEvent("acquired", 800));
  expect(seen.at(900)).toMatchObject([{ gone: null }]);
});

test("a database that is no longer there: all have gone", () => {
  const seen = new SeenProcesses();
  seen.addLook(open(1, 2), 0, NO_LOCK);
  seen.addLook(null, 500, NO_LOCK);
  expect(seen.at(600).map(({ gone }) => gone?.atMs)).toEqual([500, 500]);
});

test("forgotten after a while", () => {
  const seen = new SeenProcesses();
  seen.addLook(open(1), 0, NO_LOCK);
  seen.addLook(open(), 500, NO_LOCK);
  expect(seen.at(500 + GONE_SHOWN_MS)).toHaveLength(1);
  expect(seen.at(501 + GONE_SHOWN_MS)).toHaveLength(0);
});

test("of many that come and go, the last ones; those that are there stay", () => {
  const seen = new SeenProcesses();
  for (let pid = 1; pid <= 20; pid++) seen.addLook(open(pid, 99), pid, NO_LOCK);
  expect(seen.at(21).map(({ pid }) => pid)).toEqual([99, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
});

test("the name of one that was gone before it was read stays unknown, also when its lock is released", () => {
  const seen = new SeenProcesses();
  seen.addLock(lockEvent("acquired", 0, { name: null }));
  expect(seen.at(1)).toMatchObject([{ command: null }]);
  seen.addLock(lockEvent("acquired", 0));
  seen.addLock(lockEvent("released", 2, { name: null }));
  expect(seen.at(3)).toMatchObject([{ command: "python manage.py shell" }]);
});
