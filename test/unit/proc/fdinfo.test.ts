import { constants } from "node:fs";
import { expect, test } from "vitest";
import { ParseError } from "../../../src/errors.ts";
import { parseFdInfo, staysOpen } from "../../../src/proc/fdinfo.ts";
import { procFixture } from "../../support/fixture.ts";

test("the -shm of a writer", () => {
  const info = parseFdInfo(procFixture("fdinfo-shm"));
  expect(info).toMatchObject({ access: "read-write", mountId: 27, inode: 2146969n });
  expect(info.locks.map((lock) => [lock.type, lock.start, lock.end, lock.pid])).toEqual([
    ["write", 120n, 120n, 9092],
    ["read", 124n, 124n, 9092],
    ["read", 128n, 128n, 9092],
  ]);
});

test("OFD and flock locks; a lease is none", () => {
  expect(parseFdInfo(procFixture("fdinfo-ofd")).locks).toMatchObject([{ api: "ofd", pid: null, start: 0n, end: null }]);
  expect(parseFdInfo(procFixture("fdinfo-flock"))).toMatchObject({
    access: "write",
    locks: [{ api: "flock", pid: 9092 }],
  });
  expect(parseFdInfo(procFixture("fdinfo-lease"))).toMatchObject({ access: "read", locks: [] });
  expect(parseFdInfo(procFixture("fdinfo-exclusive")).locks).toMatchObject([{ start: 1073741824n, end: 1073742335n }]);
});

test.each([
  ["0100000", "read"],
  ["02500001", "write"],
  ["02500002", "read-write"],
  ["010000000", "path"],
  ["012000002", "path"],
])("flags %s: opened to %s", (flags, access) => {
  expect(parseFdInfo(`pos:\t0\nflags:\t${flags}\nmnt_id:\t27\n`).access).toBe(access);
});

test("SQLite opens its files with O_NOFOLLOW, whatever number this kind of machine has for it", () => {
  const flagsOf = (flags: number) => `pos:\t0\nflags:\t0${flags.toString(8)}\nmnt_id:\t27\n`;
  expect(parseFdInfo(flagsOf(constants.O_RDWR | constants.O_NOFOLLOW)).noFollow).toBe(true);
  expect(parseFdInfo(flagsOf(constants.O_RDWR)).noFollow).toBe(false);
});

test.each([
  ["02100002", false],
  ["0100002", true],
  ["nonsense", false],
])("flags %s: a child gets the descriptor: %s", (flags, isGot) => {
  expect(staysOpen(`pos:\t0\nflags:\t${flags}\nmnt_id:\t27\n`)).toBe(isGot);
});

test("the inode is not there before Linux 5.14; inotify's and eventfd's lines say nothing", () => {
  expect(parseFdInfo("pos:\t0\nflags:\t02\nmnt_id:\t1\n").inode).toBeNull();
  expect(
    parseFdInfo("pos:\t0\nflags:\t00\nmnt_id:\t15\nino:\t18446744073709551615\ninotify wd:1 ino:2 sdev:3\n").inode,
  ).toBe(18446744073709551615n);
});

test("without flags or a mount it is none; a lock in another form is told with its line", () => {
  expect(() => parseFdInfo("pos:\t0\nmnt_id:\t27\n")).toThrow(ParseError);
  expect(() => parseFdInfo("pos:\t0\nflags:\t02\n", "/proc/7/fdinfo/3")).toThrow("cannot read /proc/7/fdinfo/3");
  expect(() => parseFdInfo("flags:\t02\nmnt_id:\t27\nlock:\tnonsense\n")).toThrow('unexpected "nonsense"');
});
