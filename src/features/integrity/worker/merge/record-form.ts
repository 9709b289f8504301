/**
 * Whether the records on a page of an index have the form that SQLite gives them: one field for each column and one for
 * the rowid, and nothing behind it. SQLite reads the rowid from the end of a record, so that a field or a byte too many
 * would not be seen otherwise. Pure. Source: https://www.sqlite.org/fileformat2.html (b-tree pages, record format),
 * `vdbeaux.c` (sqlite3VdbeIdxRowid)
 */

export interface RecordForm {
  /** Of a record: the columns of the index and the rowid. */
  readonly fields: number;
  /** Of a page, without its reserved bytes. */
  readonly usableBytes: number;
  /** Fields that SQLite reads as reals: integers of 8 bytes, here and in the table, are rounded then. */
  readonly realFields: readonly number[];
}

/** `children`: of an interior page, from left to right; none on a leaf. Null: some record is of another form. */
export interface IndexPage {
  readonly children: readonly number[];
}

const INTERIOR = 2;
const LEAF = 10;

const TYPE_INT64 = 6;
const TYPE_REAL = 7;

/** From here on not each integer is a real: the table may have another one than this. */
const FIRST_INEXACT = 2 ** 53;
/** Reserved, and in no database that SQLite wrote. */
const RESERVED_TYPES = [10, 11] as const;
const FIRST_VARIABLE_TYPE = 12;

/** Bytes of a value, by its serial type below 12. */
const TYPE_BYTES = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0] as const;

/** Larger ones are no headers of an index record that would be worth a merge. */
const MAX_HEADER_BYTES = 127;

export function readIndexPage(page: Buffer, form: RecordForm): IndexPage | null {
  const type = page[0];
  if (type !== INTERIOR && type !== LEAF) return null;
  const cells = page.readUInt16BE(3);
  const first = type === INTERIOR ? 12 : 8;
  if (first + 2 * cells > form.usableBytes) return null;
  const children: number[] = [];
  for (let i = 0; i < cells; i++) {
    const at = page.readUInt16BE(first + 2 * i);
    if (at < first || at + 4 > form.usableBytes) return null;
    if (type === INTERIOR) children.push(page.readUInt32BE(at));
    if (!isWellFormed(page, type === INTERIOR ? at + 4 : at, form)) return null;
  }
  if (type === INTERIOR) children.push(page.readUInt32BE(8));
  return { children };
}

/** `at`: where the length of the payload begins. */
function isWellFormed(page: Buffer, at: number, { fields, usableBytes, realFields }: RecordForm): boolean {
  let payload = 0;
  let byte = 0;
  let start = at;
  do {
    if (start - at === 5 || start >= usableBytes) return false;
    byte = page[start++] as number;
    payload = payload * 128 + (byte & 0x7f);
  } while (byte >= 0x80);
  const headerBytes = page[start] as number;
  if (start >= usableBytes || headerBytes > MAX_HEADER_BYTES || headerBytes > localBytes(payload, usableBytes))
    return false;
  const end = start + headerBytes;
  const localEnd = Math.min(usableBytes, start + localBytes(payload, usableBytes));
  if (end > usableBytes) return false;
  let body = 0;
  let field = 0;
  let position = start + 1;
  while (position < end) {
    let serial = page[position++] as number;
    if (serial >= 0x80) {
      const begin = position;
      let value = serial & 0x7f;
      if (value === 0) return false; // not the shortest form
      do {
        if (position - begin === 4 || position >= end) return false;
        serial = page[position++] as number;
        value = value * 128 + (serial & 0x7f);
      } while (serial >= 0x80);
      serial = value;
    }
    if (serial >= FIRST_VARIABLE_TYPE) body += Math.floor((serial - FIRST_VARIABLE_TYPE) / 2);
    else {
      if (serial === RESERVED_TYPES[0] || serial === RESERVED_TYPES[1]) return false;
      if (serial === TYPE_INT64 && realFields.includes(field)) return false;
      if (serial === TYPE_REAL && realFields.includes(field)) {
        const value = end + body;
        if (value + 8 > localEnd || Math.abs(page.readDoubleBE(value)) >= FIRST_INEXACT) return false;
      }
      body += TYPE_BYTES[serial] as number;
    }
    field++;
  }
  return field === fields && headerBytes + body === payload;
}

/** How much of a payload is on the page itself. */
function localBytes(payload: number, usableBytes: number): number {
  const most = Math.floor(((usableBytes - 12) * 64) / 255) - 23;
  if (payload <= most) return payload;
  const least = Math.floor(((usableBytes - 12) * 32) / 255) - 23;
  const local = least + ((payload - least) % (usableBytes - 4));
  return local <= most ? local : least;
}
