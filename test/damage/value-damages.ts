/** One value of an index, of a table, or of both. */
import type { ByteDamage, Tree, Victim } from "./byte-damages.ts";
import { again, encoderOf, putPayload, recordAt, rewriteRow, someEntry, someIndex, split } from "./damage-target.ts";
import { entriesOf } from "./index-records.ts";
import { decodeRecord, encodeRecord, type Field, integerOf, varint } from "./record.ts";
import { VALUE_CHANGES } from "./value-changes.ts";

const COLLATION_OF: Readonly<Record<string, string>> = { "other-case": "NOCASE", "blanks-at-the-end": "RTRIM" };

/** One value of an entry of an index. @returns what was there, and the rowid. */
function changeEntry(victim: Victim, name: string): { old: Field; now: Field; rowid: Field; tree: Tree } | null {
  const collation = COLLATION_OF[name];
  const tree = someIndex(victim, ({ collations }) => collation === undefined || collations.includes(collation));
  if (tree === null) return null;
  const position = someEntry(victim, tree);
  const found = position === null ? null : recordAt(victim, position);
  const parts = found === null ? null : split(found.record);
  if (position === null || found === null || parts === null) return null;
  const changed = changedField(victim, name, parts.keys);
  if (changed === null) return null;
  const { at, old, now } = changed;
  const payload = encodeRecord({ ...found.record, fields: found.record.fields.with(at, now) });
  return putPayload(victim, position, payload) ? { old, now, rowid: parts.rowid, tree } : null;
}

/** Of those that can be changed so: one. */
function changedField(
  victim: Victim,
  name: string,
  fields: readonly Field[],
): { at: number; old: Field; now: Field } | null {
  const encode = encoderOf(victim);
  const changes = fields.flatMap((old, at) => {
    const now = VALUE_CHANGES[name]?.(old, victim.random, encode) ?? null;
    return now === null ? [] : [{ at, old, now }];
  });
  return changes.length === 0 ? null : victim.random.pick(changes);
}

function rootOfTable(victim: Victim, { table }: Tree): number {
  return victim.trees.find(({ type, name }) => type === "table" && name === table)?.root ?? 0;
}

/** The same change to the row that the entry is of: no damage, unless the order of the index is another now. */
function changeRow(victim: Victim, { old, now, rowid, tree }: { old: Field; now: Field; rowid: Field; tree: Tree }) {
  const wanted = integerOf(rowid);
  if (wanted === null || wanted < 0n) return;
  const rows = entriesOf(victim, rootOfTable(victim, tree));
  const row = rows.find(({ cell }) => cell.rowid?.equals(varint(Number(wanted))));
  const record = row === undefined ? null : decodeRecord(row.cell.payload);
  if (row === undefined || record === null) return;
  const at = record.fields.findIndex(({ serial, content }) => serial === old.serial && content.equals(old.content));
  if (at >= 0) putPayload(victim, row, encodeRecord({ ...record, fields: record.fields.with(at, now) }));
}

export function valueDamages(names: readonly string[]): ByteDamage[] {
  return names.flatMap((name): ByteDamage[] => [
    { name: `${name}-in-index`, apply: (victim) => again(() => changeEntry(victim, name) !== null) },
    {
      name: `${name}-in-both`,
      apply: (victim) => {
        again(() => {
          const changed = changeEntry(victim, name);
          if (changed !== null) changeRow(victim, changed);
          return changed !== null;
        });
      },
    },
    {
      name: `${name}-in-row`,
      apply: (victim) =>
        again(() =>
          rewriteRow(victim, (record) => {
            const changed = changedField(victim, name, record.fields);
            if (changed === null) return null;
            return encodeRecord({ ...record, fields: record.fields.with(changed.at, changed.now) });
          }),
        ),
    },
  ]);
}

/** What differs is equal to a collation, or to SQLite. */
export const EQUAL_VALUES = [
  "other-case",
  "blanks-at-the-end",
  "integer-as-real",
  "real-as-integer",
  "next-real",
  "nan",
];
