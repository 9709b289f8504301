import { expect, test } from "vitest";
import { contentOf, type FileContent } from "../../../src/safe-open/first-bytes.ts";
import { NOISE, plainHeader } from "../../support/first-bytes.ts";

const CASES: readonly (readonly [string, Buffer, FileContent])[] = [
  ["nothing", Buffer.alloc(0), { kind: "empty" }],
  ["a text", Buffer.from("Dear reader,\nthis is no database.\n"), { kind: "not-a-database", looksLike: "text" }],
  ["a dump", Buffer.from("BEGIN TRANSACTION;\n"), { kind: "not-a-database", looksLike: "SQL text (a dump?)" }],
  [
    "zeroes",
    Buffer.alloc(100),
    { kind: "not-a-database", looksLike: "a file that begins with zeroes: damaged, or still being written" },
  ],
  ["a header that is cut off", plainHeader().subarray(0, 60), { kind: "cut-header" }],
  ["all of the magic, and nothing else", plainHeader().subarray(0, 16), { kind: "cut-header" }],
  ["a header but for its last byte", plainHeader().subarray(0, 99), { kind: "cut-header" }],
  [
    "a part of the magic",
    plainHeader().subarray(0, 15),
    { kind: "not-a-database", looksLike: "a database cut off after 15 bytes" },
  ],
  ["50 bytes of noise", NOISE.subarray(0, 50), { kind: "not-a-database", looksLike: "some other binary file" }],
  [
    "a Git LFS pointer",
    Buffer.from("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
    { kind: "lfs-pointer" },
  ],
  ["noise", NOISE, { kind: "encrypted", partly: false }],
  [
    "noise that keeps bytes 16 to 23",
    Buffer.concat([NOISE.subarray(0, 16), plainHeader().subarray(16, 24), NOISE.subarray(24)]),
    { kind: "encrypted", partly: true },
  ],
  [
    "noise that keeps the first 32 bytes",
    Buffer.concat([plainHeader().subarray(0, 32), NOISE.subarray(32)]),
    { kind: "encrypted", partly: true },
  ],
  ["a damaged magic", Buffer.concat([Buffer.from("!"), plainHeader().subarray(1)]), { kind: "damaged-magic" }],
];

test.each(CASES)("%s", (_, bytes, content) => {
  expect(contentOf(bytes)).toEqual(content);
});
