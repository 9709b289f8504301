/** The files of a process that have one number or list to give: cmdline, status, limits, io, sched; and uptime. */
import { describe, expect, test } from "vitest";
import { ParseError } from "../../../src/errors.ts";
import { parseUptimeMs, ticksToMs } from "../../../src/proc/clock.ts";
import { parseCommandLine } from "../../../src/proc/cmdline.ts";
import { parseIo } from "../../../src/proc/io.ts";
import { parseOpenFilesLimit } from "../../../src/proc/limits.ts";
import { parseExecStart } from "../../../src/proc/sched.ts";
import { hasInheritable, parseCredentials } from "../../../src/proc/status.ts";
import { procFixture } from "../../support/fixture.ts";

describe("cmdline", () => {
  test.each<[string, string, string[]]>([
    ["arguments", "python\0manage.py\0shell\0", ["python", "manage.py", "shell"]],
    ["an empty argument in the middle", "grep\0\0file\0", ["grep", "", "file"]],
    ["an empty argument at the end", "grep\0\0", ["grep", ""]],
    ["a rewritten title, padded", "postgres: writer\0\0\0\0\0", ["postgres: writer"]],
    ["a rewritten title without an end", "nginx: worker process", ["nginx: worker process"]],
    ["an argument with a newline", "sh\0-c\0a\nb\0", ["sh", "-c", "a\nb"]],
    ["a kernel thread or a zombie", "", []],
    ["an empty name", "\0", [""]],
    ["nothing but padding", "\0\0\0\0", []],
  ])("%s", (_, text, expected) => {
    expect(parseCommandLine(text)).toEqual(expected);
  });
});

describe("status", () => {
  test("the user is the effective one", () => {
    expect(parseCredentials(procFixture("status")).uid).toBe(0);
    expect(parseCredentials("Name:\tsudo\nUid:\t1000\t0\t0\t0\nGid:\t1000\t0\t0\t0\n").uid).toBe(0);
    expect(parseCredentials("Name:\tweb\nUid:\t33\t4294967294\t33\t33\n").uid).toBe(4294967294);
  });

  test("whether capabilities may be inherited", () => {
    expect(hasInheritable("CapInh:\t0000000000000000\nCapPrm:\t000001ffffffffff\n")).toBe(false);
    expect(hasInheritable("CapInh:\t00000000a80425fb\n")).toBe(true);
    expect(hasInheritable("Name:\tCapInh:\t1\n")).toBe(false);
  });

  test("a name cannot pass for it", () => {
    expect(parseCredentials("Name:\tUid:\t1\nUid:\t0\t7\t0\t0\n").uid).toBe(7);
    expect(() => parseCredentials("Name:\tweb\n")).toThrow(ParseError);
  });
});

describe("limits", () => {
  test("the soft one", () => {
    expect(parseOpenFilesLimit(procFixture("limits"))).toBe(20000);
    expect(
      parseOpenFilesLimit("Max open files            1024                 524288               files     \n"),
    ).toBe(1024);
    expect(
      parseOpenFilesLimit("Max open files            unlimited            unlimited            files     \n"),
    ).toBeNull();
  });

  test("without the line", () => {
    expect(() => parseOpenFilesLimit("Max processes 1 1 processes\n", "/proc/7/limits")).toThrow(
      "cannot read /proc/7/limits",
    );
  });
});

describe("io", () => {
  test("characters and calls, added up; bytes of disks do not count", () => {
    expect(
      parseIo(
        "rchar: 100\nwchar: 20\nsyscr: 3\nsyscw: 4\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 0\n",
      ),
    ).toBe(127n);
    expect(parseIo(procFixture("io"))).toBeGreaterThan(0n);
    expect(parseIo("rchar: 18446744073709551615\nwchar: 1\nsyscr: 0\nsyscw: 0\n")).toBe(18446744073709551616n);
  });

  test("with a line missing it would compare wrong", () => {
    expect(() => parseIo("rchar: 100\nwchar: 20\nsyscr: 3\n")).toThrow(ParseError);
  });
});

describe("sched", () => {
  test("milliseconds of the CPU's clock", () => {
    expect(parseExecStart(procFixture("sched"))).toBe(3915134.706746);
    expect(
      parseExecStart("x (1, #threads: 1)\n---\nse.exec_start                                :             0.000000\n"),
    ).toBe(0);
  });

  test("a kernel that does not say", () => {
    expect(() => parseExecStart("x (1, #threads: 1)\nse.vruntime : 1.0\n")).toThrow(ParseError);
  });
});

describe("uptime", () => {
  test("milliseconds since boot", () => {
    expect(parseUptimeMs("3673.46 6612.14\n")).toBe(3673460);
    expect(parseUptimeMs(procFixture("uptime"))).toBeGreaterThan(0);
    expect(() => parseUptimeMs("soon\n")).toThrow("cannot read /proc/uptime");
  });

  test("ticks are hundredths of a second, also past 2^53", () => {
    expect(ticksToMs(391571n)).toBe(3915710);
    expect(ticksToMs(2n ** 60n)).toBe(Number(2n ** 60n) * 10);
  });
});
