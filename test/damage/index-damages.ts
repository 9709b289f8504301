/**
 * Damage to single records of indexes and tables. Pages stay well formed and counts of entries mostly the same: only a
 * comparison of table and index can find it.
 */
import type { ByteDamage, Tree, Victim } from "./byte-damages.ts";
import {
  type Cell,
  cellAt,
  type Entry,
  entriesOf,
  INDEX_INTERIOR,
  INDEX_LEAF,
  type Position,
  putCell,
  readPage,
  TABLE_LEAF,
  writePage,
} from "./index-records.ts";
import type { Random } from "./random.ts";
import {
  blobField,
  decodeRecord,
  encodeRecord,
  type Field,
  integerField,
  integerOf,
  NULL_FIELD,
  realField,
  type StoredRecord,
  textField,
  varint,
} from "./record.ts";
import { type Encode, VALUE_CHANGES } from "./value-changes.ts";

/** How often another entry is tried where a change does not fit on the page, or the value has no such change. */
const TRIES = 12;

function typeOf({ bytes, pageSize }: Victim, page: number): number {
  return bytes[(page - 1) * pageSize] ?? 0;
}

function isIndex(victim: Victim, { root }: Tree): boolean {
  return [INDEX_INTERIOR, INDEX_LEAF].includes(typeOf(victim, root));
}

/** Of more than one page, or with more than one entry. */
function isFilled(victim: Victim, { root }: Tree): boolean {
  const { bytes, pageSize } = victim;
  const at = (root - 1) * pageSize;
  return (
    at + 5 <= bytes.length && ([INDEX_INTERIOR, 5].includes(typeOf(victim, root)) || bytes.readUInt16BE(at + 3) > 1)
  );
}

/** An index, or a table WITHOUT ROWID, that has entries; null: there is none. */
function someIndex(victim: Victim, fits: (tree: Tree) => boolean = () => true): Tree | null {
  const filled = victim.trees.filter((tree) => isIndex(victim, tree) && isFilled(victim, tree));
  const fitting = filled.filter(fits);
  const some = fitting.length > 0 ? fitting : filled;
  return some.length === 0 ? null : victim.random.pick(some);
}

function someTable(victim: Victim): Tree | null {
  const some = victim.trees.filter((tree) => !isIndex(victim, tree) && isFilled(victim, tree));
  const indexed = some.filter(({ name }) => victim.trees.some(({ type, table }) => type === "index" && table === name));
  const choices = indexed.length > 0 ? indexed : some;
  return choices.length === 0 ? null : victim.random.pick(choices);
}

function someEntry(victim: Victim, { root }: Tree): Entry | null {
  const entries = entriesOf(victim, root);
  return entries.length === 0 ? null : victim.random.pick(entries);
}

function encoderOf({ bytes }: Victim): Encode {
  const encoding = bytes.length >= 60 ? bytes.readUInt32BE(56) : 1;
  return (text) => {
    if (encoding === 1) return Buffer.from(text, "utf8");
    const units = Buffer.from(text, "utf16le");
    return encoding === 2 ? units : units.swap16();
  };
}

function again(act: () => boolean): void {
  for (let i = 0; i < TRIES; i++) if (act()) return;
}

function recordAt(victim: Victim, position: Position): { cell: Cell; record: StoredRecord } | null {
  const cell = cellAt(victim, position);
  const record = cell === null ? null : decodeRecord(cell.payload);
  return cell === null || record === null ? null : { cell, record };
}

function putPayload(victim: Victim, position: Position, payload: Buffer): boolean {
  const cell = cellAt(victim, position);
  return cell !== null && !cell.payload.equals(payload) && putCell(victim, position, { ...cell, payload });
}

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

function split({ fields }: StoredRecord): { keys: readonly Field[]; rowid: Field } | null {
  const rowid = fields.at(-1);
  return rowid === undefined || fields.length < 2 ? null : { keys: fields.slice(0, -1), rowid };
}

function withRowid(change: (rowid: bigint, random: Random) => readonly Field[]): Rewrite {
  return (record, random) => {
    const parts = split(record);
    const value = parts === null ? null : integerOf(parts.rowid);
    if (parts === null || value === null) return null;
    return encodeRecord({ ...record, fields: [...parts.keys, ...change(value, random)] });
  };
}

function other(random: Random): Field {
  return random.pick([NULL_FIELD, integerField(0n), integerField(7n), textField(Buffer.from("x")), realField(1.5)]);
}

