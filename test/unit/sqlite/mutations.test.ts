/** 20,000 changes of what hostile users write and sqlock parses: an answer, or a ParseError, each time. */
import { expect, test } from "vitest";
import { ParseError } from "../../../src/errors.ts";
import { parseFdInfo } from "../../../src/proc/fdinfo.ts";
import { parseLockLine, parseLocks } from "../../../src/proc/locks.ts";
import { parseDatabaseHeader } from "../../../src/sqlite/header.ts";
import { parseJournalHeader, parseSuperJournalName } from "../../../src/sqlite/journal.ts";
import { parseWalHeader } from "../../../src/sqlite/wal.ts";
import { parseWalIndex } from "../../../src/sqlite/wal-index.ts";
import { procFixture } from "../../support/fixture.ts";

const MUTATIONS = 20_000;

/** The same sequence in each run. Source: the linear congruential generator of Numerical Recipes. */
function sequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function walHeader(): Uint8Array {
  const bytes = Buffer.alloc(64);
  bytes.writeUInt32BE(0x377f0682, 0);
  bytes.writeUInt32BE(3_007_000, 4);
  bytes.writeUInt32BE(4096, 8);
  return bytes;
}

function journal(): Uint8Array {
  const bytes = Buffer.alloc(512);
  Buffer.from("d9d505f920a163d7", "hex").copy(bytes);
  bytes.writeUInt32BE(1, 8);
  bytes.write("/srv/db-mj01234567", 400);
  bytes.writeUInt32BE(18, 500 - 12);
  Buffer.from("d9d505f920a163d7", "hex").copy(bytes, 504);
  return bytes;
}

const PARSED: readonly [string, Uint8Array, (bytes: Uint8Array) => unknown][] = [
  ["-shm", Buffer.alloc(136, 1), (bytes) => [parseWalIndex(bytes, true), parseWalIndex(bytes, false)]],
  ["-wal", walHeader(), parseWalHeader],
  ["-journal", journal(), (bytes) => [parseJournalHeader(bytes), parseSuperJournalName(bytes)]],
  ["database", Buffer.from("SQLite format 3\0".padEnd(100, "\x01")), parseDatabaseHeader],
  ["/proc/locks", Buffer.from(procFixture("locks")), (bytes) => parseLocks(Buffer.from(bytes).toString("utf8"))],
  [
    "a line of /proc/locks",
    Buffer.from("1: POSIX  ADVISORY  WRITE 4242 08:02:1234 1073741824 1073742335"),
    (bytes) => parseLockLine(Buffer.from(bytes).toString("latin1"), "/proc/locks"),
  ],
  ["fdinfo", Buffer.from(procFixture("fdinfo-shm")), (bytes) => parseFdInfo(Buffer.from(bytes).toString("latin1"))],
];

test.each(PARSED)("%s", (_, original, parse) => {
  const below = sequence(original.length);
  const share = Math.ceil(MUTATIONS / PARSED.length);
  for (let i = 0; i < share; i++) {
    const bytes = Uint8Array.from(original);
    for (let changes = 1 + below(8); changes > 0; changes--) bytes[below(bytes.length)] = below(256);
    const kept = below(4) === 0 ? bytes.subarray(0, below(bytes.length + 1)) : bytes;
    try {
      parse(kept);
    } catch (error) {
      expect(error, `mutation ${i}`).toBeInstanceOf(ParseError);
    }
  }
});
