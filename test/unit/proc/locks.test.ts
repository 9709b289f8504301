import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ParseError } from "../../../src/errors.ts";
import { type KernelLock, locksOfPasses, parseLockLine, parseLocks, unionOfPasses } from "../../../src/proc/locks.ts";
import { procFixture } from "../../support/fixture.ts";

const POSIX = { api: "posix", pid: 9092, device: "254:0", waiting: false } as const;

describe("the captured text", () => {
  test("has every lock but the lease", () => {
    const { locks, problems } = parseLocks(procFixture("locks"));
    expect(problems).toEqual([]);
    expect(locks).toEqual([
      { api: "ofd", type: "write", pid: null, device: "254:0", inode: 2146972n, start: 0n, end: null, waiting: false },
      { ...POSIX, api: "flock", type: "write", inode: 2146971n, start: 0n, end: null },
      { ...POSIX, type: "write", inode: 2146970n, start: 1073741824n, end: 1073742335n },
      { ...POSIX, type: "write", pid: 9133, inode: 2146970n, start: 0n, end: null, waiting: true },
      // waits for the waiter
      { ...POSIX, type: "write", pid: 9134, inode: 2146970n, start: 0n, end: null, waiting: true },
      { ...POSIX, type: "write", inode: 2146969n, start: 120n, end: 120n },
      { ...POSIX, type: "read", inode: 2146969n, start: 124n, end: 124n },
      { ...POSIX, type: "read", inode: 2146969n, start: 128n, end: 128n },
      { ...POSIX, type: "read", inode: 2146967n, start: 1073741826n, end: 1073742335n },
    ]);
  });

  test("less the inodes that are not wanted", () => {
    const { locks } = parseLocks(procFixture("locks"), (inode) => inode === "2146970");
    expect(locks.map((lock) => lock.pid)).toEqual([9092, 9133, 9134]);
  });
});

describe("one line", () => {
  const parse = (line: string) => parseLockLine(line, "/proc/locks");

  test("numbers past 2^53 stay exact", () => {
    expect(
      parse("1: POSIX  ADVISORY  READ 7 00:2b:18446744073709551615 9223372036854775806 9223372036854775807"),
    ).toMatchObject({
      device: "0:43",
      inode: 18446744073709551615n,
      start: 9223372036854775806n,
      end: 9223372036854775807n,
    });
  });

  test.each([
    [
      "mandatory, of an old kernel",
      "1: POSIX  MANDATORY WRITE 7 08:01:5 0 EOF",
      { api: "posix", type: "write", device: "8:1" },
    ],
    ["an NFS server's", "1: POSIX  *NOINODE* READ 7 <none>:0 0 EOF", { device: "0:0", inode: 0n }],
    ["a pid that this namespace does not have", "1: POSIX  ADVISORY  READ 0 08:01:5 0 EOF", { pid: null }],
    ["a mount without a device name", "1: FLOCK  ADVISORY  READ 7 <none>:5 0 EOF", { api: "flock", inode: 5n }],
  ])("%s", (_, line, expected) => {
    expect(parse(line)).toMatchObject(expected);
  });

  test.each([
    "1: LEASE  BREAKING  READ 7 08:01:5 0 EOF",
    "1: DELEG  ACTIVE    READ 7 08:01:5 0 EOF",
    "1: POSIX  ADVISORY  UNLCK 7 08:01:5 0 EOF",
  ])("is none that SQLite meets: %s", (line) => {
    expect(parse(line)).toBeNull();
  });

  test.each([
    "",
    "1: POSIX",
    "1: POSIX  ADVISORY  WRITE 7 08:01:5 0",
    "POSIX  ADVISORY  WRITE 7 08:01:5 0 EOF",
    "1: POSIX  ADVISORY  WRITE 7 08:01:5 0 EOF x",
  ])("is in no known form: %j", (line) => {
    expect(() => parse(line)).toThrow(ParseError);
  });
});

test("a bad line costs that line, and is told", () => {
  const good = "1: POSIX  ADVISORY  WRITE 7 08:01:5 0 EOF";
  const { locks, problems } = parseLocks(`${good}\n2: POSIX  ADVIS\n${good.replace("7", "8")}\n`);
  expect(locks.map((lock) => lock.pid)).toEqual([7, 8]);
  expect(problems.map((problem) => problem.message)).toEqual(['cannot read /proc/locks: unexpected "2: POSIX  ADVIS"']);
});

function lockOf(pid: number): KernelLock {
  return { ...POSIX, pid, type: "read", inode: 5n, start: 1n, end: 2n };
}

const pids = (locks: readonly KernelLock[]) => locks.map((lock) => lock.pid).sort((a, b) => (a ?? 0) - (b ?? 0));

describe("unionOfPasses", () => {
  test("has what any pass has, each lock once", () => {
    expect(pids(unionOfPasses([[lockOf(1)], [], []]))).toEqual([1]);
    expect(pids(unionOfPasses([[lockOf(1), lockOf(1)], [lockOf(2)]]))).toEqual([1, 2]);
    expect(unionOfPasses([])).toEqual([]);
  });

  test("equal lines without a pid are as many as in the pass that has fewest: one may also repeat a line", () => {
    const ofd = { ...lockOf(1), api: "ofd", pid: null } as const;
    expect(unionOfPasses([[ofd, ofd]])).toEqual([ofd, ofd]);
    expect(unionOfPasses([[ofd, ofd, ofd], [ofd, ofd], []])).toEqual([ofd, ofd]);
  });

  test("a lock that was waited for in one pass and held in another is held", () => {
    const waiting = { ...lockOf(1), waiting: true };
    expect(unionOfPasses([[waiting], [lockOf(1)]])).toEqual([lockOf(1)]);
    expect(unionOfPasses([[waiting], []])).toEqual([waiting]);
  });

  test("property: of passes that each lose some locks, none is lost", () => {
    const pass = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 12 });
    fc.assert(
      fc.property(fc.array(pass, { minLength: 1, maxLength: 5 }), (passes) => {
        const result = unionOfPasses(passes.map((each) => each.map(lockOf)));
        expect(pids(result).sort()).toEqual([...new Set(passes.flat())].sort());
      }),
    );
  });
});

test("locksOfPasses tells a bad line once, however many passes have it", () => {
  const text = "bad line\n1: POSIX  ADVISORY  WRITE 7 08:01:5 0 EOF\n";
  const { locks, problems } = locksOfPasses([text, text, text], () => true);
  expect(pids(locks)).toEqual([7]);
  expect(problems).toHaveLength(1);
});
