/** Formats, names, mounts and sizes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ParseError } from "../../../src/errors.ts";
import { parseMountinfo } from "../../../src/proc/mountinfo.ts";
import { availableKbOf, bufferSizes, cpuCount } from "../../../src/trace/buffer.ts";
import { codeOf, refusal } from "../../../src/trace/errors.ts";
import { parseFormat } from "../../../src/trace/format.ts";
import { tracefsMounts } from "../../../src/trace/mount.ts";
import { nameOf, ownerOf } from "../../../src/trace/name.ts";
import { damaged } from "../../support/fixture.ts";
import { formatFixture, traceText } from "../../support/trace.ts";

describe("a format", () => {
  test("has the fields, their places, and the kernel's numbers for flags and types", () => {
    const format = formatFixture("posix_lock_inode");
    expect(format).toMatchObject({ name: "posix_lock_inode" });
    expect(format.fields.get("fl_end")).toEqual({ offset: 72, size: 8 });
    expect(format.fields.get("s_dev")).toEqual({ offset: 24, size: 4 });
    expect(["FL_FLOCK", "FL_CLOSE", "FL_OFDLCK", "F_UNLCK"].map((name) => format.symbols.get(name))).toEqual([
      2, 64, 1024, 2,
    ]);
    expect(formatFixture("sched_process_exit").fields.get("comm")).toMatchObject({ offset: 8, size: 16 });
  });

  test("that is damaged is a ParseError, or another format", () => {
    fc.assert(
      fc.property(damaged(traceText("posix_lock_inode.format")), (text) => {
        try {
          parseFormat(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ParseError);
        }
      }),
    );
  });
});

describe("a name", () => {
  test("says whose it is", () => {
    const owner = { pid: 12, startTicks: 3456n };
    expect(nameOf(owner, 1)).toBe("sqlock_12_3456");
    for (const counter of [1, 2, 30]) expect(ownerOf(nameOf(owner, counter))).toEqual(owner);
  });
  test.each([
    "sqlock",
    "sqlock_",
    "sqlock_12",
    "sqlock_12_x",
    "sqlock_0_5",
    "xsqlock_12_3",
    "sqlock_12_3x",
    "sqlock_12_3_4_5",
  ])("%s is none of sqlock's", (name) => {
    expect(ownerOf(name)).toBeNull();
  });
});

test("mounts of tracefs: the usual places first, and none that another recorder will unmount", () => {
  const line = (point: string, type = "tracefs", root = "/") => `1 2 0:12 ${root} ${point} rw - ${type} none rw`;
  const text = [
    line("/mnt/trace"),
    line("/run/sqlock_12_345"),
    line("/sys/kernel/debug/tracing"),
    line("/sys", "sysfs"),
    line("/mnt/part", "tracefs", "/events"),
    line("/sys/kernel/tracing"),
  ].join("\n");
  expect(tracefsMounts(parseMountinfo(text).mounts).map(({ mountPoint }) => mountPoint)).toEqual([
    "/sys/kernel/tracing",
    "/sys/kernel/debug/tracing",
    "/mnt/trace",
  ]);
});

describe("buffers", () => {
  const GB = 1024 * 1024;
  test.each([
    [2, 8 * GB, [16384, 8192, 4096, 2048, 1024]],
    [128, 512 * GB, [4096, 2048, 1024]],
    [64, 1 * GB, [1024]],
    [2, 0, [1024]],
  ])("of %i CPUs with %i kB of memory", (cpus, available, sizes) => {
    expect(bufferSizes(cpus, available)).toEqual(sizes);
  });

  test("what the kernel says", () => {
    expect(["0", "0-1", "0-3,8,10-11", ""].map(cpuCount)).toEqual([1, 2, 7, 0]);
    expect(availableKbOf("MemTotal:  9 kB\nMemAvailable:   123456 kB\n")).toBe(123456);
    expect(availableKbOf("")).toBe(0);
  });
});

describe("refused system calls", () => {
  const failed = (code: string, errno = -1) => Object.assign(new Error("x"), { code, errno });
  test.each([
    ["EACCES", false, "denied"],
    ["EPERM", false, "denied"],
    ["EPERM", true, "lockdown"],
    ["EROFS", false, "read-only"],
    ["ENOMEM", false, "no-memory"],
    ["EIO", false, "failed"],
  ])("%s, locked down: %s", (code, lockedDown, reason) => {
    expect(refusal(failed(code), "/f", lockedDown)).toMatchObject({ reason, path: "/f", code });
  });
  test("numbers without a name; anything else is our own bug", () => {
    expect(codeOf(failed("Unknown system error -524", -524))).toBe("524");
    expect(() => codeOf(new TypeError("bug"))).toThrow(TypeError);
  });
});
