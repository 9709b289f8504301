/**
 * A page of `per_cpu/cpuN/trace_pipe_raw`: records with their times. Source: include/linux/ring_buffer.h,
 * kernel/trace/ring_buffer.c (struct buffer_data_page, rb_event_length, ring_buffer_read_page).
 */
import { ParseError } from "../errors.ts";
import { type Field, parseFields } from "./format.ts";

/** `events/header_page`: where the parts of a page are. */
export interface PageLayout {
  readonly timestamp: number;
  /** The bytes of data that are written, and two flags. */
  readonly commit: number;
  /** 8, on a 32-bit kernel 4: also the size of the number of missed events. */
  readonly longSize: number;
  readonly data: number;
  readonly pageSize: number;
}

/** @throws ParseError */
export function parseHeaderPage(text: string, file = "events/header_page"): PageLayout {
  const fields = parseFields(text, file);
  const field = (name: string, sizes: readonly number[] | null): Field => {
    const found = fields.get(name);
    if (found === undefined || found.offset % 4 !== 0 || (sizes !== null && !sizes.includes(found.size)))
      throw new ParseError(file, text);
    return found;
  };
  const commit = field("commit", [4, 8]);
  const data = field("data", null);
  if (data.size === 0 || data.size % 4 !== 0) throw new ParseError(file, text);
  return {
    timestamp: field("timestamp", [8]).offset,
    commit: commit.offset,
    longSize: commit.size,
    data: data.offset,
    pageSize: data.offset + data.size,
  };
}

/** A time in ns as two halves of 32 bits: the start of the recording, from which all times count. */
export interface Base {
  readonly low: number;
  readonly high: number;
}

export function baseOf(ns: bigint): Base {
  return { low: Number(BigInt.asUintN(32, ns)), high: Number(BigInt.asUintN(32, ns >> 32n)) };
}

/** Offset and length in bytes of a record's data in the page, and its time in ns since the start. */
export type OnRecord = (offset: number, length: number, ns: number) => void;

export interface PageEnd {
  /** The time of the page in ns: that of its first record. NaN where the page cannot be read at all. */
  readonly firstNs: number;
  /** Of its last record; else `firstNs`. */
  readonly lastNs: number;
  /** So many records were overwritten before this page. 1 where the kernel does not say how many. */
  readonly missed: number;
  /** It is not in the form of a page from some place on: what stands there was dropped. */
  readonly torn: boolean;
}

const MISSED_EVENTS = 0x80000000;
const MISSED_STORED = 0x40000000;
/** RB_WRITE_MASK */
const COMMITTED = 0xfffff;

/** The longest record whose length is in its header, in words; longer ones have it in the next word: type 0. */
const LONGEST_SHORT = 28;
const PADDING = 29;
const TIME_EXTEND = 30;
const TIME_STAMP = 31;
/** `time_delta` has 27 bits. */
const DELTA_RANGE = 2 ** 27;
const HIGH = 2 ** 32;

/** `words`: the page, in the byte order of the machine; `bytes` of it were read. */
export function readPage(
  words: Uint32Array,
  bytes: number,
  layout: PageLayout,
  base: Base,
  onRecord: OnRecord,
): PageEnd {
  const word = (offset: number) => words[offset >> 2] ?? 0;
  const first = (word(layout.timestamp + 4) - base.high) * HIGH + (word(layout.timestamp) - base.low);
  const commit = word(layout.commit);
  const end = layout.data + (commit & COMMITTED);
  if (bytes < layout.data || end > bytes || end > words.byteLength || end % 4 !== 0)
    return { firstNs: Number.NaN, lastNs: Number.NaN, missed: 0, torn: true };
  let missed = 0;
  if ((commit & MISSED_EVENTS) !== 0) {
    const stored = (commit & MISSED_STORED) !== 0 && end + layout.longSize <= bytes;
    missed = stored ? word(end) + (layout.longSize === 8 ? word(end + 4) * HIGH : 0) : 1;
  }
  let ns = first;
  let last = first;
  let offset = layout.data;
  while (offset < end) {
    const header = words[offset >> 2] ?? 0;
    const type = header & 31;
    const delta = header >>> 5;
    if (type >= 1 && type <= LONGEST_SHORT) {
      const length = type * 4;
      if (offset + 4 + length > end) break;
      ns += delta;
      last = ns;
      onRecord(offset + 4, length, ns);
      offset += 4 + length;
      continue;
    }
    if (offset + 8 > end && !(type === PADDING && delta === 0)) break;
    const next = words[(offset >> 2) + 1] ?? 0;
    if (type === TIME_EXTEND) {
      ns += delta + next * DELTA_RANGE;
      offset += 8;
    } else if (type === TIME_STAMP) {
      // 59 bits: the upper 32 of them are those above the 27 of the delta
      ns = ((next >>> 5) - base.high) * HIGH + (((delta | (next << 27)) >>> 0) - base.low);
      offset += 8;
    } else {
      // the rest of the page is empty
      if (type === PADDING && delta === 0) return { firstNs: first, lastNs: last, missed, torn: false };
      if (next < 4 || next % 4 !== 0 || offset + 4 + next > end) break;
      ns += delta;
      if (type === 0) {
        last = ns;
        onRecord(offset + 8, next - 4, ns);
      }
      offset += 4 + next;
    }
  }
  return { firstNs: first, lastNs: last, missed, torn: offset < end };
}
