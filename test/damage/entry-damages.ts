/** One entry of an index: its record has another form, or another rowid. */
import type { ByteDamage } from "./byte-damages.ts";
import { again, otherField, putPayload, recordAt, someEntry, someIndex, split } from "./damage-target.ts";
import type { Random } from "./random.ts";
import {
  blobField,
  encodeRecord,
  type Field,
  integerField,
  integerOf,
  NULL_FIELD,
  realField,
  type StoredRecord,
  textField,
} from "./record.ts";

type Rewrite = (record: StoredRecord, random: Random) => Buffer | null;

/** Of one entry of an index. */
function entryDamage(name: string, rewrite: Rewrite): ByteDamage {
  return {
    name,
    apply: (victim) => {
      again(() => {
        const tree = someIndex(victim);
        if (tree === null) return false;
        const position = someEntry(victim, tree);
        const found = position === null ? null : recordAt(victim, position);
        const payload = found === null ? null : rewrite(found.record, victim.random);
        return position !== null && payload !== null && putPayload(victim, position, payload);
      });
    },
  };
}

function withRowid(change: (rowid: bigint, random: Random) => readonly Field[]): Rewrite {
  return (record, random) => {
    const parts = split(record);
    const value = parts === null ? null : integerOf(parts.rowid);
    if (parts === null || value === null) return null;
    return encodeRecord({ ...record, fields: [...parts.keys, ...change(value, random)] });
  };
}

export const ENTRY_DAMAGES: readonly ByteDamage[] = [
  entryDamage(
    "field-behind-rowid",
    withRowid((rowid, random) => [integerField(rowid), otherField(random)]),
  ),
  entryDamage(
    "rowid-twice",
    withRowid((rowid) => [integerField(rowid), integerField(rowid)]),
  ),
  entryDamage(
    "field-before-rowid",
    withRowid((rowid, random) => [otherField(random), integerField(rowid)]),
  ),
  entryDamage("rowid-missing", (record) => encodeRecord({ ...record, fields: record.fields.slice(0, -1) })),
  entryDamage("key-missing", (record) => encodeRecord({ ...record, fields: record.fields.slice(1) })),
  entryDamage("bytes-behind-record", (record, random) =>
    encodeRecord({ ...record, rest: random.bytes(random.int(1, 9)) }),
  ),
  entryDamage("rowid-behind-record", (record) => {
    const { content } = record.fields.at(-1) ?? NULL_FIELD;
    return encodeRecord({ ...record, rest: content });
  }),
  entryDamage("record-cut", (record) => {
    const payload = encodeRecord(record);
    return payload.subarray(0, payload.length - 1);
  }),
  entryDamage("longer-header-length", (record) => encodeRecord(record, "length")),
  entryDamage("longer-types", (record) => encodeRecord(record, "types")),
  entryDamage("reserved-type", (record, random) => {
    const fields = [...record.fields];
    fields[random.int(0, fields.length - 1)] = { serial: random.pick([10, 11]), content: Buffer.alloc(0) };
    return encodeRecord({ ...record, fields });
  }),
];

export const ROWID_DAMAGES: readonly ByteDamage[] = [
  entryDamage(
    "wider-rowid",
    withRowid((rowid, random) => [integerField(rowid, random.int(1, 8))]),
  ),
  entryDamage(
    "rowid-as-real",
    withRowid((rowid) => [realField(Number(rowid))]),
  ),
  entryDamage(
    "rowid-as-text",
    withRowid((rowid) => [textField(Buffer.from(String(rowid)))]),
  ),
  entryDamage(
    "no-rowid",
    withRowid((_rowid, random) => [random.pick([NULL_FIELD, blobField(Buffer.alloc(0))])]),
  ),
  entryDamage(
    "next-rowid",
    withRowid((rowid, random) => [integerField(rowid + (random.oneIn(2) ? 1n : -1n))]),
  ),
  entryDamage(
    "rowid-of-no-row",
    withRowid((rowid, random) => [integerField(rowid + random.pick([10_000n, 2n ** 31n, 2n ** 53n]))]),
  ),
];
