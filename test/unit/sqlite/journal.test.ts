import { readFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isBegunJournal, parseJournalHeader, parseSuperJournalName } from "../../../src/sqlite/journal.ts";
import { tempFolder } from "../../support/temp.ts";

/** The -journal as it is after these statements, in the middle of a transaction that they begin. */
function journalAfter(...statements: readonly string[]): Uint8Array {
  const path = join(tempFolder(), "db");
  const db = new Database(path);
  try {
    db.exec(`pragma synchronous=off; create table t(a);
      insert into t with recursive n(i) as (select 1 union all select i + 1 from n where i < 100)
        select zeroblob(3000) from n;
      pragma synchronous=full`);
    db.exec(statements.join(";"));
    return readFileSync(`${path}-journal`);
  } finally {
    db.close();
  }
}

describe("journals that SQLite wrote", () => {
  test("one that was synced: it would be rolled back", () => {
    const journal = journalAfter("pragma cache_size=2", "begin", "update t set a = randomblob(3000)");
    expect(parseJournalHeader(journal)).toBe("valid");
    expect(parseSuperJournalName(journal)).toBeNull();
  });

  test("one that was never synced", () => {
    const journal = journalAfter("begin", "update t set a = 1 where rowid = 1");
    expect(parseJournalHeader(journal)).toBe("unsynced");
    expect(isBegunJournal(journal)).toBe(true);
  });

  test("one that is finished, in persist mode", () => {
    const journal = journalAfter("pragma journal_mode=persist", "delete from t");
    expect(parseJournalHeader(journal)).toBe("unsynced");
    expect(isBegunJournal(journal)).toBe(false);
  });

  test("one that is begun in the file of a finished one", () => {
    const journal = journalAfter("pragma journal_mode=persist", "delete from t", "begin", "insert into t values (1)");
    expect(isBegunJournal(journal)).toBe(true);
  });

  test("one that is finished, in truncate mode", () => {
    const journal = journalAfter("pragma journal_mode=truncate", "delete from t");
    expect(parseJournalHeader(journal)).toBe("empty");
  });
});

describe("super-journals", () => {
  test("the tail alone is enough; a byte less of the name is not", () => {
    const name = "/srv/db-mj0A1B2C9D3";
    const tail = superJournalTail(name);
    expect(parseSuperJournalName(Buffer.concat([Buffer.alloc(5000, 7), tail]))).toBe(name);
    expect(parseSuperJournalName(tail.subarray(4))).toBe(name);
    expect(parseSuperJournalName(tail.subarray(5))).toBeNull();
    expect(parseSuperJournalName(new Uint8Array())).toBeNull();
  });

  test("a name that is not ASCII has another checksum where char is unsigned (ARM): it is read all the same", () => {
    const name = "/srv/dätäbäse-mj0A1B2C9D3";
    expect(parseSuperJournalName(superJournalTail(name, { signed: true }))).toBe(name);
    expect(parseSuperJournalName(superJournalTail(name, { signed: false }))).toBe(name);
  });

  test("property: a flipped bit in the name, its length, its checksum or the magic: no name", () => {
    const tail = superJournalTail("/srv/db-mj0A1B2C9D3");
    fc.assert(
      fc.property(fc.integer({ min: 4, max: tail.length - 1 }), fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const damaged = Buffer.from(tail);
        damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
        expect(parseSuperJournalName(damaged)).toBeNull();
      }),
    );
  });
});

/**
 * What stands at the end of a journal that names a super-journal: a page number, the name, its length, its checksum,
 * the magic.
 */
function superJournalTail(name: string, { signed = true } = {}): Buffer {
  const bytes = Buffer.from(name);
  const frame = Buffer.alloc(16);
  frame.writeUInt32BE(bytes.length, 0);
  const sum = [...(signed ? new Int8Array(bytes) : bytes)].reduce((total, char) => total + char, 0);
  frame.writeUInt32BE(sum >>> 0, 4);
  MAGIC.copy(frame, 8);
  return Buffer.concat([Buffer.of(0x00, 0x04, 0x00, 0x01), bytes, frame]);
}

const MAGIC = Buffer.of(0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7);

test("the four kinds of header", () => {
  const header = Buffer.concat([MAGIC, Buffer.alloc(20)]);
  expect(parseJournalHeader(header)).toBe("valid");
  expect(parseJournalHeader(header.subarray(0, 27))).toBe("other");
  expect(parseJournalHeader(Buffer.concat([MAGIC.subarray(0, 7), Buffer.alloc(21)]))).toBe("other");
  expect(parseJournalHeader(Buffer.alloc(512))).toBe("unsynced");
  expect(parseJournalHeader(Buffer.alloc(0))).toBe("empty");
});

test("property: no bytes make it throw", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc.uint8Array({ maxLength: 100 }).map((some) => Buffer.concat([some, MAGIC])),
  );
  fc.assert(
    fc.property(bytes, (some) => {
      expect(["valid", "unsynced", "empty", "other"]).toContain(parseJournalHeader(some));
      parseSuperJournalName(some);
    }),
  );
});
