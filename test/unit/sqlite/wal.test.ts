import { readFileSync } from "node:fs";
import { endianness } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import {
  countFrames,
  type FrameCount,
  frameBytes,
  parseWalHeader,
  startFrameCount,
  WAL_HEADER_BYTES,
  type WalHeader,
} from "../../../src/sqlite/wal.ts";
import { parseWalIndex } from "../../../src/sqlite/wal-index.ts";
import { tempFolder } from "../../support/temp.ts";

/** The -wal of a database while it is open, and how many frames its wal-index counts. */
function copyOfWal(statements: readonly string[], pageSize = 1024): { wal: Buffer; mxFrame: number } {
  const path = join(tempFolder(), "db");
  const db = new Database(path);
  try {
    for (const pragma of [`page_size=${pageSize}`, "journal_mode=wal", "wal_autocheckpoint=0"]) db.pragma(pragma);
    db.exec(["pragma synchronous=off; create table t(a)", ...statements].join(";"));
    const index = parseWalIndex(readFileSync(`${path}-shm`), endianness() === "LE");
    if (index.kind !== "ok") throw new Error(`the wal-index is ${index.kind}`);
    return { wal: readFileSync(`${path}-wal`), mxFrame: index.mxFrame };
  } finally {
    db.close();
  }
}

function headerOf(wal: Uint8Array): WalHeader {
  const header = parseWalHeader(wal);
  if (header === null) throw new Error("no header");
  return header;
}

const count = (wal: Uint8Array): FrameCount =>
  countFrames(headerOf(wal), startFrameCount(headerOf(wal)), wal.subarray(WAL_HEADER_BYTES));

const INSERT = "insert into t values (randomblob(3000))";
const INSERTS = Array.from({ length: 20 }, () => INSERT);

describe("a -wal that SQLite wrote", () => {
  test.each([512, 1024, 65536])("has as many committed frames as the wal-index says (page size %i)", (pageSize) => {
    const { wal, mxFrame } = copyOfWal(INSERTS, pageSize);
    expect(headerOf(wal).pageSize).toBe(pageSize);
    expect(mxFrame).toBeGreaterThan(20);
    expect(count(wal)).toMatchObject({ frames: mxFrame, committedFrames: mxFrame, ended: false });
  });

  test("frames of an open transaction that spilled are there, and do not count", () => {
    const open = ["pragma cache_size=2", "begin", ...Array.from({ length: 50 }, () => INSERT)];
    const { wal, mxFrame } = copyOfWal([...INSERTS, ...open]);
    const counted = count(wal);
    expect(counted.committedFrames).toBe(mxFrame);
    expect(counted.frames).toBeGreaterThan(mxFrame);
  });

  test("frames of before a restart are still in the file, and do not count: their salt is old", () => {
    const { wal, mxFrame } = copyOfWal([...INSERTS, "pragma wal_checkpoint(restart)", "insert into t values (1)"]);
    expect(wal.length).toBeGreaterThan(WAL_HEADER_BYTES + 20 * frameBytes(headerOf(wal)));
    expect(count(wal)).toMatchObject({ committedFrames: mxFrame, ended: true });
    expect(mxFrame).toBeLessThan(5);
  });
});

describe("damage", () => {
  let wal: Buffer;
  let frames: number;
  beforeEach(() => {
    ({ wal, mxFrame: frames } = copyOfWal(Array.from({ length: 5 }, () => "insert into t values (1)")));
  });

  test("property: a flipped bit ends the count at its frame", () => {
    const header = headerOf(wal);
    const size = frameBytes(header);
    fc.assert(
      fc.property(
        fc.integer({ min: WAL_HEADER_BYTES, max: wal.length - 1 }),
        fc.integer({ min: 0, max: 7 }),
        (at, bit) => {
          const damaged = Buffer.from(wal);
          damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
          const hit = Math.floor((at - WAL_HEADER_BYTES) / size);
          expect(count(damaged)).toMatchObject({ frames: hit, ended: true });
        },
      ),
    );
  });

  test("property: a file that is cut off has the whole frames that are left", () => {
    const size = frameBytes(headerOf(wal));
    fc.assert(
      fc.property(fc.integer({ min: WAL_HEADER_BYTES, max: wal.length }), (length) => {
        expect(count(wal.subarray(0, length)).frames).toBe(Math.floor((length - WAL_HEADER_BYTES) / size));
      }),
    );
  });

  test("property: counting in pieces is counting at once", () => {
    const header = headerOf(wal);
    const size = frameBytes(header);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: frames }), (perPiece) => {
        let state = startFrameCount(header);
        for (let at = WAL_HEADER_BYTES; at < wal.length; at += perPiece * size)
          state = countFrames(header, state, wal.subarray(at, at + perPiece * size));
        expect(state).toEqual(count(wal));
      }),
    );
  });

  test("after a frame that does not fit, nothing counts, however good", () => {
    const header = headerOf(wal);
    const body = wal.subarray(WAL_HEADER_BYTES);
    const ended = countFrames(header, startFrameCount(header), Buffer.from(body).fill(0));
    expect(ended).toMatchObject({ frames: 0, ended: true });
    expect(countFrames(header, ended, body)).toEqual(ended);
  });

  test("a header with a flipped bit is none", () => {
    for (let at = 0; at < WAL_HEADER_BYTES; at++) {
      const damaged = Buffer.from(wal);
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      expect(parseWalHeader(damaged)).toBeNull();
    }
    expect(parseWalHeader(wal.subarray(0, WAL_HEADER_BYTES - 1))).toBeNull();
  });
});

test("property: no bytes make it throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
      expect(parseWalHeader(bytes)).toBeNull();
      const header: WalHeader = { pageSize: 512, littleEndian: true, salt: [0, 0], checksum: [0, 0] };
      expect(countFrames(header, startFrameCount(header), bytes).frames).toBeLessThanOrEqual(
        bytes.length / frameBytes(header),
      );
    }),
  );
});