const entryDamages: readonly ByteDamage[] = [
  entryDamage(
    "field-behind-rowid",
    withRowid((rowid, random) => [integerField(rowid), other(random)]),
  ),
  entryDamage(
    "rowid-twice",
    withRowid((rowid) => [integerField(rowid), integerField(rowid)]),
  ),
  entryDamage(
    "field-before-rowid",
    withRowid((rowid, random) => [other(random), integerField(rowid)]),
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

const rowidDamages: readonly ByteDamage[] = [
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

function valueDamages(names: readonly string[]): ByteDamage[] {
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
const EQUAL_VALUES = ["other-case", "blanks-at-the-end", "integer-as-real", "real-as-integer", "next-real", "nan"];

function rewriteRow(victim: Victim, rewrite: (record: StoredRecord) => Buffer | null): boolean {
  const tree = someTable(victim);
  if (tree === null) return false;
  const position = someEntry(victim, tree);
  const found = position === null ? null : recordAt(victim, position);
  const payload = found === null ? null : rewrite(found.record);
  return position !== null && payload !== null && putPayload(victim, position, payload);
}

/** Exchanges two payloads; with `keepRowid` each entry keeps its own last field. */
function exchange(victim: Victim, a: Position, b: Position): boolean {
  const [first, second] = [cellAt(victim, a), cellAt(victim, b)];
  if (first === null || second === null || first.payload.equals(second.payload)) return false;
  const swap = (position: Position, cell: Cell, { payload, overflow }: Cell) =>
    putCell(victim, position, { ...cell, payload, overflow });
  if (!swap(a, first, second)) return false;
  if (swap(b, second, first)) return true;
  putCell(victim, a, first);
  return false;
}

/** Two places in one index, by a choice among all of its places in order. */
function pairDamage(
  name: string,
  choose: (places: readonly Position[], victim: Victim) => readonly [Position, Position] | null,
  act: (victim: Victim, pair: readonly [Position, Position]) => boolean = (victim, [a, b]) => exchange(victim, a, b),
): ByteDamage {
  return {
    name,
    apply: (victim) => {
      again(() => {
        const tree = someIndex(victim);
        const pair = tree === null ? null : choose(entriesOf(victim, tree.root), victim);
        return pair !== null && act(victim, pair);
      });
    },
  };
}

function neighbours(places: readonly Position[], { random }: Victim): readonly [Position, Position] | null {
  const at = random.int(0, Math.max(0, places.length - 2));
  const [a, b] = [places[at], places[at + 1]];
  if (a === undefined || b === undefined) return null;
  return random.oneIn(2) ? [a, b] : [b, a];
}

function anyTwo(places: readonly Position[], { random }: Victim): readonly [Position, Position] | null {
  return places.length < 2 ? null : [random.pick(places), random.pick(places)];
}

function innerAndLeaf(places: readonly Position[], victim: Victim): readonly [Position, Position] | null {
  const isInner = ({ page }: Position) => typeOf(victim, page) === INDEX_INTERIOR;
  const at = places.flatMap((place, i) => (isInner(place) ? [i] : []));
  const inner = at.length === 0 ? undefined : victim.random.pick(at);
  const [a, b] = inner === undefined ? [] : [places[inner], places[inner + victim.random.pick([-1, 1])]];
  return a === undefined || b === undefined ? null : [a, b];
}

function acrossPages(places: readonly Position[], { random }: Victim): readonly [Position, Position] | null {
  const [a, b] = places.length < 2 ? [] : [random.pick(places), random.pick(places)];
  return a === undefined || b === undefined || a.page === b.page ? null : [a, b];
}

/** The first becomes what the second is, or its key or rowid alone. */
function copyOver(part: "all" | "key" | "rowid") {
  return (victim: Victim, [to, from]: readonly [Position, Position]): boolean => {
    const [target, source] = [recordAt(victim, to), recordAt(victim, from)];
    const [own, others] = [target && split(target.record), source && split(source.record)];
    if (!target || !source || !own || !others) return false;
    const keys = part === "rowid" ? own.keys : others.keys;
    const rowid = part === "key" ? own.rowid : others.rowid;
    return putPayload(victim, to, encodeRecord({ ...target.record, fields: [...keys, rowid] }));
  };
}

function exchangeRowids(victim: Victim, [a, b]: readonly [Position, Position]): boolean {
  const before = recordAt(victim, a);
  const rowid = before?.record.fields.at(-1);
  if (!copyOver("rowid")(victim, [a, b]) || rowid === undefined) return false;
  const target = recordAt(victim, b);
  const parts = target && split(target.record);
  return (
    !!parts && !!target && putPayload(victim, b, encodeRecord({ ...target.record, fields: [...parts.keys, rowid] }))
  );
}

const pairDamages: readonly ByteDamage[] = [
  pairDamage("neighbours-swapped", neighbours),
  pairDamage("entries-swapped", anyTwo),
  pairDamage("entries-of-two-pages-swapped", acrossPages),
  pairDamage("inner-and-leaf-swapped", innerAndLeaf),
  pairDamage("copy-of-neighbour", neighbours, copyOver("all")),
  pairDamage("key-of-neighbour", neighbours, copyOver("key")),
  pairDamage("copy-of-entry", anyTwo, copyOver("all")),
];

const rowidPairDamages: readonly ByteDamage[] = [
  pairDamage("rowid-of-neighbour", neighbours, copyOver("rowid")),
  pairDamage("rowids-exchanged", anyTwo, exchangeRowids),
  pairDamage("rowids-of-neighbours-exchanged", neighbours, exchangeRowids),
];

/** Entries of two indexes, mostly of one table. */
const entriesOfTwoIndexes: ByteDamage = {
  name: "entries-of-two-indexes",
  apply: (victim) => {
    again(() => {
      const one = someIndex(victim);
      const two = someIndex(victim, ({ table, name }) => table === one?.table && name !== one.name);
      if (one === null || two === null) return false;
      const [a, b] = [entriesOf(victim, one.root), entriesOf(victim, two.root)];
      return a.length > 0 && b.length > 0 && exchange(victim, victim.random.pick(a), victim.random.pick(b));
    });
  },
};

/** Pages of one index whose children are leaves. */
function parents(victim: Victim, tree: Tree): number[] {
  return [...new Set(entriesOf(victim, tree.root).map(({ page }) => page))].filter(
    (page) => typeOf(victim, page) === INDEX_INTERIOR,
  );
}

const pageDamages: readonly ByteDamage[] = [
  {
    name: "children-exchanged",
    apply: (victim) => {
      again(() => {
        const tree = someIndex(victim, (some) => parents(victim, some).length > 0);
        const inner = tree === null ? [] : parents(victim, tree);
        if (inner.length === 0) return false;
        const page = victim.random.pick(inner);
        const old = readPage(victim, page);
        if (old === null || old.cells.length < 1) return false;
        const children = [...old.cells.map(({ child }) => child ?? 0), old.rightChild];
        const a = victim.random.int(0, children.length - 2);
        const b = victim.random.int(a + 1, children.length - 1);
        [children[a], children[b]] = [children[b] ?? 0, children[a] ?? 0];
        return writePage(victim, page, {
          ...old,
          cells: old.cells.map((cell, i) => ({ ...cell, child: children[i] ?? 0 })),
          rightChild: children.at(-1) ?? 0,
        });
      });
    },
  },
  {
    name: "leaf-reversed",
    apply: (victim) => {
      again(() => {
        const tree = someIndex(victim);
        if (tree === null) return false;
        const page = someEntry(victim, tree)?.page ?? 0;
        const old = readPage(victim, page);
        return old?.type === INDEX_LEAF && writePage(victim, page, { ...old, cells: old.cells.toReversed() });
      });
    },
  },
  {
    name: "leaf-laid-out-anew",
    apply: (victim) => {
      const tree = someIndex(victim);
      const page = (tree === null ? null : someEntry(victim, tree)?.page) ?? 0;
      const old = readPage(victim, page);
      if (old !== null) writePage(victim, page, old);
    },
  },
];

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

const rowDamages: readonly ByteDamage[] = [
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
        rewriteRow(victim, (record) => encodeRecord({ ...record, fields: [...record.fields, other(victim.random)] })),
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

/** Each kind is as likely as the others in a recipe. */
export const KINDS_OF_INDEX_DAMAGE: readonly (readonly ByteDamage[])[] = [
  entryDamages,
  [...rowidDamages, ...rowidPairDamages],
  valueDamages(EQUAL_VALUES),
  valueDamages(Object.keys(VALUE_CHANGES).filter((name) => !EQUAL_VALUES.includes(name))),
  [...pairDamages, entriesOfTwoIndexes, ...pageDamages],
  rowDamages,
];

export const INDEX_DAMAGES = KINDS_OF_INDEX_DAMAGE.flat();
