import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decode,
  encode,
  MAX_RECORDS,
  PHASES,
  RECORD_BYTES,
  RecordDecoder,
  type StressRecord,
  TRANSIENT_CODES,
} from "../../../../src/features/stress/records.ts";

const uint = fc.integer({ min: 0, max: 0xffff_ffff });

const record: fc.Arbitrary<StressRecord> = fc.record({
  kind: fc.constantFrom("ready", "commit", "read", "failure", "cut-off", "ended"),
  role: fc.constantFrom("writer", "reader"),
  worker: uint,
  number: uint,
  atMs: uint,
  waitingUs: uint,
  workingUs: uint,
  retries: uint,
  phase: fc.constantFrom(...PHASES),
  code: fc.constantFrom(...TRANSIENT_CODES),
});

function bytesOf(records: readonly StressRecord[]): Buffer {
  const bytes = Buffer.alloc(records.length * RECORD_BYTES);
  for (const [i, each] of records.entries()) encode(each, bytes, i * RECORD_BYTES);
  return bytes;
}

test("a record comes back as it was", () => {
  fc.assert(
    fc.property(record, (each) => {
      expect(decode(bytesOf([each]))).toEqual(each);
    }),
  );
});

test("a stream that is cut at any byte", () => {
  fc.assert(
    fc.property(
      fc.array(record, { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1 }),
      (all, lengths) => {
        const bytes = bytesOf(all);
        const decoder = new RecordDecoder();
        const found: StressRecord[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const length = lengths[i % lengths.length] ?? 1;
          found.push(...decoder.push(bytes.subarray(at, at + length)));
          at += length;
        }
        expect(found).toEqual(all);
      },
    ),
  );
});

test("numbers are rounded and limited to 32 bits", () => {
  const bytes = Buffer.alloc(RECORD_BYTES);
  encode({ kind: "commit", role: "writer", worker: 1, waitingUs: 1e12, workingUs: -0.4, atMs: 1.6 }, bytes);
  expect(decode(bytes)).toMatchObject({ waitingUs: 0xffff_ffff, workingUs: 0, atMs: 2 });
});

test("other bytes are refused; a full buffer is one atomic write", () => {
  expect(() => decode(Buffer.alloc(RECORD_BYTES, 0xff))).toThrow(
    "a process of the load sent data that it never sends: bytes that are not a record",
  );
  expect(MAX_RECORDS * RECORD_BYTES).toBeLessThanOrEqual(4096);
});
