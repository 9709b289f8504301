import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ParseError } from "../../../src/errors.ts";
import { baseOf, type PageEnd, parseHeaderPage, readPage } from "../../../src/trace/page.ts";
import { LAYOUT, pageOf, pagesFixture, traceText } from "../../support/trace.ts";

const ZERO = { low: 0, high: 0 };

interface Seen {
  readonly records: { offset: number; length: number; ns: number }[];
  readonly end: PageEnd;
}

function seen(content: Uint8Array, bytes = content.length, base = ZERO): Seen {
  const records: Seen["records"] = [];
  const end = readPage(pageOf(content).words, bytes, LAYOUT, base, (offset, length, ns) => {
    records.push({ offset, length, ns });
  });
  return { records, end };
}

/** A page with these words of data. */
function page(words: readonly number[], { ns = 1000n, flags = 0, after = [] as readonly number[] } = {}): Buffer {
  const bytes = Buffer.alloc(LAYOUT.pageSize);
  bytes.writeBigUInt64LE(ns, 0);
  bytes.writeUInt32LE((words.length * 4 + flags) >>> 0, 8);
  [...words, ...after].forEach((word, index) => {
    bytes.writeUInt32LE(word >>> 0, 16 + index * 4);
  });
  return bytes;
}

const header = (type: number, delta: number) => ((delta << 5) | type) >>> 0;
const MISSED = 0x80000000;
const STORED = 0x40000000;

test("the layout is that of the kernel", () => {
  expect(LAYOUT).toEqual({ timestamp: 0, commit: 8, longSize: 8, data: 16, pageSize: 4096 });
  const wide = traceText("header_page").replace("offset:16;\tsize:4080", "offset:16;\tsize:65520");
  expect(parseHeaderPage(wide).pageSize).toBe(65536);
  expect(() => parseHeaderPage("")).toThrow(ParseError);
  expect(() => parseHeaderPage(traceText("header_page").replace("offset:8", "offset:7"))).toThrow(ParseError);
});

describe("each kind of entry", () => {
  test("short records add their delta", () => {
    const { records, end } = seen(page([header(1, 5), 7, header(2, 6), 7, 7]));
    expect(records).toEqual([
      { offset: 20, length: 4, ns: 1005 },
      { offset: 28, length: 8, ns: 1011 },
    ]);
    expect(end).toEqual({ firstNs: 1000, lastNs: 1011, missed: 0, torn: false });
  });

  test("a long record has its length, itself included, in the next word", () => {
    const { records } = seen(page([header(0, 1), 12, 7, 7, header(1, 1), 7]));
    expect(records).toEqual([
      { offset: 24, length: 8, ns: 1001 },
      { offset: 36, length: 4, ns: 1002 },
    ]);
  });

  test("an extended time, a discarded record, and the empty rest of the page", () => {
    const extended = [header(30, 3), 2, header(1, 1), 7];
    const discarded = [header(29, 4), 8, 9, header(1, 1), 7];
    const { records, end } = seen(page([...extended, ...discarded, header(29, 0), 999]));
    expect(records.map(({ ns }) => ns)).toEqual([1000 + 3 + 2 * 2 ** 27 + 1, 1000 + 3 + 2 * 2 ** 27 + 1 + 4 + 1]);
    expect(end.torn).toBe(false);
  });

  test("an absolute time of 59 bits, exactly, after 200 days of uptime", () => {
    const now = BigInt(200 * 86_400) * 1_000_000_000n + 123_456_789n;
    const [low, high] = [Number(now & 0x7ffffffn), Number(now >> 27n)];
    const base = baseOf(now - 1n);
    const { records, end } = seen(page([header(31, low), high, header(1, 2), 7], { ns: now }), 4096, base);
    expect(records.map(({ ns }) => ns)).toEqual([3]);
    expect(end.firstNs).toBe(1);
  });

  test("any time is exact to the ns, from any base within 100 days", () => {
    const uptime = fc.bigInt(0n, 2n ** 58n);
    fc.assert(
      fc.property(uptime, fc.bigInt(-(2n ** 52n), 2n ** 52n), (ns, distance) => {
        const base = ns - distance < 0n ? 0n : ns - distance;
        const stamp = [header(31, Number(ns & 0x7ffffffn)), Number(ns >> 27n), header(1, 0), 7];
        const { records, end } = seen(page(stamp, { ns }), 4096, baseOf(base));
        expect(records[0]?.ns).toBe(Number(ns - base));
        expect(end.firstNs).toBe(Number(ns - base));
      }),
    );
  });
});

describe("missed records", () => {
  test("the number stands behind the data", () => {
    expect(seen(page([header(1, 0), 7], { flags: MISSED + STORED, after: [5, 1] })).end.missed).toBe(5 + 2 ** 32);
  });
  test("at least one where there was no room for the number", () => {
    expect(seen(page([header(1, 0), 7], { flags: MISSED })).end.missed).toBe(1);
  });
  test("of a real page: 4,000 records, a buffer of two pages", () => {
    const [first, ...others] = pagesFixture("lost").map(({ bytes }) => seen(bytes));
    expect(first?.end.missed).toBeGreaterThan(3000);
    expect(others.map(({ end }) => end.missed)).toEqual([0, 0]);
  });
});

describe("a page that is not in form", () => {
  test.each([
    ["shorter than its header", page([]), 8],
    ["more data than was read", page([header(1, 0), 7]), 20],
    ["more data than a page", page([], { flags: 0xffffc }), 4096],
    ["data that ends within a word", page([], { flags: 3 }), 4096],
  ])("%s: none of it is read", (_, content, bytes) => {
    expect(seen(content, bytes)).toEqual({
      records: [],
      end: { firstNs: Number.NaN, lastNs: Number.NaN, missed: 0, torn: true },
    });
  });

  test.each([
    ["a record that ends behind the data", [header(3, 1), 7]],
    ["a long record of no length", [header(0, 1), 0]],
    ["a long record that ends behind the data", [header(0, 1), 4000]],
    ["a length that is not a multiple of 4", [header(0, 1), 5, 7, 7]],
    ["half a time", [header(30, 1)]],
  ])("%s: what stands before it is kept", (_, words) => {
    const { records, end } = seen(page([header(1, 1), 7, ...words]));
    expect(records).toEqual([{ offset: 20, length: 4, ns: 1001 }]);
    expect(end).toMatchObject({ lastNs: 1001, torn: true });
  });

  test("any bytes: every record lies within the page, and nothing throws", () => {
    const any = fc
      .uint8Array({ minLength: 64, maxLength: 64 })
      .chain((start) => fc.tuple(fc.constant(start), fc.nat(4096), fc.nat(5000)));
    const real = pagesFixture("calls")[0]?.bytes ?? Buffer.alloc(4096);
    fc.assert(
      fc.property(any, fc.nat(4030), ([noise, size, commit], at) => {
        const content = Buffer.from(real);
        content.set(noise, at);
        content.writeUInt32LE(commit, 8);
        for (const { offset, length } of seen(content, size).records) {
          expect(offset % 4).toBe(0);
          expect(length).toBeGreaterThanOrEqual(0);
          expect(offset + length).toBeLessThanOrEqual(size);
        }
      }),
    );
  });
});
