/** Rows of a table: exchanged, removed, longer or shorter than its columns. */
import type { ByteDamage, Victim } from "./byte-damages.ts";
import { again, otherField, rewriteRow, someEntry, someTable, typeOf } from "./damage-target.ts";
import {
  type Entry,
  entriesOf,
  INDEX_INTERIOR,
  INDEX_LEAF,
  type Position,
  readPage,
  TABLE_LEAF,
  writePage,
} from "./index-records.ts";
import { anyTwo, exchange } from "./pair-damages.ts";
import { decodeRecord, encodeRecord, integerOf, NULL_FIELD, varint } from "./record.ts";

function removeCell(victim: Victim, { page, slot }: Position): boolean {
  const old = readPage(victim, page);
  const cell = old?.cells[slot];
  if (old === null || cell === undefined || old.type === INDEX_INTERIOR || cell.overflow.length > 0) return false;
  return writePage(victim, page, { ...old, cells: old.cells.toSpliced(slot, 1) });
}

/** A row and, of each of its indexes, an entry: of one index that of another row. Counts stay equal. */
function removeRowAndOtherEntry(victim: Victim): boolean {
  const table = someTable(victim);
  if (table === null) return false;
  const row = someEntry(victim, table);
  const rowid = row?.cell.rowid;
  const indexes = victim.trees.filter(({ type, table: of }) => type === "index" && of === table.name);
  if (row === null || rowid === undefined || rowid === null || indexes.length === 0) return false;
  const wrong = victim.random.pick(indexes);
  const entries = indexes.map((index) => {
    const all = entriesOf(victim, index.root).filter((place) => typeOf(victim, place.page) === INDEX_LEAF);
    const own = ({ cell }: Entry) => {
      const value = integerOf(decodeRecord(cell.payload)?.fields.at(-1) ?? NULL_FIELD);
      return value !== null && value >= 0n && varint(Number(value)).equals(rowid);
    };
    const choices = all.filter((place) => own(place) !== (index === wrong));
    return choices.length === 0 ? null : victim.random.pick(choices);
  });
  if (entries.includes(null)) return false;
  if (!removeCell(victim, row)) return false;
  for (const entry of entries) if (entry !== null) removeCell(victim, entry);
  return true;
}

export const ROW_DAMAGES: readonly ByteDamage[] = [
  { name: "row-and-other-entry-removed", apply: (victim) => again(() => removeRowAndOtherEntry(victim)) },
  {
    name: "row-shorter",
    apply: (victim) =>
      again(() =>
        rewriteRow(victim, (record) =>
          record.fields.length < 2
            ? null
            : encodeRecord({ ...record, fields: record.fields.slice(0, -victim.random.int(1, 2)) }),
        ),
      ),
  },
  {
    name: "row-longer",
    apply: (victim) =>
      again(() =>
        rewriteRow(victim, (record) =>
          encodeRecord({ ...record, fields: [...record.fields, otherField(victim.random)] }),
        ),
      ),
  },
  {
    name: "bytes-behind-row",
    apply: (victim) =>
      again(() => rewriteRow(victim, (record) => encodeRecord({ ...record, rest: victim.random.bytes(3) }))),
  },
  {
    name: "rows-exchanged",
    apply: (victim) => {
      again(() => {
        const table = someTable(victim);
        const pair = table === null ? null : anyTwo(entriesOf(victim, table.root), victim);
        return pair !== null && exchange(victim, ...pair);
      });
    },
  },
  { name: "rowid-doubled", apply: (victim) => again(() => changeRowids(victim, "doubled")) },
  { name: "rows-out-of-order", apply: (victim) => again(() => changeRowids(victim, "swapped")) },
];

/** Of two neighbours on a leaf of a table. */
function changeRowids(victim: Victim, how: "doubled" | "swapped"): boolean {
  const table = someTable(victim);
  if (table === null) return false;
  const { page, slot } = someEntry(victim, table) ?? { page: 0, slot: 0 };
  const old = readPage(victim, page);
  const [a, b] = [old?.cells[slot], old?.cells[slot + 1]];
  if (old?.type !== TABLE_LEAF || a === undefined || b === undefined) return false;
  const cells = old.cells.with(slot + 1, { ...b, rowid: a.rowid });
  return writePage(victim, page, {
    ...old,
    cells: how === "doubled" ? cells : cells.with(slot, { ...a, rowid: b.rowid }),
  });
}
