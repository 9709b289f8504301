import { expect, test } from "vitest";
import { type ForeignFormat, foreignFormatOf } from "../../../src/safe-open/foreign-format.ts";
import { headerFaults } from "../../../src/safe-open/header.ts";
import { plainHeader } from "../../support/first-bytes.ts";

const versions = (write: number, read: number) => (header: Buffer) => {
  header[18] = write;
  header[19] = read;
};
const format = (value: number) => (header: Buffer) => {
  header.writeUInt32BE(value, 44);
};

const CASES: readonly (readonly [string, (header: Buffer) => void, ForeignFormat | null])[] = [
  ["a header as SQLite writes it", () => undefined, null],
  ["wal2", versions(3, 3), { code: "wal2" }],
  ["a later format that may be read by itself alone", versions(4, 4), { code: "versions", write: 4, read: 4 }],
  ["a later format with an older one to read", versions(9, 7), { code: "versions", write: 9, read: 7 }],
  ["a later schema format", format(5), { code: "schema-format", format: 5 }],
  [
    "both",
    (header) => {
      versions(3, 3)(header);
      format(5)(header);
    },
    { code: "wal2" },
  ],
  // who can write it can read it: damage
  ["a read version above the write version", versions(7, 9), null],
  ["the read version alone", versions(1, 3), null],
  ["a later write version alone, which SQLite opens read-only", versions(3, 1), null],
  [
    "a later schema format, and a fault that no format has",
    (header) => {
      format(5)(header);
      header[21] = 65;
    },
    null,
  ],
  [
    "wal2, and a file that is cut off",
    (header) => {
      versions(3, 3)(header);
      header.writeUInt32BE(13, 28);
    },
    null,
  ],
];

test.each(CASES)("%s", (_, change, expected) => {
  const header = plainHeader(change);
  const faults = headerFaults(header, { sizeBytes: 12 * 4096, sizeMoves: false });
  expect(foreignFormatOf(header, faults)).toEqual(expected);
});
