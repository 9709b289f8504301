import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCodeMappings } from "../../../src/proc/maps.ts";

const TEXT = `\
00400000-00452000 r-xp 00000000 fe:00 1234                               /srv/app/static
55d2c8a00000-55d2c8a25000 r--p 00000000 fe:00 326779                     /usr/bin/python3.11
7fb98c2b2000-7fb98c3a6000 r-xp 00026000 fe:00 10625925                   /usr/lib/libsqlite3.so.0 (deleted)
7fb98c3a6000-7fb98c3a7000 r-xp 0011a000 fe:00 10625925                   /usr/lib/libsqlite3.so.0 (deleted)
7fb98c3b0000-7fb98c3b1000 rwxp 00000000 00:00 0
7fb98c3c0000-7fb98c3c1000 rwxs 00000000 00:01 77                         /memfd:jit (deleted)
7fb98c3d0000-7fb98c3d1000 r-xp 00000000 103:02 18446744073709551615      /opt/a b\\012c.so
7ffe3c3f6000-7ffe3c3f8000 r-xp 00000000 00:00 0                          [vdso]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`;

test("files whose code is mapped, each once", () => {
  expect(parseCodeMappings(TEXT)).toEqual([
    { range: "400000-452000", device: "254:0", inode: 1234n, path: "/srv/app/static" },
    {
      range: "7fb98c2b2000-7fb98c3a6000",
      device: "254:0",
      inode: 10625925n,
      path: "/usr/lib/libsqlite3.so.0 (deleted)",
    },
    { range: "7fb98c3c0000-7fb98c3c1000", device: "0:1", inode: 77n, path: "/memfd:jit (deleted)" },
    { range: "7fb98c3d0000-7fb98c3d1000", device: "259:2", inode: 2n ** 64n - 1n, path: "/opt/a b\nc.so" },
  ]);
});

test("two files of one path, or on two devices of one number, are two", () => {
  const lines = ["1000-2000 r-xp 00000000 fe:00 1 /lib/a.so", "3000-4000 r-xp 00000000 fe:00 2 /lib/a.so"];
  expect(parseCodeMappings(lines.join("\n")).map(({ inode }) => inode)).toEqual([1n, 2n]);
});

test("a last line that was cut is skipped", () => {
  expect(parseCodeMappings("7fb98c2b2000-7fb98c3a6000 r-xp 00026000 fe:00 106")).toEqual([]);
});

test("property: any text is parsed, and the range is one that map_files may have", () => {
  const line = fc.oneof(fc.string(), fc.constantFrom(...TEXT.split("\n")));
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      for (const { range } of parseCodeMappings(lines.join("\n"))) expect(range).toMatch(/^[0-9a-f]+-[0-9a-f]+$/);
    }),
  );
});
