import { expect, test } from "vitest";
import { lockFilter } from "../../../src/trace/filter.ts";

const NAMES = { pid: "pid", flags: "flags", close: 64 };
const OLD = { pid: "fl_pid", flags: "fl_flags", close: 64 };
const bytes = "(fl_start >= 120 && fl_end <= 128) || (fl_start >= 1073741824 && fl_end <= 1073742335)";

test("files of one device, and of two", () => {
  expect(lockFilter([{ device: 5, inode: 7n }], NAMES, 99)).toBe(
    `pid != 99 && ((s_dev == 5 && (i_ino == 7 || ${bytes} || (flags & 64))))`,
  );
  const files = [
    { device: 5, inode: 7n },
    { device: 6, inode: 2n ** 63n },
    { device: 5, inode: 8n },
    { device: 5, inode: 7n },
  ];
  expect(lockFilter(files, OLD, 99, "ret == -512")).toBe(
    `fl_pid != 99 && ret == -512 && ((s_dev == 5 && (i_ino == 7 || i_ino == 8 || ${bytes} || (fl_flags & 64))) || ` +
      `(s_dev == 6 && (i_ino == 9223372036854775808 || ${bytes} || (fl_flags & 64))))`,
  );
});

test("too many files become their devices, too many devices no filter: more events, none is missing", () => {
  const many = Array.from({ length: 1000 }, (_, index) => ({ device: 5, inode: BigInt(index + 2 ** 40) }));
  expect(lockFilter([...many, { device: 6, inode: 1n }], NAMES, 99)).toBe("pid != 99 && (s_dev == 5 || s_dev == 6)");
  const devices = Array.from({ length: 1000 }, (_, index) => ({ device: index + 2 ** 20, inode: 1n }));
  expect(lockFilter(devices, NAMES, 99)).toBe("0");
  expect(lockFilter(devices, NAMES, 99, "ret == -512")).toBe("ret == -512");
});

test("it always fits", () => {
  for (let count = 1; count < 300; count += 1) {
    const files = Array.from({ length: count }, (_, index) => ({ device: index % 30, inode: 2n ** 64n - 1n }));
    expect(lockFilter(files, NAMES, 4_194_304).length).toBeLessThanOrEqual(4000);
  }
});
